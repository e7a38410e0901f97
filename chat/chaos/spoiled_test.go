package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// spoil changes what the store holds, over the wire and on disk alike.
type spoil struct {
	name, want string
	do         func(k *kept)
}

var spoils = []spoil{
	{"the last message is lost", "lost:", func(k *kept) {
		k.messages = k.messages[:len(k.messages)-1]
		k.head--
	}},
	{"a message in the middle is lost", "store:", func(k *kept) { k.messages = slices.Delete(k.messages, 3, 4) }},
	{"a message is stored twice", "store: doubled:", func(k *kept) {
		twin := k.messages[3]
		twin.ID, twin.Seq, twin.Rev = "01a20896-0000-7000-8000-000000000000", k.head+1, k.rev+1
		k.messages, k.head, k.rev = append(k.messages, twin), k.head+1, k.rev+1
	}},
	{"a message is there at two places", "store:", func(k *kept) {
		twin := k.messages[3]
		twin.Seq, twin.Rev = k.head+1, k.rev+1
		k.messages, k.head, k.rev = append(k.messages, twin), k.head+1, k.rev+1
	}},
	{"two messages change places", "store: doubled:", func(k *kept) {
		a, b := &k.messages[3], &k.messages[4]
		*a, *b = *b, *a
		a.Seq, b.Seq = b.Seq, a.Seq
	}},
	{"a message nobody sent is there", "store: foreign:", func(k *kept) {
		k.messages = append(k.messages, message{ID: "x", ClientID: "x", Seq: k.head + 1, Rev: k.rev + 1})
		k.head, k.rev = k.head+1, k.rev+1
	}},
	{"a body is changed", "store: content:", func(k *kept) { k.messages[3].Body += "!" }},
	{"the head is ahead of the messages", "store:", func(k *kept) { k.head++ }},
	{"a rev is used twice", "store:", func(k *kept) { k.messages[3].Rev = k.messages[4].Rev }},
	{"a rev is beyond the conversation's", "store:", func(k *kept) { k.messages[3].Rev = k.rev + 5 }},
	{"revs are left out", "order:", func(k *kept) { k.rev += 10_000 }},
	{"a read mark is before an acknowledged one", "mark:", func(k *kept) { changeReader(k, -1) }},
	{"a read mark is beyond the head", "mark:", func(k *kept) { changeReader(k, 1_000_000) }},
	{"a hide is undone", "store: order:", func(k *kept) {
		i := slices.IndexFunc(k.messages, func(m message) bool { return m.Hidden })
		k.messages[max(i, 0)].Hidden = i < 0
	}},
}

// changeReader moves the mark of somebody who has posted.
func changeReader(k *kept, by int64) {
	p := k.people[k.messages[len(k.messages)-1].Author.ID]
	p.ReadSeq += by
	k.people[p.User.ID] = p
}

func (k kept) clone() kept {
	k.messages, k.people = slices.Clone(k.messages), maps.Clone(k.people)
	return k
}

// worsen changes what one member has in the end.
type worsen struct {
	name, want string
	do         func(*finalView)
}

var worsenings = []worsen{
	{"the last change never came", "tail:", func(v *finalView) { v.view.last-- }},
	{"a message is missing", "hole:", func(v *finalView) { delete(v.view.messages, 3) }},
	{"there is a message too many", "doubled:", func(v *finalView) { v.view.messages[0] = message{} }},
	{"two messages changed places", "stale:", func(v *finalView) {
		v.view.messages[3], v.view.messages[4] = v.view.messages[4], v.view.messages[3]
	}},
	{"a hide or a show did not arrive", "stale:", func(v *finalView) {
		m := v.view.messages[3]
		m.Hidden = !m.Hidden
		v.view.messages[3] = m
	}},
	{"a participant is missing", "stale:", func(v *finalView) { delete(v.view.people, v.user) }},
	{"the epoch is another one", "epoch:", func(v *finalView) { v.view.epoch += "0" }},
	{"the inbox counts one too many", "unread:", func(v *finalView) { v.line.Unread++ }},
	{"the inbox starts from an older mark", "unread:", func(v *finalView) { v.line.ReadSeq, v.line.Unread = v.line.ReadSeq-1, v.line.Unread+1 }},
	{"the inbox has not heard of the last message", "unread:", func(v *finalView) { v.line.HeadSeq-- }},
}

// found is the evidence of a round in which nothing is wrong.
func found(t *testing.T) evidence {
	t.Helper()
	w := quiet(t)
	w.each = 2 * time.Second
	r := w.newRound(1)
	if err := r.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := r.evidence[r.rooms[0]]
	if len(e.disk.messages) < 20 || len(e.views) < 3 {
		t.Fatalf("%d messages and %d views prove little", len(e.disk.messages), len(e.views))
	}
	return e
}

func TestTheCheckerCatchesWhatIsWrong(t *testing.T) {
	good := found(t)
	for _, s := range spoils {
		t.Run("in the store "+s.name, func(t *testing.T) {
			e := good
			e.heard, e.disk = good.heard.clone(), good.disk.clone()
			s.do(&e.heard)
			s.do(&e.disk)
			if _, err := e.check(); err == nil || !strings.HasPrefix(err.Error(), s.want) {
				t.Errorf("got %v, want a complaint that begins with %s", err, s.want)
			}
			e.heard = good.heard
			if _, err := e.check(); err == nil || !strings.HasPrefix(err.Error(), "store:") {
				t.Errorf("on disk alone: got %v, want a complaint about the difference", err)
			}
		})
	}
	for _, s := range worsenings {
		t.Run("with a member "+s.name, func(t *testing.T) {
			e := good
			e.views = slices.Clone(good.views)
			v := &e.views[1]
			v.view.messages, v.view.people = maps.Clone(v.view.messages), maps.Clone(v.view.people)
			s.do(v)
			if who, err := e.check(); err == nil || !strings.HasPrefix(err.Error(), s.want) || who != v.who {
				t.Errorf("got %v of %s, want a complaint of %s that begins with %s", err, who, v.who, s.want)
			}
		})
	}
}
