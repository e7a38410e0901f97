package bustest

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"planga/bus"
	"planga/bus/etf"
	"planga/chat"
)

var delivery = []promise{
	{"hints of every kind arrive as they were sent", hintsArriveAsSent},
	{"an event reaches every follower and nobody else", eventReachesFollowers},
	{"settings reach every subscription", settingsReachAll},
	{"one publisher's events of a room arrive in order", eventsArriveInOrder},
	{"a handler is called one thing at a time", handlerIsCalledSingly},
	{"what was published may be changed afterwards", publishedMayBeChanged},
	{"what was received may be changed by its receiver", receivedMayBeChanged},
	{"a message that cannot be encoded is refused", unencodableIsRefused},
	{"a handler may leave out what it does not care for", handlerMayLeaveOut},
}

func hintsArriveAsSent(t *testing.T, b bus.Bus) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 5e6, time.UTC)
	event := posted(room("r"), 1, "Hello 👋")
	event.Message.SentAt = at
	event.Message.Reactions = map[string][]chat.UserID{"👍": {"bob"}}
	mark := chat.Event{Room: room("r"), Kind: chat.MessageRead, Participant: &chat.Participant{User: chat.User{ID: "bob"}, ReadSeq: 1}}
	signal := chat.Signal{Kind: chat.Typing, Room: room("r"), User: chat.User{ID: "ann", Name: "Ann"}, Node: "n", Ref: "r", At: at}
	app := chat.App{ID: 7, Name: "Shop", Revision: 3, Keys: []chat.Key{{PublicID: "pk", Secret: "sk", Active: true}}, Origins: []string{"https://shop.example"}}

	e := listen(t, b, bus.ConversationAddress(room("r")))
	for _, c := range []struct {
		send bus.Message
		want any
	}{
		{event, event.Event}, {bus.Event{Event: mark}, mark}, {bus.Signal{Signal: signal}, signal}, {bus.Settings{App: app}, app},
	} {
		mustPublish(t, b, c.send)
		if diff := cmp.Diff(c.want, e.hears(t)); diff != "" {
			t.Errorf("%s differs (-sent +received):\n%s", c.send.Kind(), diff)
		}
	}
}

func eventReachesFollowers(t *testing.T, b bus.Bus) {
	ann := listen(t, b, bus.ConversationAddress(room("r")), bus.ConversationAddress(room("end")))
	bob := listen(t, b, bus.ConversationAddress(room("r")), bus.ConversationAddress(room("end")))
	eve := listen(t, b, bus.ConversationAddress(room("other")), bus.ConversationAddress(room("end")))
	foreign := chat.Room{App: 8, Conversation: "r"} // another app's room of the same name
	mustPublish(t, b, posted(foreign, 1, "foreign"), posted(room("r"), 1, "hello"), posted(room("end"), 1, "end"))
	for _, e := range []*ear{ann, bob} {
		e.hearsBody(t, "hello")
		e.hearsBody(t, "end")
	}
	eve.hearsBody(t, "end")
}

func settingsReachAll(t *testing.T, b bus.Bus) {
	ears := []*ear{listen(t, b), listen(t, b, bus.ConversationAddress(room("r")))}
	mustPublish(t, b, bus.Settings{App: chat.App{ID: 7, Name: "Shop"}})
	for _, e := range ears {
		if app, ok := e.hears(t).(chat.App); !ok || app.Name != "Shop" {
			t.Errorf("got %+v, want the shop's settings", app)
		}
	}
}

func eventsArriveInOrder(t *testing.T, b bus.Bus) {
	const publishers, each = 4, 250
	e := listen(t, b, bus.ConversationAddress(room("r")))
	var all sync.WaitGroup
	for p := range publishers {
		all.Go(func() {
			for rev := range int64(each) {
				if err := b.Publish(t.Context(), posted(room("r"), rev+1, strings.Repeat("x", p))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	var last [publishers]int64
	for range publishers * each {
		event, ok := e.hears(t).(chat.Event)
		if !ok {
			t.Fatal("a thousand events were too many")
		}
		p := len(event.Message.Body)
		if event.Rev != last[p]+1 {
			t.Fatalf("publisher %d: got rev %d after %d", p, event.Rev, last[p])
		}
		last[p] = event.Rev
	}
}

func handlerIsCalledSingly(t *testing.T, b bus.Bus) {
	var inside, calls atomic.Int32
	done := make(chan struct{})
	call := func() {
		if inside.Add(1) > 1 {
			t.Error("the handler was called while it was running")
		}
		runtime.Gosched() // invite a second call
		inside.Add(-1)
		if calls.Add(1) == 300 {
			close(done)
		}
	}
	s, err := b.Subscribe(bus.Handler{
		Settings: func(chat.App) { call() }, Event: func(chat.Event) { call() }, Signal: func(chat.Signal) { call() },
	})
	if err != nil {
		t.Fatal(err)
	}
	mustFollow(t, s, bus.ConversationAddress(room("r")))
	for range 100 {
		go b.Publish(t.Context(), bus.Settings{App: chat.App{ID: 7}})
		go b.Publish(t.Context(), posted(room("r"), 1, "x"))
		go b.Publish(t.Context(), bus.Signal{Signal: chat.Signal{Kind: chat.Typing, Room: room("r")}})
	}
	receive(t, done, "all that was published")
}

func publishedMayBeChanged(t *testing.T, b bus.Bus) {
	e := listen(t, b, bus.ConversationAddress(room("r")))
	event := posted(room("r"), 1, "as sent")
	event.Message.Mentions = []chat.UserID{"bob"}
	event.Message.Reactions = map[string][]chat.UserID{"👍": {"bob"}}
	mustPublish(t, b, event)
	event.Message.Body = "changed"
	event.Message.Mentions[0] = "eve"
	event.Message.Reactions["👍"][0] = "eve"
	got, ok := e.hears(t).(chat.Event)
	if !ok || got.Message.Body != "as sent" || got.Message.Mentions[0] != "bob" || got.Message.Reactions["👍"][0] != "bob" {
		t.Errorf("got %+v, want the message as it was sent", got.Message)
	}
}

func receivedMayBeChanged(t *testing.T, b bus.Bus) {
	ann, bob := listen(t, b, bus.ConversationAddress(room("r"))), listen(t, b, bus.ConversationAddress(room("r")))
	event := posted(room("r"), 1, "as sent")
	event.Message.Reactions = map[string][]chat.UserID{"👍": {"bob"}}
	mustPublish(t, b, event)
	anns := ann.hears(t).(chat.Event)
	anns.Message.Body = "changed"
	anns.Message.Reactions["👍"][0] = "eve"
	bobs := bob.hears(t).(chat.Event)
	for who, m := range map[string]*chat.Message{"the other receiver": bobs.Message, "the publisher": event.Message} {
		if m.Body != "as sent" || m.Reactions["👍"][0] != "bob" {
			t.Errorf("%s has %+v, want the message as it was sent", who, m)
		}
	}
}

func unencodableIsRefused(t *testing.T, b bus.Bus) {
	for what, m := range map[string]bus.Message{
		"more than a megabyte": posted(room("r"), 1, strings.Repeat("x", etf.MaxSize)),
		"text not UTF-8":       posted(room("r"), 1, "\xff"),
		"no message in it":     bus.Event{Event: chat.Event{Room: room("r"), Kind: chat.MessagePosted}},
		"work of no type":      bus.Outgoing{Outgoing: chat.Outgoing{ID: "x", Room: room("r")}},
		"nothing":              nil,
	} {
		if err := b.Publish(t.Context(), m); err == nil {
			t.Errorf("%s: got no error", what)
		}
	}
}

func handlerMayLeaveOut(t *testing.T, b bus.Bus) {
	heard := make(chan chat.Event, 1)
	s, err := b.Subscribe(bus.Handler{Event: func(e chat.Event) { heard <- e }})
	if err != nil {
		t.Fatal(err)
	}
	mustFollow(t, s, bus.ConversationAddress(room("r")))
	mustPublish(t, b,
		bus.Settings{App: chat.App{ID: 7}},
		bus.Signal{Signal: chat.Signal{Kind: chat.Typing, Room: room("r")}},
		posted(room("r"), 1, "hello"))
	receive(t, heard, "the event")
}
