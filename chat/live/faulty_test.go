package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"planga/bus"
	"planga/bus/memory"
	"planga/chat"
	"planga/store/sqlite"
)

// faultyBus loses, repeats and swaps events: what a carrier of hints may do at worst.
type faultyBus struct {
	*memory.Bus

	mu   sync.Mutex
	fate func(n int) string // of the n-th event: "lose", "repeat", "swap" with the next, or ""
	n    int
	held bus.Message
	lost []func()
}

func (b *faultyBus) Publish(ctx context.Context, m bus.Message) error {
	e, ok := m.(bus.Event)
	if !ok {
		return b.Bus.Publish(ctx, m)
	}
	for _, m := range b.sentence(e) {
		if err := b.Bus.Publish(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// sentence decides what becomes of an event.
func (b *faultyBus) sentence(e bus.Event) []bus.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	var out []bus.Message
	switch b.fate(b.n) {
	case "lose":
		return nil
	case "repeat":
		out = []bus.Message{e, e}
	case "swap":
		if b.held == nil {
			b.held = e
			return nil
		}
		out = []bus.Message{e}
	default:
		out = []bus.Message{e}
	}
	if b.held != nil {
		out = append(out, b.held)
		b.held = nil
	}
	return out
}

// Subscribe remembers whom to tell of losses.
func (b *faultyBus) Subscribe(h bus.Handler) (bus.Subscription, error) {
	b.mu.Lock()
	b.lost = append(b.lost, h.Lost)
	b.mu.Unlock()
	return b.Bus.Subscribe(h)
}

// doubtsEvery tells all subscribers again and again that something may have been lost, until stop is called.
func (b *faultyBus) doubtsEvery(d time.Duration) (stop func()) {
	stopped := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-tick.C:
				b.mu.Lock()
				for _, lost := range b.lost {
					lost()
				}
				b.mu.Unlock()
			}
		}
	})
	return func() {
		close(stopped)
		telling.Wait()
	}
}

func newFaultyHouse(t *testing.T, fate func(int) string) (*house, *faultyBus) {
	t.Helper()
	store, err := sqlite.OpenChat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &faultyBus{Bus: memory.New(), fate: fate}
	t.Cleanup(func() { b.Close() })
	return openNode(t, store, b, "node-1", unlimited), b
}

// hearsAll waits until every seq up to n has come, and checks that revs only rise.
func (p *person) hearsAll(topic string, n int) {
	p.t.Helper()
	heard, rev := map[float64]bool{}, 0.0
	for len(heard) < n {
		f := p.waits(fmt.Sprintf("message %d of %d", len(heard)+1, n), func(f frame) bool { return f.topic == topic && f.event == "message" })
		m := object(p.t, f.payload)
		if m["rev"].(float64) <= rev {
			p.t.Fatalf("%s heard rev %v after rev %v", p.name, m["rev"], rev)
		}
		rev = m["rev"].(float64)
		heard[m["seq"].(float64)] = true
	}
}

func TestWhatTheBusLosesRepeatsAndSwapsArrivesOnceAndInOrder(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	h, b := newFaultyHouse(t, func(int) string {
		return []string{"lose", "repeat", "swap", "swap", "", "", ""}[dice.IntN(7)]
	})
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	const people, each = 4, 50
	var posters sync.WaitGroup
	for i := range people {
		name := fmt.Sprint("poster", i)
		p := h.comes(t, name, token(t, 1, name, nil, "bikes"))
		p.joins("bikes")
		posters.Go(func() {
			for n := range each {
				p.says("conversation:bikes", "new_message", asJSON(map[string]string{"client_id": strconv.Itoa(n), "body": "x"}))
			}
		})
	}
	posters.Wait()
	// The last event may be lost as well. A carrier that notices says so, and then it is healed at once.
	stop := b.doubtsEvery(100 * time.Millisecond)
	defer stop()
	ann.hearsAll("conversation:bikes", people*each)
}

func TestAGapIsHealedLongBeforeTheSweep(t *testing.T) {
	began := time.Now()
	h, _ := newFaultyHouse(t, func(n int) string {
		if n == 2 { // ann's entry, then the first message
			return "lose"
		}
		return ""
	})
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.posts("bikes", "c1", "lost on the way")
	ann.posts("bikes", "c2", "tells of the gap")
	ann.hearsMessage("bikes", "lost on the way")
	ann.hearsMessage("bikes", "tells of the gap")
	if d := time.Since(began); d > 4*time.Second {
		t.Errorf("it took %s, as long as the sweep", d)
	}
}

func TestEventsThatLieAreNotBelieved(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	genuine := ann.posts("bikes", "c1", "genuine")
	lie := func(rev int64, body string, of chat.Room) {
		m := chat.Message{ID: chat.NewMessageID(), Seq: rev, Rev: rev, Kind: chat.Text, Body: body,
			Author: chat.Author{User: chat.User{ID: "mallory"}}, SentAt: time.Now()}
		if err := h.bus.Publish(t.Context(), bus.Event{Event: chat.Event{Room: of, Kind: chat.MessagePosted, Rev: rev, Message: &m}}); err != nil {
			t.Fatal(err)
		}
	}
	bikes := chat.Room{App: 1, Conversation: "bikes"}
	lie(2, "repeated with another body", bikes)
	lie(1_000_000, "far ahead", bikes)
	lie(3, "of another tenant", chat.Room{App: 2, Conversation: "bikes"})
	lie(3, "of a conversation that does not exist", chat.Room{App: 1, Conversation: "nowhere"})
	if genuine["rev"] != 2.0 {
		t.Fatalf("got rev %v, which the first lie should repeat", genuine["rev"])
	}
	ann.posts("bikes", "c2", "and on")
	ann.hearsMessage("bikes", "genuine")
	ann.hearsMessage("bikes", "and on")
	for _, f := range ann.heard {
		if f.event == "message" {
			t.Errorf("ann believes %s", f.payload)
		}
	}
}

func TestALostLastEventIsFoundByTheSweep(t *testing.T) {
	t.Parallel()
	h, _ := newFaultyHouse(t, func(n int) string {
		if n == 3 { // ann's and bob's entries, then the message
			return "lose"
		}
		return ""
	})
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	bob.posts("bikes", "c1", "lost on the way")
	ann.patience = 10 * time.Second // a sweep takes place every five
	ann.hearsMessage("bikes", "lost on the way")
}

func TestWhoJoinsWhileOthersPostMissesNothing(t *testing.T) {
	h := newHouse(t, unlimited)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	const messages = 400
	var posting sync.WaitGroup
	posting.Go(func() {
		for n := range messages {
			bob.says("conversation:bikes", "new_message", asJSON(map[string]string{"client_id": strconv.Itoa(n), "body": "x"}))
		}
	})
	var joiners []*person
	var joined []map[string]any
	for i := range 20 {
		p := h.comes(t, fmt.Sprint("joiner ", i), token(t, 1, fmt.Sprint("j", i), nil, "bikes"))
		joiners = append(joiners, p)
		joined = append(joined, p.gets("conversation:bikes", "phx_join", `{"limit":200}`))
	}
	posting.Wait()
	for i, p := range joiners {
		next := joined[i]["head_seq"].(float64) + 1
		for ; next <= messages; next++ {
			m := object(t, p.waits(fmt.Sprint("seq ", next), func(f frame) bool { return f.event == "message" }).payload)
			if m["seq"] != next {
				t.Fatalf("%s heard seq %v, want %v", p.name, m["seq"], next)
			}
		}
	}
}
