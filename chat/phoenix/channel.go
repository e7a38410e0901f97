package phoenix

// Channel is one joined topic of one connection. Its methods may be called by
// many goroutines at once and never block.
type Channel struct {
	// Assigns is the application's own. Phoenix does not touch it, and guards
	// nothing: set it in Join (or Adopt), before the channel is shared.
	Assigns any

	conn    *Conn
	topic   string
	joinRef ref
}

// Topic is the topic as the client wrote it.
func (ch *Channel) Topic() string { return ch.topic }

// JoinRef is the client's reference of the join as JSON: a string, an integer,
// or null for an adopted channel.
func (ch *Channel) JoinRef() string { return string(ch.joinRef) }

// Conn is the connection that the channel lives on.
func (ch *Channel) Conn() *Conn { return ch.conn }

// Push queues one event for this channel's client alone. The payload is
// encoded now: json.RawMessage as it is, Binary as a binary frame (V2 only),
// everything else as encoding/json does. The error tells of a payload that
// cannot be encoded; a push to a channel that is gone is dropped silently.
func (ch *Channel) Push(event string, payload any) error { return nil }

// Send queues a broadcast, whose bytes are shared by all who get it. On a
// channel that is gone it does nothing.
func (ch *Channel) Send(b *Broadcast) {}

// Close ends the channel with phx_close: the client does not join again by
// itself. Session.Leave follows, on another goroutine.
func (ch *Channel) Close() {}

// Error ends the channel with phx_error: the client joins again. Session.Leave
// follows, on another goroutine.
func (ch *Channel) Error() {}
