package bustest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"planga/bus"
	"planga/chat"
)

var ending = []promise{
	{"closing a subscription waits for its handler and ends it", closingWaits},
	{"a closed subscription cannot follow", closedCannotFollow},
	{"stopping a worker waits for what runs and takes no more", stoppingWaits},
	{"closing the bus waits for handlers and workers", closingBusWaits},
	{"a closed bus refuses everything", closedBusRefuses},
	{"closing amid traffic is safe", closingAmidTraffic},
}

// hanging returns a function that hangs, a channel that tells when it does, one to let it go, and whether it
// has returned.
func hanging() (hang func(), entered, release chan struct{}, returned *atomic.Bool) {
	entered, release, returned = make(chan struct{}, 100), make(chan struct{}), new(atomic.Bool)
	return func() {
		entered <- struct{}{}
		<-release
		returned.Store(true)
	}, entered, release, returned
}

// aMoment is given to what must not happen. A carrier that keeps its promises costs the judge this long.
const aMoment = 50 * time.Millisecond

// mustWaitFor checks that end does not return before what hangs is released and has returned.
func mustWaitFor(t *testing.T, what string, end func(), release chan struct{}, returned func() bool) {
	t.Helper()
	ended := make(chan bool, 1)
	go func() {
		end()
		ended <- returned()
	}()
	select {
	case <-ended:
		t.Errorf("%s did not wait", what)
	case <-time.After(aMoment):
	}
	close(release)
	if t.Failed() {
		return
	}
	if !receive(t, ended, what) {
		t.Errorf("%s returned too early", what)
	}
	within(t, what+" again", end)
}

func closingWaits(t *testing.T, b bus.Bus) {
	hang, entered, release, returned := hanging()
	var calls atomic.Int32
	s, err := b.Subscribe(bus.Handler{Event: func(chat.Event) {
		calls.Add(1)
		hang()
	}})
	if err != nil {
		t.Fatal(err)
	}
	mustFollow(t, s, bus.ConversationAddress(room("r")))
	mustPublish(t, b, posted(room("r"), 1, "one"), posted(room("r"), 2, "waits"), posted(room("r"), 3, "waits"))
	receive(t, entered, "the event")
	mustWaitFor(t, "Close", func() { s.Close() }, release, returned.Load)

	before := calls.Load()
	other := listen(t, b, bus.ConversationAddress(room("r")))
	mustPublish(t, b, posted(room("r"), 4, "after"))
	other.hearsBody(t, "after")
	if after := calls.Load(); after != before {
		t.Errorf("the handler was called %d times after Close", after-before)
	}
}

func closedCannotFollow(t *testing.T, b bus.Bus) {
	e := listen(t, b)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Follow(t.Context(), bus.ConversationAddress(room("r"))); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("got %v, want that it is closed", err)
	}
	e.Unfollow(bus.ConversationAddress(room("r")))
}

func stoppingWaits(t *testing.T, b bus.Bus) {
	hang, entered, release, returned := hanging()
	var stopped atomic.Bool
	stop := mustWork(t, b, bus.KindOutgoing, func(context.Context, bus.Message) error {
		if stopped.Load() {
			t.Error("a stopped worker was given work")
		}
		hang()
		return nil
	})
	first := publishing(t, b, outgoing("1"))
	receive(t, entered, "work")
	mustWaitFor(t, "stop", stop, release, returned.Load)
	stopped.Store(true)
	mustSucceed(t, first)

	second := publishing(t, b, outgoing("2"))
	done := make(chan bus.Message, 10)
	mustWork(t, b, bus.KindOutgoing, func(_ context.Context, m bus.Message) error {
		done <- m
		return nil
	})
	if m := receive(t, done, "work for the next worker"); m.(bus.Outgoing).ID != "2" {
		t.Errorf("got %+v, want the second work", m)
	}
	mustSucceed(t, second)
}

func closingBusWaits(t *testing.T, b bus.Bus) {
	var running sync.WaitGroup
	release, returned := make(chan struct{}), new(atomic.Int32)
	hang := func() {
		running.Done()
		<-release
		returned.Add(1)
	}
	running.Add(2)
	s, err := b.Subscribe(bus.Handler{Settings: func(chat.App) { hang() }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Work(bus.KindOutgoing, func(context.Context, bus.Message) error { hang(); return nil }); err != nil {
		t.Fatal(err)
	}
	mustPublish(t, b, bus.Settings{App: chat.App{ID: 7}})
	publishing(t, b, outgoing("1"))
	within(t, "handler and worker", running.Wait)

	mustWaitFor(t, "Close", func() { b.Close() }, release, func() bool { return returned.Load() == 2 })
	within(t, "closing what is closed", func() { s.Close() })
}

func closedBusRefuses(t *testing.T, b bus.Bus) {
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, m := range []bus.Message{bus.Settings{App: chat.App{ID: 7}}, posted(room("r"), 1, "x"), outgoing("1")} {
		if err := b.Publish(t.Context(), m); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("Publish %s: got %v, want that the bus is closed", m.Kind(), err)
		}
	}
	if _, err := b.Subscribe(bus.Handler{}); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Subscribe: got %v, want that the bus is closed", err)
	}
	if _, err := b.Work(bus.KindOutgoing, nil); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Work: got %v, want that the bus is closed", err)
	}
}

func closingAmidTraffic(t *testing.T, b bus.Bus) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := listen(t, b, bus.ConversationAddress(room("r")))
	mustWork(t, b, bus.KindOutgoing, func(context.Context, bus.Message) error { return nil })
	var traffic sync.WaitGroup
	for range 4 {
		traffic.Go(func() {
			for b.Publish(ctx, posted(room("r"), 1, "x")) == nil {
			}
		})
		traffic.Go(func() {
			for b.Publish(ctx, outgoing("1")) == nil {
			}
		})
	}
	e.hears(t)
	go e.Unfollow(bus.ConversationAddress(room("r")))
	within(t, "closing the bus", func() { b.Close() })
	within(t, "the end of publishing", traffic.Wait)
}
