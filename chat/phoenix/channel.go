package phoenix

// channelState is where a channel is in its life.
type channelState uint8

const (
	// channelJoining: Join is running; what is sent is held for after its answer.
	channelJoining channelState = iota
	channelJoined
	channelClosed
)

// Channel is one joined topic of one connection. Its methods may be called by
// many goroutines at once and never block.
type Channel struct {
	// Assigns is the application's own. Phoenix does not touch it, and guards
	// nothing: set it in Join (or Adopt), before the channel is shared.
	Assigns any

	conn    *Conn
	topic   string
	joinRef ref

	// conn.mu guards what follows.
	state channelState
	held  []*frame
}

// Topic is the topic as the client wrote it.
func (ch *Channel) Topic() string { return ch.topic }

// JoinRef is the client's reference of the join as JSON: a string, an integer,
// or null for an adopted channel.
func (ch *Channel) JoinRef() string { return string(ch.joinRef) }

// Conn is the connection that the channel lives on.
func (ch *Channel) Conn() *Conn { return ch.conn }

// Push queues one event for this channel's client alone. The payload is
// encoded now: json.RawMessage as it is, Binary as a binary frame, nil as {},
// everything else as encoding/json does. The error tells of a payload that
// cannot be encoded; a push to a channel that is gone is dropped silently.
func (ch *Channel) Push(event string, payload any) error {
	f, err := ch.conn.encodePush(ch.joinRef, noRef, ch.topic, event, payload)
	if err != nil {
		return err
	}
	ch.send(f)
	return nil
}

// Send queues a broadcast, whose bytes are shared by all who get it. On a
// channel that is gone it does nothing; nor for a binary broadcast to a client
// that cannot take one.
func (ch *Channel) Send(b *Broadcast) {
	if b.binary && !ch.conn.takesBinary() {
		return
	}
	ch.send(b.frame(ch.conn.version))
}

// Close ends the channel with phx_close: the client does not join again by
// itself. Session.Leave follows, on another goroutine.
func (ch *Channel) Close() { ch.end(eventClose) }

// Error ends the channel with phx_error: the client joins again. Session.Leave
// follows, on another goroutine.
func (ch *Channel) Error() { ch.end(eventError) }

// send queues a frame, or holds it until the answer to the join is queued.
func (ch *Channel) send(f *frame) {
	c := ch.conn
	c.mu.Lock()
	var kick bool
	switch ch.state {
	case channelJoined:
		kick = c.queue(f)
	case channelJoining:
		kick = ch.hold(f)
	}
	c.mu.Unlock()
	c.afterQueue(kick)
}

// hold keeps a frame while the join is being answered, with conn.mu held. As
// many may wait as, with the answer, fit the outbox.
func (ch *Channel) hold(f *frame) (kick bool) {
	c := ch.conn
	if len(ch.held)+1 < c.endpoint.options.OutboxFrames {
		ch.held = append(ch.held, f)
		return false
	}
	ch.held = nil
	ch.state = channelClosed
	c.channels.remove(ch)
	c.endpoint.stats.overflows.Add(1)
	return c.beginClose(closeOverloaded, "too slow")
}

// end takes the channel out and tells the client by event. If its join is
// still running, the event follows the answer, and then Leave.
func (ch *Channel) end(event string) {
	c := ch.conn
	f, _ := c.encodePush(ch.joinRef, ch.joinRef, ch.topic, event, nil) // {} always encodes
	c.mu.Lock()
	state := ch.state
	if state == channelClosed || c.ended {
		c.mu.Unlock()
		return
	}
	ch.state = channelClosed
	c.channels.remove(ch)
	if state == channelJoining {
		ch.held = append(ch.held, f)
		c.mu.Unlock()
		return
	}
	c.gone = append(c.gone, ch)
	c.endpoint.running.Add(1)
	kick := c.queue(f)
	c.mu.Unlock()
	c.afterQueue(kick)
	go c.leaveLater()
}

// leaveLater tells the session, once it has time, of channels that are gone.
func (c *Conn) leaveLater() {
	defer c.endpoint.running.Done()
	c.serial.Lock()
	defer c.serial.Unlock()
	c.leaveGone()
}
