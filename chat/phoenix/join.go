package phoenix

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
		c.log("join answered with what cannot be encoded", err)
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
