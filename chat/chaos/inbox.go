package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"planga/chat"
)

// joinInbox joins the user's own topic; a second join on one connection replaces the first.
func (c *client) joinInbox(ctx context.Context) {
	earlier := map[string]int64{}
	for _, s := range c.seats {
		earlier[string(s.room.Conversation)] = c.witness.mark(s.room, c.user)
	}
	c.inbox = nil
	c.ask(ctx, "", "user:"+c.user, "phx_join", struct{}{}, question{answer: func(r reply) {
		if r.Status != "ok" {
			c.refused(c.seats[0].room, "the inbox", r)
			return
		}
		answer, err := read[struct{ Inbox []line }](r.Response)
		if err != nil {
			c.complain(c.seats[0].room, fmt.Errorf("protocol: %w", err))
			return
		}
		c.inbox = map[string]line{}
		for _, l := range answer.Inbox {
			c.takeLine(l, earlier[l.ConversationID])
		}
	}})
}

// hearInbox takes in an event of the user's own topic.
func (c *client) hearInbox(f frame) {
	if f.event != "unread" || c.inbox == nil {
		return
	}
	l, err := read[line](f.payload)
	if err != nil {
		c.complain(c.seats[0].room, fmt.Errorf("protocol: %w", err))
		return
	}
	c.takeLine(l, 0)
}

// takeLine takes in one line: it must be right in itself, and not before what was acknowledged earlier.
func (c *client) takeLine(l line, earlier int64) {
	room := chat.Room{App: c.site.id, Conversation: chat.ConversationID(l.ConversationID)}
	if !slices.ContainsFunc(c.seats, func(s *seat) bool { return s.room == room }) {
		c.complain(room, errors.New("foreign: the inbox holds a conversation that was never entered"))
	}
	if l.Unread != l.HeadSeq-l.ReadSeq || l.Unread < 0 {
		c.complain(room, fmt.Errorf("unread: %d unread, but the head is at seq %d and the mark at seq %d", l.Unread, l.HeadSeq, l.ReadSeq))
	}
	if l.Last != nil {
		c.witness.saw(room, c.name, &c.diary, *l.Last, c.moderator)
		if l.Last.Seq != l.HeadSeq {
			c.complain(room, fmt.Errorf("unread: the head is at seq %d, but the last message is seq %d", l.HeadSeq, l.Last.Seq))
		}
	}
	c.witness.on(room, c.name, &c.diary, func(r *record) error { return r.standsAt(c.user, earlier, l.ReadSeq) })
	c.inbox[l.ConversationID] = l
}

// flurry is the last that a client does of its own accord: it reads and joins its inbox anew, in whatever order, while the
// user's other devices do the same.
func (c *client) flurry(ctx context.Context) {
	c.flurried = true
	first := c.rng.IntN(2) == 0
	if first {
		c.joinInbox(ctx)
	}
	for _, s := range c.seats {
		s.markRead(ctx)
	}
	if !first {
		c.joinInbox(ctx)
	}
}

// settled tells that the client has nothing left to do.
func (c *client) settled() bool {
	if !c.flurried || c.inbox == nil || len(c.inbox) < len(c.seats) || time.Now().Before(c.napping) && !c.calm {
		return false
	}
	for _, s := range c.seats {
		if !s.settled() {
			return false
		}
	}
	return len(c.asked) == 0
}
