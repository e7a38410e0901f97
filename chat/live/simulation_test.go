package live_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"planga/bus/memory"
	"planga/store/sqlite"
)

// follower keeps a copy of a conversation by the rules of the wire: an event that has its turn is applied, an old one dropped, and
// where revs are missing the history is asked for. Its connection breaks every now and then.
type follower struct {
	*person
	epoch    string
	rev      float64
	messages map[float64]string // id by seq
}

func newFollower() *follower { return &follower{messages: map[float64]string{}} }

// joins enters with what the follower has.
func (f *follower) joins() {
	f.t.Helper()
	payload := "{}"
	if f.epoch != "" {
		payload = fmt.Sprintf(`{"last_rev":%d,"epoch":%q}`, int(f.rev), f.epoch)
	}
	got := f.gets("conversation:bikes", "phx_join", payload)
	f.epoch = got["epoch"].(string)
	f.takeIn(got)
}

// takeIn adopts a page and asks for more as long as there is some.
func (f *follower) takeIn(page map[string]any) {
	f.t.Helper()
	for {
		rev := f.rev
		for _, m := range page["messages"].([]any) {
			f.take(m.(map[string]any))
			rev = max(rev, m.(map[string]any)["rev"].(float64))
		}
		if page["more"] != true {
			f.rev = max(f.rev, page["rev"].(float64))
			return
		}
		f.rev = rev
		page = f.gets("conversation:bikes", "history", fmt.Sprintf(`{"after_rev":%d,"limit":20}`, int(f.rev)))
	}
}

func (f *follower) take(m map[string]any) {
	seq, id := m["seq"].(float64), m["id"].(string)
	if known, ok := f.messages[seq]; ok && known != id {
		f.t.Errorf("%s: seq %v is %s and %s", f.name, seq, known, id)
	}
	f.messages[seq] = id
}

// follows hears one event, or asks for what is missing.
func (f *follower) follows() {
	f.t.Helper()
	event := f.waits("any change", func(x frame) bool {
		return x.event == "message" || x.event == "participant_changed" || x.event == "head"
	})
	m := object(f.t, event.payload)
	rev := m["rev"].(float64)
	switch {
	case rev <= f.rev:
	case rev > f.rev+1 || event.event == "head":
		f.takeIn(f.gets("conversation:bikes", "history", fmt.Sprintf(`{"after_rev":%d}`, int(f.rev))))
	default:
		if f.rev = rev; event.event == "message" {
			f.take(m)
		}
	}
}

// TestFollowersMissNothingWhateverBreaks has two nodes over a bus that loses, repeats and swaps, while followers' connections
// break and they come back to either node.
func TestFollowersMissNothingWhateverBreaks(t *testing.T) {
	store, err := sqlite.OpenChat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	dice := rand.New(rand.NewPCG(3, 4))
	b := &faultyBus{Bus: memory.New(), fate: func(int) string {
		return []string{"lose", "repeat", "swap", "swap", "", "", "", ""}[dice.IntN(8)]
	}}
	t.Cleanup(func() { b.Close() })
	nodes := []*house{openNode(t, store, b, "node-1", unlimited), openNode(t, store, b, "node-2", unlimited)}
	stop := b.doubtsEvery(50 * time.Millisecond)
	defer stop()

	const posters, each, followers = 3, 100, 6
	var working sync.WaitGroup
	for i := range posters {
		name := fmt.Sprint("poster", i)
		p := nodes[i%2].comes(t, name, token(t, 1, name, nil, "bikes"))
		p.joins("bikes")
		working.Go(func() {
			for n := range each {
				p.posts("bikes", strconv.Itoa(n), "x")
			}
		})
	}
	all := make([]*follower, followers)
	for i := range all {
		all[i] = newFollower()
		dice := rand.New(rand.NewPCG(5, uint64(i)))
		name := fmt.Sprint("follower", i)
		token := token(t, 1, name, nil, "bikes")
		working.Go(func() {
			f := all[i]
			for len(f.messages) < posters*each && !t.Failed() {
				f.person = nodes[dice.IntN(2)].comes(t, name, token)
				f.joins()
				for range dice.IntN(60) {
					if len(f.messages) == posters*each {
						break
					}
					f.follows()
				}
				f.conn.CloseNow()
			}
		})
	}
	working.Wait()
	for i, f := range all {
		if fmt.Sprint(f.messages) != fmt.Sprint(all[0].messages) {
			t.Errorf("follower %d has another conversation than follower 0", i)
		}
	}
}
