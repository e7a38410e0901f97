package bustest

import (
	"strings"
	"testing"

	"planga/bus"
	"planga/chat"
)

var overload = []promise{
	{"a stuck subscriber blocks nobody, and is told what it lost", stuckSubscriber},
	{"after overload a subscriber hears again", hearsAfterOverload},
}

// flood is more than any carrier keeps for one subscriber.
const flood = 30_000

func stuckSubscriber(t *testing.T, b bus.Bus) {
	stuck := newStuck(t, b)
	other := listen(t, b, bus.ConversationAddress(room("calm")))
	within(t, "publishing past a stuck subscriber", func() { stuck.flood(t, b) })
	mustPublish(t, b, posted(room("calm"), 1, "calm"))
	other.hearsBody(t, "calm")

	stuck.release()
	for heard := 0; heard < flood; heard++ {
		if _, ok := stuck.hears(t).(lost); ok {
			return
		}
	}
}

func hearsAfterOverload(t *testing.T, b bus.Bus) {
	stuck := newStuck(t, b)
	within(t, "publishing past a stuck subscriber", func() { stuck.flood(t, b) })
	stuck.release()
	for heard := 0; heard < flood; heard++ {
		if _, ok := stuck.hears(t).(lost); ok {
			break
		}
	}
	mustPublish(t, b, bus.Settings{App: chat.App{ID: 7}})
	for {
		if _, ok := stuck.hears(t).(chat.App); ok {
			return
		}
	}
}

// stuckEar follows the room "busy" and hangs in its handler until it is released.
type stuckEar struct {
	*ear
	release func()
}

func newStuck(t *testing.T, b bus.Bus) stuckEar {
	t.Helper()
	hang, entered := make(chan struct{}), make(chan struct{}, 1)
	e := &ear{heard: make(chan any, 2*flood)}
	s, err := b.Subscribe(bus.Handler{
		Event: func(v chat.Event) {
			select {
			case entered <- struct{}{}:
			default:
			}
			<-hang
			e.heard <- v
		},
		Settings: func(a chat.App) { e.heard <- a },
		Lost:     func() { e.heard <- lost{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Subscription = s
	released := false
	release := func() {
		if !released {
			close(hang)
		}
		released = true
	}
	t.Cleanup(release)
	mustFollow(t, s, bus.ConversationAddress(room("busy")))
	mustPublish(t, b, posted(room("busy"), 1, "first"))
	receive(t, entered, "the first event")
	return stuckEar{ear: e, release: release}
}

// flood publishes until the stuck subscriber must have lost something or hold everything.
func (s stuckEar) flood(t *testing.T, b bus.Bus) {
	body := strings.Repeat("x", 100)
	for rev := range int64(flood - 1) {
		if err := b.Publish(t.Context(), posted(room("busy"), rev+2, body)); err != nil {
			t.Error(err)
			return
		}
	}
}
