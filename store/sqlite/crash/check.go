package main

import (
	"fmt"
	"slices"
)

// ack is what the child was told of one message; its text form is a line of the child's output. A stored message is the same five numbers.
type ack struct {
	room, sender, number int
	seq, rev             int64
}

func (a ack) String() string {
	return fmt.Sprintf("ack %d %d %d %d %d", a.room, a.sender, a.number, a.seq, a.rev)
}

func parseAck(line string) (a ack, err error) {
	_, err = fmt.Sscanf(line, "ack %d %d %d %d %d", &a.room, &a.sender, &a.number, &a.seq, &a.rev)
	return a, err
}

// kept is one room as it was found after a kill.
type kept struct {
	rev      int64 // of the head
	head     int64 // seq of the head
	first    int64 // rev of the last change before the first message
	messages []ack // in the order in which the store yields them
}

// check returns an error unless the room holds every acknowledged message exactly once and in its place, and its numbers have
// neither gaps nor doubles. acked holds the room's acknowledgements in the order in which they came.
func (k kept) check(acked []ack) error {
	type name struct{ sender, number int }
	places := map[name]ack{}
	for i, m := range k.messages {
		if want := int64(i + 1); m.seq != want || m.rev != k.first+want {
			return fmt.Errorf("the message at place %d has seq %d and rev %d, not %d and %d", i+1, m.seq, m.rev, want, k.first+want)
		}
		if twin, ok := places[name{m.sender, m.number}]; ok {
			return fmt.Errorf("%v is stored twice: also at %d", m, twin.seq)
		}
		places[name{m.sender, m.number}] = m
	}
	if n := int64(len(k.messages)); k.head != n || k.rev != k.first+n {
		return fmt.Errorf("the head says seq %d and rev %d, but there are %d messages after rev %d", k.head, k.rev, n, k.first)
	}
	for _, a := range acked {
		m, ok := places[name{a.sender, a.number}]
		if !ok {
			return fmt.Errorf("%v was acknowledged and is lost", a)
		}
		if m != a {
			return fmt.Errorf("%v was acknowledged, but is stored as %v", a, m)
		}
	}
	return k.checkOrder()
}

// checkOrder returns an error if somebody's messages are not in the order in which they were sent: nobody sends the next before
// the one before is acknowledged.
func (k kept) checkOrder() error {
	var last [senders]int
	for i := range last {
		last[i] = -1
	}
	inOrder := slices.IndexFunc(k.messages, func(m ack) bool {
		before := last[m.sender]
		last[m.sender] = m.number
		return m.number <= before
	})
	if inOrder >= 0 {
		return fmt.Errorf("%v comes after a later message of the same sender", k.messages[inOrder])
	}
	return nil
}
