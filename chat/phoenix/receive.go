package phoenix

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// receive takes one message from the client and calls the session for it. The
// bytes may be reused afterwards.
func (c *Conn) receive(binary bool, b []byte) {
	defer c.rescue("receive")
	c.seen.Store(time.Now().UnixNano())
	c.endpoint.stats.framesIn.Add(1)
	c.pace()
	m, err := c.decode(binary, b)
	if err != nil {
		c.fail(err)
		return
	}
	c.serial.Lock()
	defer c.serial.Unlock()
	if c.isClosing() {
		return
	}
	c.leaveGone()
	c.dispatch(&m)
}

// pace makes the goroutine that reads wait while its client sends more than
// Options.FramesPerSecond. Nothing is lost; the client's own sending stalls.
func (c *Conn) pace() {
	now := time.Now().UnixNano()
	c.due = max(c.due, now-int64(time.Second)) + int64(time.Second)/int64(c.endpoint.options.FramesPerSecond)
	if c.due <= now {
		return
	}
	wait := time.NewTimer(time.Duration(c.due - now))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.ctx.Done():
	}
}

// decode reads a frame. Its payload no longer refers to b.
func (c *Conn) decode(binary bool, b []byte) (message, error) {
	if !binary {
		m, err := decodeText(c.version, b)
		m.payload = append([]byte(nil), m.payload...)
		return m, err
	}
	if c.version == V1 {
		return message{}, errBinaryV1
	}
	m, err := decodeBinary(b)
	m.data = append([]byte(nil), m.data...)
	return m, err
}

var errBinaryV1 = errors.New("binary frame from a V1 client")

// dispatch does what a message asks for, one clause for each situation.
func (c *Conn) dispatch(m *message) {
	if m.topic == controlTopic && m.event == eventHeartbeat {
		c.reply(m, statusOK, nil)
		return
	}
	c.mu.Lock()
	ch := c.channels.get(m.topic)
	c.mu.Unlock()
	switch {
	case m.event == eventJoin:
		c.replace(ch)
		c.join(m)
	case ch != nil && m.stale(ch.joinRef):
	case m.event == eventLeave:
		c.reply(m, statusOK, nil)
		c.replace(ch)
	case reserved(m.event):
		c.reply(m, statusError, reason("reserved event"))
	case ch == nil:
		c.pushUnjoined(m)
	default:
		c.push(ch, m)
	}
}

// reserved reports whether an event is the protocol's own, which a client may
// not push: other clients would take it for the server's word.
func reserved(event string) bool {
	return event == "" || len(event) >= 4 && event[:4] == "phx_"
}

// replace ends a channel, if there is one, for the client's own reason.
func (c *Conn) replace(ch *Channel) {
	if ch == nil {
		return
	}
	f, _ := c.encodePush(ch.joinRef, ch.joinRef, ch.topic, eventClose, nil) // {} always encodes
	c.mu.Lock()
	if ch.state == channelClosed {
		c.mu.Unlock()
		return
	}
	ch.state = channelClosed
	c.channels.remove(ch)
	c.mu.Unlock()
	c.answer(f)
	c.guard("Leave", func() { c.session.Leave(ch) })
}

// open enters a channel that is about to be joined, or answers that there are
// too many.
func (c *Conn) open(m *message, joinRef ref) *Channel {
	ch := &Channel{conn: c, topic: m.topic, joinRef: joinRef}
	c.mu.Lock()
	full := c.channels.len() >= c.endpoint.options.Channels
	if !full {
		c.channels.put(ch)
	}
	c.mu.Unlock()
	if full {
		c.reply(m, statusError, reason("too many channels"))
		return nil
	}
	return ch
}

// join asks the session and answers.
func (c *Conn) join(m *message) {
	if m.binary {
		c.reply(m, statusError, reason("binary payload"))
		return
	}
	joinRef := m.joinRef
	if joinRef == noRef { // V1
		joinRef = m.ref
	}
	ch := c.open(m, joinRef)
	if ch == nil {
		return
	}
	var response any
	var err error
	if !c.guard("Join", func() { response, err = c.session.Join(c.ctx, ch, m.payload) }) {
		c.abandon(ch)
		return
	}
	if err != nil {
		c.abandon(ch)
		c.reply(m, statusError, c.errorResponse("join", err, "join crashed"))
		return
	}
	f, err := c.encodeReply(joinRef, m.ref, m.topic, statusOK, response)
	if err != nil {
		c.endpoint.log("join answered with what cannot be encoded", c, err)
		f, _ = c.encodeReply(joinRef, m.ref, m.topic, statusError, reason("join crashed"))
		ch.Error()
	}
	if c.settle(ch, f) {
		c.endpoint.stats.joined.Add(1)
	}
}

// abandon takes out a channel that was not joined after all.
func (c *Conn) abandon(ch *Channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch.state = channelClosed
	ch.held = nil
	c.channels.remove(ch)
}

// settle queues the answer to a join (nil for an adoption) and what was held
// behind it. A channel that was ended meanwhile is left at once.
func (c *Conn) settle(ch *Channel, answer *frame) (joined bool) {
	c.mu.Lock()
	kick := c.queue(answer)
	for _, f := range ch.held {
		kick = c.queue(f) || kick
	}
	ch.held = nil
	if ch.state == channelJoining {
		ch.state = channelJoined
		joined = true
	}
	c.mu.Unlock()
	if kick {
		c.link.flush()
	}
	if !joined {
		c.guard("Leave", func() { c.session.Leave(ch) })
	}
	return joined
}

// pushUnjoined offers a push to an unjoined topic for adoption.
func (c *Conn) pushUnjoined(m *message) {
	adopter, ok := c.session.(Adopter)
	if !ok || m.binary {
		c.reply(m, statusError, UnmatchedTopic.Response)
		return
	}
	ch := c.open(m, noRef)
	if ch == nil {
		return
	}
	var err error
	if !c.guard("Adopt", func() { err = adopter.Adopt(c.ctx, ch, m.event) }) {
		c.abandon(ch)
		return
	}
	if err != nil {
		c.abandon(ch)
		c.reply(m, statusError, c.errorResponse("adoption", err, "unmatched topic"))
		return
	}
	if c.settle(ch, nil) {
		c.push(ch, m)
	}
}

// push hands an event to the session and answers. An error that is not meant
// for the client ends the channel, as a crash does in Phoenix.
func (c *Conn) push(ch *Channel, m *message) {
	response, err, ok := c.callPush(ch, m)
	if !ok {
		return
	}
	if _, silent := response.(noReply); silent && err == nil {
		return
	}
	var r *Reply
	switch {
	case errors.As(err, &r):
		c.reply(m, statusError, r.Response)
	case err != nil:
		c.endpoint.log("push failed", c, err)
		ch.Error()
	default:
		c.reply(m, statusOK, response)
	}
}

// callPush calls Push or PushBinary; not ok is a panic.
func (c *Conn) callPush(ch *Channel, m *message) (response any, err error, ok bool) {
	ok = c.guard("Push", func() {
		if !m.binary {
			response, err = c.session.Push(c.ctx, ch, m.event, m.payload)
			return
		}
		if s, can := c.session.(BinaryPusher); can {
			response, err = s.PushBinary(c.ctx, ch, m.event, m.data)
			return
		}
		err = Refuse("binary payload")
	})
	return response, err, ok
}

// reply answers a message. What cannot be encoded is the application's
// mistake: it is logged and the client told no more than that.
func (c *Conn) reply(m *message, s status, response any) {
	f, err := c.encodeReply(m.joinRef, m.ref, m.topic, s, response)
	if err != nil {
		c.endpoint.log("reply cannot be encoded", c, err)
		f, _ = c.encodeReply(m.joinRef, m.ref, m.topic, statusError, reason("internal"))
	}
	c.answer(f)
}

// reason is the response by which this package refuses.
func reason(s string) any { return map[string]string{"reason": s} }

// errorResponse is what the client gets to see of err: a Reply as it is, any
// other error only as a fixed reason, and in the log.
func (c *Conn) errorResponse(what string, err error, shown string) any {
	var r *Reply
	if errors.As(err, &r) {
		return r.Response
	}
	c.endpoint.log(what+" failed", c, err)
	return reason(shown)
}

// guard calls a method of the session and reports whether it did not panic.
func (c *Conn) guard(what string, f func()) (ok bool) {
	defer c.rescue(what)
	f()
	return true
}

// rescue is deferred: a panic closes this connection and touches no other.
func (c *Conn) rescue(what string) {
	if p := recover(); p != nil {
		c.endpoint.stats.panics.Add(1)
		c.endpoint.options.Logger.Error("panic in a connection",
			"conn", c.id, "during", what, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		c.Close(closeInternal, "internal error")
	}
}
