package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"planga/chat"
)

// act does something now and then. False hangs up.
func (s *seat) act(ctx context.Context, now time.Time) bool {
	if now.Before(s.nextDeed) {
		return true
	}
	c := s.client
	s.nextDeed = now.Add(time.Duration(c.rng.ExpFloat64() * float64(c.deeds)))
	if c.calm {
		s.unbanAll(ctx)
		return true
	}
	return s.actAtRandom(ctx, now)
}

func (s *seat) actAtRandom(ctx context.Context, now time.Time) bool {
	c := s.client
	switch n := c.rng.IntN(100); {
	case n < 35:
		s.markRead(ctx)
	case n < 40:
		c.joinInbox(ctx)
	case n < 55:
		s.amend(ctx)
	case n < 60:
		if !s.waiting && s.view.floor > 1 {
			s.fetch(ctx, "before_seq", s.view.floor)
		}
	case n < 80:
		s.moderate(ctx)
	case n < 86:
		if len(s.outbox.old) > 0 {
			s.send(ctx, s.outbox.old[c.rng.IntN(len(s.outbox.old))])
		}
	case n < 92:
		s.forge(ctx)
	case c.steady:
	case n < 94:
		s.leave(ctx)
	case n < 97: // reads nothing for a while
		c.note("naps")
		c.napping = now.Add(time.Duration(c.rng.Int64N(int64(10 * time.Second))))
	case n == 97: // the page is loaded anew: only what was not sent is kept
		c.note("loads the page anew")
		for _, s := range c.seats {
			s.view = view{}
		}
		return false
	case n == 98:
		c.note("loses the network")
		return false
	}
	return true
}

// markRead reads up to a message, now and then to an earlier one than before.
func (s *seat) markRead(ctx context.Context) {
	c, seq := s.client, s.view.head
	if seq > 0 && c.rng.IntN(2) == 0 {
		seq = c.rng.Int64N(seq + 1)
	}
	c.ask(ctx, s.joinRef, s.topic, "read", map[string]int64{"seq": seq}, question{answer: func(r reply) {
		if r.Status != "ok" {
			c.refused(s.room, "read", r)
			return
		}
		c.witness.counts.marks.Add(1)
		s.on(func(r *record) error { r.marked(c.user, seq); return nil })
	}})
}

// moderate hides or shows one of the last messages, or bans somebody or lets them back.
func (s *seat) moderate(ctx context.Context) {
	c := s.client
	m, ok := s.view.messages[max(s.view.floor, s.view.head-c.rng.Int64N(10))]
	switch {
	case !ok:
		return
	case !c.moderator:
		s.usurp(ctx, m)
		return
	case c.rng.IntN(10) > 0:
		event, hidden := "hide_message", true
		if m.Hidden || c.rng.IntN(4) == 0 {
			event, hidden = "show_message", false
		}
		s.deed(ctx, event, map[string]any{"id": m.ID}, fact{subject: "message " + m.ID, hidden: yes(hidden)}, nil)
		return
	case len(s.banned()) > 1 || c.rng.IntN(2) == 0:
		s.unbanAll(ctx)
		return
	}
	for user, p := range s.view.people { // in no order
		if p.Role != "moderator" {
			s.deed(ctx, "ban_user", map[string]any{"user_id": user, "duration_minutes": 60}, fact{}, nil)
			return
		}
	}
}

// usurp tries what only moderators may do.
func (s *seat) usurp(ctx context.Context, m message) {
	event, payload := "hide_message", map[string]any{"id": m.ID}
	switch n := s.client.rng.IntN(4); {
	case n == 0:
		event, payload = "ban_user", map[string]any{"user_id": m.Author.ID, "duration_minutes": 60}
	case n == 1 && m.Author.ID != s.client.user:
		event = "delete_message"
	case n == 2 && m.Author.ID != s.client.user:
		event, payload["body"] = "edit_message", "I never said that"
	}
	s.client.ask(ctx, s.joinRef, s.topic, event, payload, question{answer: func(r reply) {
		why, err := read[refusal](r.Response)
		switch {
		case r.Status == "ok" || err != nil:
			s.complain(fmt.Errorf("rights: %s by no moderator was answered with %s %s", event, r.Status, r.Response))
		case why.Reason != string(chat.Forbidden):
			s.client.refused(s.room, event, r)
		}
	}})
}

// banned returns who has to be let back by this seat.
func (s *seat) banned() []string {
	var all []string
	if s.client.moderator {
		for _, user := range slices.Sorted(maps.Keys(s.view.people)) {
			if s.view.people[user].BannedUntil != "" {
				all = append(all, user)
			}
		}
	}
	return all
}

func (s *seat) unbanAll(ctx context.Context) {
	for _, user := range s.banned() {
		s.deed(ctx, "unban_user", map[string]any{"user_id": user}, fact{}, nil)
	}
}

// deed does what takes a rev. f is what happened at that rev, as far as it is certain; done is called if it was done, unless nil.
func (s *seat) deed(ctx context.Context, event string, payload any, f fact, done func()) {
	lost := func() { s.on(func(r *record) error { r.unanswered++; return nil }) }
	s.client.ask(ctx, s.joinRef, s.topic, event, payload, question{lost: lost, answer: func(r reply) {
		if r.Status != "ok" {
			s.client.refused(s.room, event, r)
			return
		}
		s.client.witness.counts.deeds.Add(1)
		answer, err := read[struct{ Rev int64 }](r.Response)
		if err != nil {
			s.complain(fmt.Errorf("protocol: %w", err))
			return
		}
		if f.subject == "" {
			lost() // what exactly happened shows in the event alone
		} else {
			s.on(func(r *record) error { return r.happened(answer.Rev, f) })
		}
		if done != nil {
			done()
		}
	}})
}

// leave leaves the conversation and comes back on the same connection.
func (s *seat) leave(ctx context.Context) {
	if s.waiting {
		return
	}
	s.client.ask(ctx, s.joinRef, s.topic, "phx_leave", struct{}{}, question{answer: func(reply) {}})
	s.away()
}
