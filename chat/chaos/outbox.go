package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"planga/chat"
)

// letter is a message on its way.
type letter struct {
	clientID, body string
	sent           time.Time // zero: not on this connection
	retry          time.Time

	id      string // when it is acknowledged
	edits   int
	editing bool // an answer is out, or was lost: a late edit would undo the next
}

// outbox holds what is not acknowledged. Only the first letter is ever in flight.
type outbox struct {
	device  string
	number  int
	letters []*letter
	old     []*letter // the last that were acknowledged
	next    time.Time // when the next one is written
}

const (
	maxLetters = 5
	maxOld     = 10
)

func (o *outbox) empty() bool { return len(o.letters) == 0 }

// lost says that the connection ended: what was in flight is unknown, and is sent again on the next.
func (o *outbox) lost() {
	for _, l := range o.letters {
		l.sent = time.Time{}
	}
}

// post writes a new letter when it is time, and sends the first.
func (s *seat) post(ctx context.Context, now time.Time) {
	c, o := s.client, &s.outbox
	if !c.calm && now.After(o.next) && len(o.letters) < maxLetters {
		o.next = now.Add(time.Duration(c.rng.ExpFloat64() * float64(c.pace)))
		s.write()
	}
	if o.empty() || now.Before(o.letters[0].retry) {
		return
	}
	switch l := o.letters[0]; {
	case l.sent.IsZero():
		l.sent = now
		for range s.copies() {
			s.send(ctx, l)
		}
	case now.Sub(l.sent) > repeatAfter:
		l.sent = now
		s.send(ctx, l)
	}
}

// copies is how often a message is sent at once: mostly once, at most five times.
func (s *seat) copies() int {
	if s.client.rng.IntN(3) > 0 {
		return 1
	}
	return 1 + s.client.rng.IntN(5)
}

// write writes a letter. Its body names its owner; its client id does not, so that equal ones exist in every conversation.
func (s *seat) write() {
	c, o := s.client, &s.outbox
	o.number++
	l := &letter{clientID: o.device + "-" + strconv.Itoa(o.number)}
	l.body = fmt.Sprintf("%s says %s to %s", c.user, l.clientID, s.room)
	if c.rng.IntN(12) == 0 {
		l.body += strings.Repeat(" ÆØ漢🙂", c.rng.IntN(700))
	}
	o.letters = append(o.letters, l)
	s.on(func(r *record) error { r.sends(c.user, l.clientID, l.body); return nil })
}

func (s *seat) send(ctx context.Context, l *letter) {
	payload := map[string]string{"client_id": l.clientID, "body": l.body}
	s.client.ask(ctx, s.joinRef, s.topic, "new_message", payload, question{answer: func(r reply) { s.answered(l, r) }})
}

// answered takes in the answer to one copy of a letter.
func (s *seat) answered(l *letter, r reply) {
	if r.Status != "ok" {
		l.retry, l.sent = s.client.refused(s.room, "a message", r).again(time.Now()), time.Time{}
		return
	}
	a, err := read[ack](r.Response)
	if err != nil {
		s.complain(fmt.Errorf("protocol: %w", err))
		return
	}
	s.on(func(r *record) error { return r.answered(s.client.user, l.clientID, a) })
	if a.Dup {
		s.client.witness.counts.repeats.Add(1)
	}
	o := &s.outbox
	if o.empty() || o.letters[0] != l {
		return
	}
	s.client.witness.counts.acked.Add(1)
	l.id = a.ID
	o.letters = o.letters[1:]
	if o.old = append(o.old, l); len(o.old) > maxOld {
		o.old = o.old[1:]
	}
}

// forge sends an old client id with another body, which must be refused.
func (s *seat) forge(ctx context.Context) {
	o := &s.outbox
	if len(o.old) == 0 {
		return
	}
	l := o.old[s.client.rng.IntN(len(o.old))]
	payload := map[string]string{"client_id": l.clientID, "body": l.body + " or something else"}
	s.client.ask(ctx, s.joinRef, s.topic, "new_message", payload, question{answer: func(r reply) {
		why, err := read[refusal](r.Response)
		if r.Status == "ok" || err != nil {
			s.complain(fmt.Errorf("repeat: %s with another body was answered with %s %s", l.clientID, r.Status, r.Response))
		}
		if why.Reason != string(chat.ClientIDConflict) {
			s.client.refused(s.room, "another body under an old client id", r)
		}
	}})
}
