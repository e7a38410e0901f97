package phoenix

import "errors"

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
		c.log("push failed", err)
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
