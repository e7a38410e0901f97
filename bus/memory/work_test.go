package memory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"planga/bus"
	"planga/bus/etf"
	"planga/bus/memory"
	"planga/chat"
)

func work(id string) bus.Outgoing {
	return bus.Outgoing{Outgoing: chat.Outgoing{ID: id, Type: chat.OnMessageCreated, Room: chat.Room{App: 7, Conversation: "r"}}}
}

func event(rev int64, body string) bus.Event {
	return bus.Event{Event: chat.Event{
		Room: chat.Room{App: 7, Conversation: "r"}, Kind: chat.MessagePosted, Rev: rev,
		Message: &chat.Message{
			ID: "0195d5a0-1111-7000-8000-000000000001", Seq: rev, Rev: rev, ClientID: "c-1", Kind: chat.Text, Body: body,
			Author: chat.Author{User: chat.User{ID: "ann", Name: "Ann", Avatar: "https://example.org/ann.png"}},
			SentAt: time.UnixMilli(1795435201123),
		},
	}}
}

func TestThePauseAfterFailedWorkGrowsUpToTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		defer b.Close()
		var pauses []time.Duration
		last := time.Now()
		if _, err := b.Work(bus.KindOutgoing, func(context.Context, bus.Message) error {
			pauses = append(pauses, time.Since(last))
			last = time.Now()
			if len(pauses) < 12 {
				return errors.New("not now")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(t.Context(), work("1")); err != nil {
			t.Fatal(err)
		}
		var want []time.Duration
		for _, ms := range []time.Duration{0, 50, 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000} {
			want = append(want, ms*time.Millisecond)
		}
		if !slices.Equal(pauses, want) {
			t.Errorf("got the pauses %v, want %v", pauses, want)
		}
	})
}

func TestPublishOfWorkReturnsWhenItIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		defer b.Close()
		done := false
		if _, err := b.Work(bus.KindOutgoing, func(context.Context, bus.Message) error {
			time.Sleep(time.Minute) // on the test's own clock
			done = true
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(t.Context(), work("1")); err != nil || !done {
			t.Errorf("got %v with the work done: %v", err, done)
		}
	})
}

func TestPublishOfWorkEndsWithItsContext(t *testing.T) {
	failing := errors.New("not now")
	for name, worker := range map[string]func(context.Context, bus.Message) error{
		"without a worker": nil,
		"with a worker that fails": func(context.Context, bus.Message) error {
			return failing
		},
		"with a worker that takes long": func(context.Context, bus.Message) error {
			time.Sleep(time.Hour) // on the test's own clock
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := memory.New()
				defer b.Close()
				if worker != nil {
					if _, err := b.Work(bus.KindOutgoing, worker); err != nil {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := b.Publish(ctx, work("1"))
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want that the time was up", err)
				}
				if name == "with a worker that fails" && !errors.Is(err, failing) {
					t.Errorf("got %v, want the worker's error in it", err)
				}
			})
		})
	}
}

func TestClosingEndsWaitingWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		outcome := make(chan error, 2)
		if _, err := b.Work(bus.KindStatistics, func(context.Context, bus.Message) error { return errors.New("not now") }); err != nil {
			t.Fatal(err)
		}
		go func() { outcome <- b.Publish(t.Context(), work("nobody works on it")) }()
		go func() { outcome <- b.Publish(t.Context(), bus.Statistics{}) }()
		synctest.Wait()
		b.Close()
		for range 2 {
			if err := <-outcome; !errors.Is(err, bus.ErrClosed) {
				t.Errorf("got %v, want that the bus is closed", err)
			}
		}
	})
}

func TestClosingEndsTheContextOfRunningWork(t *testing.T) {
	b := memory.New()
	began := make(chan struct{})
	if _, err := b.Work(bus.KindOutgoing, func(ctx context.Context, _ bus.Message) error {
		close(began)
		<-ctx.Done()
		return ctx.Err()
	}); err != nil {
		t.Fatal(err)
	}
	outcome := make(chan error, 1)
	go func() { outcome <- b.Publish(t.Context(), work("1")) }()
	<-began
	b.Close()
	if err := <-outcome; !errors.Is(err, bus.ErrClosed) {
		t.Errorf("got %v, want that the bus is closed", err)
	}
}

func TestWhatWaitsIsNotDeliveredAfterUnfollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		defer b.Close()
		release := make(chan struct{})
		var heard []int64
		s, err := b.Subscribe(bus.Handler{Event: func(e chat.Event) {
			heard = append(heard, e.Rev)
			<-release
		}})
		if err != nil {
			t.Fatal(err)
		}
		room := bus.ConversationAddress(event(1, "").Room)
		if err := s.Follow(t.Context(), room); err != nil {
			t.Fatal(err)
		}
		for rev := range int64(3) {
			if err := b.Publish(t.Context(), event(rev+1, "x")); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		s.Unfollow(room)
		close(release)
		s.Close()
		if len(heard) > 1 {
			t.Errorf("heard the revs %v, want only what was heard before unfollowing", heard)
		}
	})
}

func TestLargeHintsAreDroppedBeforeTheyFillTheMemory(t *testing.T) {
	b := memory.New()
	defer b.Close()
	hang, entered := make(chan struct{}), make(chan struct{}, 1000)
	heard, lost := 0, make(chan struct{}, 1)
	s, err := b.Subscribe(bus.Handler{
		Event: func(chat.Event) {
			entered <- struct{}{}
			<-hang
			heard++
		},
		Lost: func() { lost <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Follow(t.Context(), bus.ConversationAddress(event(1, "").Room)); err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("x", etf.MaxSize-1000)
	for rev := range int64(100) {
		if err := b.Publish(t.Context(), event(rev+1, body)); err != nil {
			t.Fatal(err)
		}
		if rev == 0 {
			<-entered
		}
	}
	close(hang)
	<-lost
	if s.Close(); heard < 16 || heard > 18 {
		t.Errorf("heard %d messages of a megabyte, want the 16 that may wait and the one before", heard)
	}
}
