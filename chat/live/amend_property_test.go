package live_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"planga/chat"
)

// onlooker keeps a conversation as it is told, by the rules of the wire alone.
type onlooker struct {
	*person
	role     chat.Role
	topic    string
	rev      int64
	messages map[string]string // as told, by id
}

// told is what of a message may change, in a form that can be compared.
type told struct {
	ID        string
	Seq, Rev  int64
	Body      string
	Reactions map[string][]chat.UserID
	Edited    bool
	Deleted   bool
	Hidden    bool
}

func (m told) String() string {
	for _, users := range m.Reactions {
		slices.Sort(users)
	}
	return asJSON(m)
}

// toldOnWire is a message as the wire has it.
func toldOnWire(raw json.RawMessage) told {
	var m struct {
		ID        string
		Seq, Rev  int64
		Body      string
		Reactions map[string][]chat.UserID
		EditedAt  *string `json:"edited_at"`
		DeletedAt *string `json:"deleted_at"`
		Hidden    bool
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		panic(err)
	}
	return told{m.ID, m.Seq, m.Rev, m.Body, m.Reactions, m.EditedAt != nil, m.DeletedAt != nil, m.Hidden}
}

// toldByStore is a message as somebody with that role is to see it.
func toldByStore(m chat.Message, viewer chat.Role) told {
	m = chat.MessageFor(m, viewer)
	reactions := maps.Clone(m.Reactions)
	if reactions == nil {
		reactions = map[string][]chat.UserID{}
	}
	return told{string(m.ID), m.Seq, m.Rev, m.Body, reactions, !m.EditedAt.IsZero(), !m.DeletedAt.IsZero(), !m.HiddenAt.IsZero()}
}

func (o *onlooker) joins() {
	o.t.Helper()
	o.rev = int64(o.gets(o.topic, "phx_join", "{}")["rev"].(float64))
}

// follows takes in what it is told, up to a rev.
func (o *onlooker) follows(rev int64) {
	o.t.Helper()
	for o.rev < rev {
		f := o.waits(fmt.Sprint("rev ", o.rev+1), func(f frame) bool {
			return f.topic == o.topic && (f.event == "message" || f.event == "message_changed" || f.event == "participant_changed")
		})
		var at struct{ Rev int64 }
		if err := json.Unmarshal(f.payload, &at); err != nil {
			o.t.Fatal(err)
		}
		switch {
		case at.Rev <= o.rev: // it was in the join already
			continue
		case at.Rev > o.rev+1: // one of the nodes was late, and sent what the store has
			o.catchesUp()
			continue
		}
		o.rev = at.Rev
		if f.event != "participant_changed" {
			m := toldOnWire(f.payload)
			o.messages[m.ID] = m.String()
		}
	}
}

// catchesUp asks for what has changed since.
func (o *onlooker) catchesUp() {
	o.t.Helper()
	page := o.gets(o.topic, "history", fmt.Sprintf(`{"after_rev":%d,"limit":%d}`, o.rev, chat.MaxPage))
	for _, m := range page["messages"].([]any) {
		m := toldOnWire(json.RawMessage(asJSON(m)))
		o.messages[m.ID] = m.String()
	}
	o.rev = int64(page["rev"].(float64))
}

// deed is one thing that somebody does with one of the messages.
type deed struct {
	event string
	more  []any
	which int
}

func deedsOf(t *rapid.T, name string, messages int) []deed {
	one := rapid.Custom(func(t *rapid.T) deed {
		event := rapid.SampledFrom([]string{"edit_message", "edit_message", "delete_message", "react", "react", "react", "unreact",
			"hide_message", "show_message", "new_message"}).Draw(t, "event")
		return deed{event, []any{
			"body", rapid.SampledFrom([]string{"one", "two", "three"}).Draw(t, "body"),
			"emoji", rapid.SampledFrom([]string{"👍", "🎉", "❤️"}).Draw(t, "emoji"),
			"client_id", rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "client id"),
		}, rapid.IntRange(0, messages-1).Draw(t, "which")}
	})
	return rapid.SliceOfN(one, 1, 12).Draw(t, name)
}

// TestEveryViewEqualsTheStore has three people on two nodes do anything to a few messages, all at once.
func TestEveryViewEqualsTheStore(t *testing.T) {
	h := newHouse(t, unlimited)
	nodes := []*house{h, openNode(t, h.store, h.bus, "node-2", unlimited)}
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		place := chat.Room{App: 1, Conversation: chat.ConversationID(fmt.Sprint("round ", round))}
		roles := []chat.Role{chat.Member, chat.Member, chat.Moderator}
		people := make([]*onlooker, len(roles))
		todo := make([][]deed, len(roles))
		ids := make([]any, len(roles))
		for i, role := range roles {
			name := fmt.Sprint("p", i)
			people[i] = &onlooker{person: nodes[i%2].comes(t, name, token(t, 1, name, &role, place.Conversation)), role: role,
				topic: "conversation:" + string(place.Conversation), messages: map[string]string{}}
			defer people[i].conn.CloseNow()
			people[i].joins()
			todo[i] = deedsOf(rt, name, len(ids))
		}
		for i, p := range people {
			ids[i] = p.posts(string(place.Conversation), "first", "hello")["id"]
		}
		var working sync.WaitGroup
		for i, p := range people {
			working.Go(func() {
				for _, d := range todo[i] {
					if status, got := p.asks(p.topic, d.event, about(ids[d.which], d.more...)); status != "ok" && got["reason"] == "internal" {
						t.Errorf("%s of %s: got %v", d.event, p.name, got)
					}
				}
			})
		}
		working.Wait()
		page, err := h.store.Read(t.Context(), place, chat.Query{Limit: chat.MaxPage})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range people {
			p.follows(page.Conversation.Rev)
			kept := map[string]string{}
			for _, m := range page.Messages {
				kept[string(m.ID)] = toldByStore(m, p.role).String()
			}
			if !maps.Equal(p.messages, kept) {
				rt.Fatalf("%s was told\n%v\nbut the store has\n%v", p.name, p.messages, kept)
			}
		}
	})
}
