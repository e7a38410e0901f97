package memory_test

import (
	"context"
	"fmt"
	"testing"

	"planga/bus"
	"planga/bus/memory"
	"planga/chat"
)

// BenchmarkEvent carries a chat message from its publisher to the handlers of some nodes. The floor is the same
// number of structs through channels, which share everything.
func BenchmarkEvent(b *testing.B) {
	for _, nodes := range []int{1, 4} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) { benchmarkEvent(b, nodes) })
		b.Run(fmt.Sprintf("floor/nodes=%d", nodes), func(b *testing.B) { benchmarkFloor(b, nodes) })
	}
}

// burst is how many messages are published before all are awaited, fewer than a subscription drops from.
const burst = 1000

func benchmarkEvent(b *testing.B, nodes int) {
	carrier := memory.New()
	defer carrier.Close()
	heard := make(chan int64, nodes)
	m := event(1, "Hello, world! This is about as long as people write.")
	for range nodes {
		s, err := carrier.Subscribe(bus.Handler{Event: func(e chat.Event) {
			if e.Rev%burst == 0 {
				heard <- e.Rev
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Follow(b.Context(), bus.ConversationAddress(m.Room)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Rev++
		if err := carrier.Publish(b.Context(), m); err != nil {
			b.Fatal(err)
		}
		if m.Rev%burst == 0 {
			for range nodes {
				<-heard
			}
		}
	}
}

func benchmarkFloor(b *testing.B, nodes int) {
	heard := make(chan int64, nodes)
	m := event(1, "Hello, world! This is about as long as people write.")
	var inboxes []chan chat.Event
	for range nodes {
		inbox := make(chan chat.Event, burst)
		defer close(inbox)
		inboxes = append(inboxes, inbox)
		go func() {
			for e := range inbox {
				if e.Rev%burst == 0 {
					heard <- e.Rev
				}
			}
		}()
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Rev++
		for _, inbox := range inboxes {
			inbox <- m.Event
		}
		if m.Rev%burst == 0 {
			for range nodes {
				<-heard
			}
		}
	}
}

// BenchmarkWork has work done by a worker with nothing to do.
func BenchmarkWork(b *testing.B) {
	carrier := memory.New()
	defer carrier.Close()
	if _, err := carrier.Work(bus.KindOutgoing, func(context.Context, bus.Message) error { return nil }); err != nil {
		b.Fatal(err)
	}
	m := work("1")
	m.Message = event(1, "Hello, world!").Message
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := carrier.Publish(b.Context(), m); err != nil {
				b.Error(err)
			}
		}
	})
}
