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

// reply answers a message. What cannot be encoded is the application's
// mistake: it is logged and the client told no more than that.
func (c *Conn) reply(m *message, s status, response any) {
	f, err := c.encodeReply(m.joinRef, m.ref, m.topic, s, response)
	if err != nil {
		c.log("reply cannot be encoded", err)
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
	c.log(what+" failed", err)
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
