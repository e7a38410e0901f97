// Package bustest judges whether a carrier keeps the promises of [bus.Bus]. Every carrier is judged by the same list,
// and has a test like
//
//	func TestBus(t *testing.T) {
//		bustest.Run(t, func(t testing.TB) bus.Bus { return memory.New() })
//	}
//
// It judges what every carrier promises, not what one does beyond that: a hint may be dropped, but then the
// subscription must be told; work may be done twice, but never not at all.
package bustest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"planga/bus"
	"planga/chat"
)

// patience is how long the judge waits for what must happen. It is long, because waiting is free when all is well.
const patience = 20 * time.Second

// Run judges the carrier. open returns a working bus on which nobody else talks and nothing waits; Run closes it.
func Run(t *testing.T, open func(t testing.TB) bus.Bus) {
	for _, promises := range [][]promise{delivery, following, overload, working, ending} {
		for _, p := range promises {
			t.Run(p.sentence, func(t *testing.T) {
				b := open(t)
				t.Cleanup(func() { within(t, "closing the bus", func() { b.Close() }) })
				p.keep(t, b)
			})
		}
	}
}

// promise is a sentence, and a test that fails where it does not hold.
type promise struct {
	sentence string
	keep     func(t *testing.T, b bus.Bus)
}

// room returns the address of a conversation of the app that most tests talk about.
func room(name string) chat.Room { return chat.Room{App: 7, Conversation: chat.ConversationID(name)} }

// posted returns the event that a message with this rev and body was posted.
func posted(r chat.Room, rev int64, body string) bus.Event {
	return bus.Event{Event: chat.Event{Room: r, Kind: chat.MessagePosted, Rev: rev, Message: &chat.Message{
		ID: "m", Seq: rev, Rev: rev, ClientID: "c", Kind: chat.Text, Body: body,
		Author: chat.Author{User: chat.User{ID: "ann", Name: "Ann"}},
	}}}
}

// outgoing returns work with an id.
func outgoing(id string) bus.Outgoing {
	return bus.Outgoing{Outgoing: chat.Outgoing{ID: id, Type: chat.OnMessageCreated, Room: room("r")}}
}

// ear is a subscription that notes what it hears.
type ear struct {
	bus.Subscription
	heard chan any // chat.App, chat.Event, chat.Signal, or lost
}

// lost stands for a call of Lost among what an ear heard.
type lost struct{}

// listen subscribes and follows.
func listen(t *testing.T, b bus.Bus, follow ...bus.Address) *ear {
	t.Helper()
	e := &ear{heard: make(chan any, 100_000)}
	s, err := b.Subscribe(bus.Handler{
		Settings: func(a chat.App) { e.heard <- a },
		Event:    func(v chat.Event) { e.heard <- v },
		Signal:   func(s chat.Signal) { e.heard <- s },
		Lost:     func() { e.heard <- lost{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Subscription = s
	for _, a := range follow {
		mustFollow(t, s, a)
	}
	return e
}

func mustFollow(t *testing.T, s bus.Subscription, a bus.Address) {
	t.Helper()
	if err := s.Follow(t.Context(), a); err != nil {
		t.Fatalf("Follow %v: %v", a, err)
	}
}

func mustPublish(t *testing.T, b bus.Bus, messages ...bus.Message) {
	t.Helper()
	for _, m := range messages {
		if err := b.Publish(t.Context(), m); err != nil {
			t.Fatalf("Publish %s: %v", m.Kind(), err)
		}
	}
}

// hears waits for the next thing heard.
func (e *ear) hears(t *testing.T) any {
	t.Helper()
	return receive(t, e.heard, "something heard")
}

// hearsBody waits for the next thing heard, which must be a message posted with this body.
func (e *ear) hearsBody(t *testing.T, want string) {
	t.Helper()
	got, ok := e.hears(t).(chat.Event)
	if !ok || got.Message == nil || got.Message.Body != want {
		t.Fatalf("heard %s, want the message %q", describe(got), want)
	}
}

func describe(e chat.Event) string {
	if e.Message == nil {
		return fmt.Sprintf("%+v", e)
	}
	return fmt.Sprintf("the message %q", e.Message.Body)
}

// receive waits for a value.
func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

// within fails the test if f does not return in time.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	receive(t, done, what)
}

// mustWork starts a worker that ends with the test at the latest.
func mustWork(t *testing.T, b bus.Bus, kind bus.Kind, fn func(context.Context, bus.Message) error) (stop func()) {
	t.Helper()
	stop, err := b.Work(kind, fn)
	if err != nil {
		t.Fatalf("Work on %s: %v", kind, err)
	}
	t.Cleanup(stop)
	return stop
}

// publishing publishes in the background and returns where the outcome will be.
func publishing(t *testing.T, b bus.Bus, m bus.Message) <-chan error {
	outcome := make(chan error, 1)
	ctx := t.Context()
	go func() { outcome <- b.Publish(ctx, m) }()
	return outcome
}

// mustSucceed waits for the outcome of publishing, which must be success.
func mustSucceed(t *testing.T, outcome <-chan error) {
	t.Helper()
	if err := receive(t, outcome, "the end of Publish"); err != nil {
		t.Fatalf("Publish: %v", err)
	}
}
