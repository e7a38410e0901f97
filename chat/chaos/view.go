package main

import (
	"fmt"
	"maps"
	"slices"
)

// view is what one client has of one conversation, kept by the client's side of the contract: a change whose rev is the next is
// applied, an older one dropped, and for a later one the rest is fetched. Its methods return an error where the server broke
// its side.
type view struct {
	epoch    string
	known    bool
	last     int64 // rev up to which nothing is missing
	target   int64 // the highest rev heard of
	floor    int64 // seq of the oldest message that was asked for
	head     int64 // seq of the newest message
	messages map[int64]message
	people   map[string]person
	held     map[int64]change
}

// change is an event that carries a rev.
type change struct {
	rev     int64
	message *message
	person  *person
}

// maxHeld bounds what waits for its turn; what is fetched holds it too.
const maxHeld = 512

// behind tells that there are changes to be fetched.
func (v *view) behind() bool { return v.target > v.last }

// joined takes in the answer to a join that named a rev and asked for what changed since, if anything was known.
func (v *view) joined(after int64, p page) error {
	if !v.known {
		return v.begin(p)
	}
	if p.Epoch != v.epoch {
		return fmt.Errorf("epoch: it was %s and is now %s, though nothing was restored", v.epoch, p.Epoch)
	}
	if p.Rev < after {
		return fmt.Errorf("forgotten: the conversation was at rev %d and is now at rev %d", after, p.Rev)
	}
	return v.catchUp(after, p)
}

// begin takes in the newest messages.
func (v *view) begin(p page) error {
	*v = view{
		epoch: p.Epoch, known: true, last: p.Rev, target: p.Rev, floor: p.HeadSeq + 1, head: p.HeadSeq,
		messages: map[int64]message{}, people: map[string]person{}, held: map[int64]change{},
	}
	for _, q := range p.Participants {
		v.putPerson(q)
	}
	if p.HeadSeq > 0 && len(p.Messages) == 0 {
		return fmt.Errorf("hole: the head is at seq %d, but the newest page is empty", p.HeadSeq)
	}
	return v.older(p)
}

// older takes in the page before the oldest message. It may have been read before a change of one of its messages that was heard
// already, and dropped, because the message was not loaded then. So the view goes back to the rev of the page, and what changed since
// is fetched.
func (v *view) older(p page) error {
	v.last = min(v.last, p.Rev)
	for i, m := range slices.Backward(p.Messages) {
		if m.Seq != v.floor-1 {
			return fmt.Errorf("hole: seq %d is at place %d of a page that should go down from seq %d", m.Seq, i, v.floor-1)
		}
		v.floor = m.Seq
		if err := v.put(m); err != nil {
			return err
		}
	}
	if !p.More && v.floor != 1 {
		return fmt.Errorf("hole: the oldest page ends at seq %d", v.floor)
	}
	return nil
}

// catchUp takes in what changed after a rev.
func (v *view) catchUp(after int64, p page) error {
	last := after
	for _, m := range p.Messages {
		if m.Rev <= last {
			return fmt.Errorf("stale: a page of what changed after rev %d holds rev %d after rev %d", after, m.Rev, last)
		}
		last = m.Rev
		if err := v.put(m); err != nil {
			return err
		}
	}
	for _, q := range p.Participants {
		if q.Rev <= after {
			return fmt.Errorf("stale: a page of what changed after rev %d holds %s at rev %d", after, q.User.ID, q.Rev)
		}
		v.putPerson(q)
	}
	v.target = max(v.target, p.Rev)
	if p.More {
		if last == after {
			return fmt.Errorf("stale: more is to come after rev %d, but the page is empty", after)
		}
		v.last = max(v.last, last)
		return v.flush()
	}
	v.last = max(v.last, p.Rev)
	if p.Rev == v.last && v.head != p.HeadSeq { // what came meanwhile is not on the page
		return fmt.Errorf("hole: at rev %d the head is at seq %d, but all that changed brings it to seq %d", p.Rev, p.HeadSeq, v.head)
	}
	return v.flush()
}

// hears takes in an event.
func (v *view) hears(c change) error {
	v.target = max(v.target, c.rev)
	switch {
	case c.rev <= v.last:
		return nil
	case c.rev > v.last+1:
		if len(v.held) < maxHeld {
			v.held[c.rev] = c
		}
		return nil
	}
	if err := v.apply(c); err != nil {
		return err
	}
	return v.flush()
}

// flush applies what has its turn now.
func (v *view) flush() error {
	for _, rev := range slices.Sorted(maps.Keys(v.held)) {
		if rev > v.last+1 {
			break
		}
		c := v.held[rev]
		delete(v.held, rev)
		if rev == v.last+1 {
			if err := v.apply(c); err != nil {
				return err
			}
		}
	}
	return v.whole()
}

func (v *view) apply(c change) error {
	v.last = c.rev
	if c.person != nil {
		v.putPerson(*c.person)
		return nil
	}
	return v.put(*c.message)
}

// put keeps a message unless a newer state of it is kept. One below the floor will be read when it is scrolled to.
func (v *view) put(m message) error {
	if m.Seq < v.floor {
		return nil
	}
	have, ok := v.messages[m.Seq]
	if ok && have.ID != m.ID {
		return fmt.Errorf("doubled: seq %d was message %s and is now %s", m.Seq, have.ID, m.ID)
	}
	if !ok || m.Rev >= have.Rev {
		v.messages[m.Seq] = m
	}
	v.head = max(v.head, m.Seq)
	return nil
}

func (v *view) putPerson(p person) {
	if have, ok := v.people[p.User.ID]; !ok || p.Rev >= have.Rev {
		v.people[p.User.ID] = p
	}
}

// whole returns an error if something between floor and head is missing although nothing is left to fetch.
func (v *view) whole() error {
	if v.behind() || int64(len(v.messages)) == v.head-v.floor+1 {
		return nil
	}
	for seq := v.floor; seq <= v.head; seq++ {
		if _, ok := v.messages[seq]; !ok {
			return fmt.Errorf("hole: seq %d is missing between %d and %d, and at rev %d nothing is left to fetch", seq, v.floor, v.head, v.last)
		}
	}
	return fmt.Errorf("doubled: %d messages between seq %d and %d", len(v.messages), v.floor, v.head)
}
