package bustest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"planga/bus"
	"planga/chat"
)

var working = []promise{
	{"work of every kind arrives as it was sent", workArrivesAsSent},
	{"each kind of work goes to its own workers", workGoesToItsKind},
	{"work waits for a worker", workWaits},
	{"work that failed comes back unchanged, after a pause", failedWorkComesBack},
	{"failing work does not hold up other work", failingWorkHoldsUpNobody},
	{"work that is done is not given again", doneWorkIsDone},
	{"several workers share the work", workersShare},
	{"a hint is no work", hintIsNoWork},
}

func workArrivesAsSent(t *testing.T, b bus.Bus) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 5e6, time.UTC)
	out := outgoing("1")
	out.At, out.Message = at, posted(room("r"), 1, "Hello 👋").Message
	for _, sent := range []bus.Message{
		out,
		bus.SettingsRequest{Node: "n"},
		bus.Statistics{Statistics: chat.Statistics{Node: "n", From: at, To: at.Add(10 * time.Second), Apps: []chat.AppStatistics{{App: 7, Joins: 3}}}},
	} {
		got := make(chan bus.Message, 10)
		mustWork(t, b, sent.Kind(), func(_ context.Context, m bus.Message) error {
			got <- m
			return nil
		})
		mustSucceed(t, publishing(t, b, sent))
		if diff := cmp.Diff(sent, receive(t, got, "work")); diff != "" {
			t.Errorf("%s differs (-sent +received):\n%s", sent.Kind(), diff)
		}
	}
}

func workGoesToItsKind(t *testing.T, b bus.Bus) {
	var outcomes []<-chan error
	for _, kind := range []bus.Kind{bus.KindOutgoing, bus.KindStatistics, bus.KindSettingsRequest} {
		mustWork(t, b, kind, func(_ context.Context, m bus.Message) error {
			if m.Kind() != kind {
				t.Errorf("the worker on %s was given %s", kind, m.Kind())
			}
			return nil
		})
	}
	for i := range 20 {
		outcomes = append(outcomes,
			publishing(t, b, outgoing(fmt.Sprint(i))),
			publishing(t, b, bus.Statistics{Statistics: chat.Statistics{Node: "n"}}),
			publishing(t, b, bus.SettingsRequest{Node: "n"}))
	}
	for _, outcome := range outcomes {
		mustSucceed(t, outcome)
	}
}

func workWaits(t *testing.T, b bus.Bus) {
	outcome := publishing(t, b, outgoing("early"))
	got := make(chan bus.Message, 10)
	mustWork(t, b, bus.KindOutgoing, func(_ context.Context, m bus.Message) error {
		got <- m
		return nil
	})
	if m := receive(t, got, "the early work"); m.(bus.Outgoing).ID != "early" {
		t.Errorf("got %+v, want the early work", m)
	}
	mustSucceed(t, outcome)
}

func failedWorkComesBack(t *testing.T, b bus.Bus) {
	const failures = 3
	tries := make(chan time.Time, 100)
	done := make(chan struct{})
	var count atomic.Int32
	mustWork(t, b, bus.KindOutgoing, func(_ context.Context, m bus.Message) error {
		tries <- time.Now()
		message := m.(bus.Outgoing).Message
		if message.Body != "as sent" {
			t.Errorf("got the body %q, want it as sent", message.Body)
		}
		message.Body = "spoiled"
		switch n := count.Add(1); {
		case n <= failures:
			return errors.New("not now")
		case n == failures+1:
			close(done)
		}
		return nil
	})
	work := outgoing("1")
	work.Message = posted(room("r"), 1, "as sent").Message
	mustSucceed(t, publishing(t, b, work))
	receive(t, done, "the try that succeeds")
	first := <-tries
	var last time.Time
	for range failures {
		last = <-tries
	}
	if pauses := last.Sub(first); pauses < 100*time.Millisecond {
		t.Errorf("%d tries followed within %v; want pauses between them", failures, pauses)
	}
}

func failingWorkHoldsUpNobody(t *testing.T, b bus.Bus) {
	var mended atomic.Bool
	done := make(chan string, 100)
	mustWork(t, b, bus.KindOutgoing, func(_ context.Context, m bus.Message) error {
		id := m.(bus.Outgoing).ID
		if id == "failing" && !mended.Load() {
			return errors.New("not now")
		}
		done <- id
		return nil
	})
	failing := publishing(t, b, outgoing("failing"))
	for i := range 20 {
		mustSucceed(t, publishing(t, b, outgoing(fmt.Sprint(i))))
		if id := receive(t, done, "other work"); id == "failing" {
			t.Fatal("the failing work was done")
		}
	}
	mended.Store(true)
	mustSucceed(t, failing)
	if id := receive(t, done, "the failing work"); id != "failing" {
		t.Errorf("got %q, want the failing work", id)
	}
}

func doneWorkIsDone(t *testing.T, b bus.Bus) {
	const n = 50
	var mu sync.Mutex
	times := make(map[string]int)
	done := make(chan string, 10*n)
	mustWork(t, b, bus.KindOutgoing, func(_ context.Context, m bus.Message) error {
		mu.Lock()
		defer mu.Unlock()
		id := m.(bus.Outgoing).ID
		times[id]++
		done <- id
		return nil
	})
	for i := range n {
		mustSucceed(t, publishing(t, b, outgoing(fmt.Sprint(i))))
	}
	for range n {
		receive(t, done, "work")
	}
	mu.Lock()
	defer mu.Unlock()
	for i := range n {
		if times[fmt.Sprint(i)] != 1 {
			t.Errorf("work %d was done %d times, want once", i, times[fmt.Sprint(i)])
		}
	}
}

// Each of two workers hangs until the other has something to do.
func workersShare(t *testing.T, b bus.Bus) {
	var both sync.WaitGroup
	both.Add(2)
	for range 2 {
		var once sync.Once
		mustWork(t, b, bus.KindOutgoing, func(context.Context, bus.Message) error {
			once.Do(both.Done)
			both.Wait()
			return nil
		})
	}
	var outcomes []<-chan error
	for i := range 100 {
		outcomes = append(outcomes, publishing(t, b, outgoing(fmt.Sprint(i))))
	}
	within(t, "work for both workers", both.Wait)
	for _, outcome := range outcomes {
		mustSucceed(t, outcome)
	}
}

func hintIsNoWork(t *testing.T, b bus.Bus) {
	for _, kind := range []bus.Kind{bus.KindEvent, bus.KindSignal, bus.KindSettings, "gossip"} {
		if stop, err := b.Work(kind, func(context.Context, bus.Message) error { return nil }); err == nil {
			stop()
			t.Errorf("%s was accepted as work", kind)
		}
	}
}
