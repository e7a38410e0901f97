package bus_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"planga/bus"
	"planga/bus/memory"
	"planga/chat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// learner runs LearnApps on a bus and notes what it applies.
type learner struct {
	*memory.Bus
	handler bus.Handler // that LearnApps subscribed with
	applied []chat.App
	refuse  error
}

func (l *learner) Subscribe(h bus.Handler) (bus.Subscription, error) {
	l.handler = h
	return l.Bus.Subscribe(h)
}

func (l *learner) apply(_ context.Context, a chat.App) error {
	l.applied = append(l.applied, a)
	return l.refuse
}

// learn starts LearnApps, in a bubble of synctest. The test ends it.
func learn(t *testing.T) *learner {
	l := &learner{Bus: memory.New()}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- bus.LearnApps(ctx, l, "chat-1", l.apply, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("LearnApps ended with %v", err)
		}
		l.Close()
	})
	synctest.Wait()
	return l
}

// answer works as a dashboard that tells the app's settings when asked, and returns how often it was.
func (l *learner) answer(t *testing.T, app chat.App) *int {
	asked := new(int)
	if _, err := l.Work(bus.KindSettingsRequest, func(ctx context.Context, m bus.Message) error {
		if node := m.(bus.SettingsRequest).Node; node != "chat-1" {
			t.Errorf("%q asks, want chat-1", node)
		}
		*asked++
		return l.Publish(ctx, bus.Settings{App: app})
	}); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return asked
}

func TestANodeAsksForTheSettingsWhenItStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := learn(t)
		asked := l.answer(t, chat.App{ID: 7, Revision: 3})
		if *asked != 1 || len(l.applied) != 1 || l.applied[0].Revision != 3 {
			t.Errorf("asked %d times and applied %+v, want once", *asked, l.applied)
		}
	})
}

func TestANodeAsksUntilTheDashboardIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := learn(t)
		time.Sleep(time.Hour) // on the test's own clock
		asked := l.answer(t, chat.App{ID: 7})
		time.Sleep(time.Minute)
		if synctest.Wait(); *asked != 1 || len(l.applied) != 1 {
			t.Errorf("asked %d times and applied %+v, want once", *asked, l.applied)
		}
	})
}

func TestANodeAsksAgainWhenSettingsMayBeLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := learn(t)
		asked := l.answer(t, chat.App{ID: 7})
		l.handler.Lost()
		if synctest.Wait(); *asked != 2 {
			t.Errorf("asked %d times, want again after the loss", *asked)
		}
	})
}

func TestANodeLearnsEveryChangeThoughOneCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := learn(t)
		l.refuse = errors.New("disk full")
		var want []int64
		for revision := range int64(5) {
			if err := l.Publish(t.Context(), bus.Settings{App: chat.App{ID: 7, Revision: revision}}); err != nil {
				t.Fatal(err)
			}
			want = append(want, revision)
		}
		synctest.Wait()
		var got []int64
		for _, a := range l.applied {
			got = append(got, a.Revision)
		}
		if !slices.Equal(got, want) {
			t.Errorf("applied the revisions %v, want %v", got, want)
		}
	})
}

func TestLearningOnAClosedBusIsAnError(t *testing.T) {
	b := memory.New()
	b.Close()
	if err := bus.LearnApps(t.Context(), b, "chat-1", nil, slog.New(slog.DiscardHandler)); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("got %v, want that the bus is closed", err)
	}
}
