package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
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
	{"an unread count starts from another mark", "unread:", func(k *kept) {
		for user, p := range k.people {
			if p.ReadSeq = k.head; user != auditorName {
				k.people[user] = p
			}
		}
	}},
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

func TestTheCheckerCatchesWhatIsWrongInTheStore(t *testing.T) {
	w := quiet(t)
	r := w.newRound(1)
	if err := r.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	good := r.evidence[r.rooms[0]]
	if len(good.disk.messages) < 20 || len(good.views) < 3 {
		t.Fatalf("%d messages and %d views prove little", len(good.disk.messages), len(good.views))
	}
	for _, s := range spoils {
		t.Run(s.name, func(t *testing.T) {
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
}
