package main

import (
	"context"
	"fmt"
	"time"

	"planga/chat"
)

// seat is a client's place in one conversation.
type seat struct {
	client *client
	room   chat.Room
	topic  string
	view   view
	outbox outbox

	joinRef  string
	joined   bool
	waiting  bool // for a page
	heard    int64
	retry    time.Time // not before then
	nextDeed time.Time
}

// away forgets what belonged to the connection.
func (s *seat) away() {
	s.joined, s.waiting, s.heard = false, false, 0
	s.outbox.lost()
}

// step does what is due. False hangs up.
func (s *seat) step(ctx context.Context, now time.Time) bool {
	switch {
	case s.waiting || now.Before(s.retry):
	case !s.joined:
		s.join(ctx)
	case s.view.behind():
		s.fetch(ctx, "after_rev", s.view.last)
	case s.client.calm && s.view.floor > 1:
		s.fetch(ctx, "before_seq", s.view.floor)
	}
	if !s.joined {
		return true
	}
	s.post(ctx, now)
	return s.act(ctx, now)
}

func (s *seat) join(ctx context.Context) {
	c := s.client
	payload := map[string]any{"limit": c.pages[c.rng.IntN(len(c.pages))], "last_rev": nil}
	if s.view.known {
		payload["last_rev"], payload["epoch"] = s.view.last, s.view.epoch
	}
	earlier := c.witness.mark(s.room, c.user)
	if c.wavering { // the join may change the role, and nobody may be told
		s.on(func(r *record) error { r.unanswered++; return nil })
	}
	s.waiting = true
	after := s.view.last
	c.ask(ctx, "", s.topic, "phx_join", payload, question{answer: func(r reply) { s.entered(r, after, earlier) }})
	s.joinRef = fmt.Sprint(c.refs)
}

// entered takes in the answer to a join that named the rev after. The user's mark cannot be before earlier.
func (s *seat) entered(r reply, after, earlier int64) {
	s.waiting = false
	if r.Status != "ok" {
		s.retry = s.client.refused(s.room, "a join", r).again(time.Now())
		return
	}
	p, err := read[page](r.Response)
	if err != nil {
		s.complain(fmt.Errorf("protocol: %w", err))
		return
	}
	s.joined, s.heard = true, p.Rev
	s.client.witness.counts.joined.Add(1)
	s.check(s.view.joined(after, p))
	s.view.target = max(s.view.target, p.Rev)
	s.shown(p)
	s.on(func(r *record) error {
		if err := r.sawPerson(p.Me); err != nil {
			return err
		}
		return r.standsAt(s.client.user, earlier, p.ReadSeq)
	})
}

// fetch asks for a page of history.
func (s *seat) fetch(ctx context.Context, from string, at int64) {
	c := s.client
	c.witness.counts.fetched.Add(1)
	limit := c.pages[c.rng.IntN(len(c.pages))]
	if c.calm {
		limit = chat.MaxPage
	}
	payload := map[string]any{from: at, "limit": limit}
	s.waiting = true
	c.ask(ctx, s.joinRef, s.topic, "history", payload, question{answer: func(r reply) {
		s.waiting = false
		if r.Status != "ok" {
			s.retry = c.refused(s.room, "history", r).again(time.Now())
			return
		}
		p, err := read[page](r.Response)
		if err != nil {
			s.complain(fmt.Errorf("protocol: %w", err))
			return
		}
		s.shown(p)
		if from == "after_rev" {
			s.check(s.view.catchUp(at, p))
		} else {
			s.check(s.view.older(p))
		}
	}})
}

// shown tells the witness of all that a page holds.
func (s *seat) shown(p page) {
	c := s.client
	for _, m := range p.Messages {
		c.witness.saw(s.room, c.name, &c.diary, m, c.moderator)
	}
	s.on(func(r *record) error {
		for _, q := range p.Participants {
			if err := r.sawPerson(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// hear takes in an event of the conversation.
func (s *seat) hear(f frame) {
	s.client.witness.counts.heard.Add(1)
	var err error
	switch f.event {
	case "message", "message_changed":
		var m message
		if m, err = read[message](f.payload); err == nil {
			s.client.witness.saw(s.room, s.client.name, &s.client.diary, m, s.client.moderator)
			s.learn(change{rev: m.Rev, message: &m})
		}
	case "participant_changed":
		var p person
		if p, err = read[person](f.payload); err == nil {
			s.on(func(r *record) error { return r.sawPerson(p) })
			s.learn(change{rev: p.Rev, person: &p})
		}
	case "head":
		var p page
		if p, err = read[page](f.payload); err == nil {
			s.view.target = max(s.view.target, p.Rev)
		}
	case "phx_error", "phx_close":
		if f.joinRef == s.joinRef {
			s.away()
		}
	}
	if err != nil {
		s.complain(fmt.Errorf("protocol: %w", err))
	}
}

// learn takes in a change. On one connection changes come in the order of their rev, and none comes twice.
func (s *seat) learn(ch change) {
	if s.joined && ch.rev <= s.heard {
		s.complain(fmt.Errorf("order: rev %d came on one connection after rev %d", ch.rev, s.heard))
	}
	s.heard = ch.rev
	s.check(s.view.hears(ch))
}

func (s *seat) check(err error) {
	if err != nil {
		s.complain(err)
	}
}

func (s *seat) complain(err error) { s.client.complain(s.room, err) }

func (s *seat) on(do func(*record) error) {
	s.client.witness.on(s.room, s.client.name, &s.client.diary, do)
}

// settled tells that the seat has nothing left to do: all that was written is acknowledged and nothing is left to fetch.
func (s *seat) settled() bool {
	return s.joined && !s.waiting && s.view.known && !s.view.behind() && s.view.floor == 1 && s.outbox.empty() && len(s.banned()) == 0
}
