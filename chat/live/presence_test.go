package live_test

import (
	"fmt"
	"testing"
)

// present follows the presences of a topic as a client does.
func (p *person) present(topic string, until func(map[string]int) bool) {
	p.t.Helper()
	now := map[string]int{}
	merge := func(users any, by int) {
		for user, u := range users.(map[string]any) {
			now[user] += by * len(u.(map[string]any)["metas"].([]any))
			if now[user] == 0 {
				delete(now, user)
			}
		}
	}
	merge(p.hears(topic, "presence_state"), 1)
	for !until(now) {
		diff := p.hears(topic, "presence_diff")
		merge(diff["joins"], 1)
		merge(diff["leaves"], -1)
	}
}

func exactly(want map[string]int) func(map[string]int) bool {
	return func(got map[string]int) bool { return fmt.Sprint(got) == fmt.Sprint(want) }
}

func TestPeopleSeeWhoComesAndGoes(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	tab := h.comes(t, "bob's other tab", token(t, 1, "bob", nil, "bikes"))
	tab.joins("bikes")
	ann.present("conversation:bikes", exactly(map[string]int{"ann": 1, "bob": 2}))
	tab.gets("conversation:bikes", "phx_leave", "{}")
	bob.conn.CloseNow()
	leaves := 0
	for leaves < 2 {
		diff := ann.hears("conversation:bikes", "presence_diff")
		if gone, ok := diff["leaves"].(map[string]any)["bob"]; ok {
			leaves += len(gone.(map[string]any)["metas"].([]any))
		}
	}
}

func TestPresenceReachesOtherNodes(t *testing.T) {
	h := newHouse(t)
	other := openNode(t, h.store, h.bus, "node-2")
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	bob := other.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	both := exactly(map[string]int{"ann": 1, "bob": 1})
	ann.present("conversation:bikes", both)
	bob.present("conversation:bikes", both) // though ann came before bob's node listened
	bob.posts("bikes", "c1", "from the other node")
	ann.hearsMessage("bikes", "from the other node")
	bob.conn.CloseNow()
	for {
		diff := ann.hears("conversation:bikes", "presence_diff")
		if _, ok := diff["leaves"].(map[string]any)["bob"]; ok {
			return
		}
	}
}

func TestOfALargeRoomASampleIsTold(t *testing.T) {
	h := newHouse(t)
	const people = 220
	var all []*person
	for i := range people {
		p := h.comes(t, fmt.Sprint("person ", i), token(t, 1, fmt.Sprint("p", i), nil, "square"))
		p.joins("square")
		all = append(all, p)
	}
	full := func(got map[string]int) bool { return len(got) == 200 }
	all[0].present("conversation:square", full)
	last := h.comes(t, "one more", token(t, 1, "more", nil, "square"))
	last.joins("square")
	last.present("conversation:square", full)
	all[1].conn.CloseNow()
	diff := last.hears("conversation:square", "presence_diff")
	if len(diff["leaves"].(map[string]any)) != 1 || len(diff["joins"].(map[string]any)) != 1 {
		t.Errorf("got %v, want one who left and one who moved up", diff)
	}
}
