package live_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"planga/chat"
	"planga/chat/live"
)

// hearsChange waits for a change of a message and returns it.
func (p *person) hearsChange(id any) map[string]any {
	p.t.Helper()
	f := p.waits(fmt.Sprint("a change of ", id), func(f frame) bool {
		return f.topic == bikes && f.event == "message_changed" && object(p.t, f.payload)["id"] == id
	})
	return object(p.t, f.payload)
}

const bikes = "conversation:bikes"

// about is a payload that names a message, with more fields in turn.
func about(id any, more ...any) string {
	o := map[string]any{"id": id}
	for i := 0; i < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return asJSON(o)
}

// first returns the first message of a fresh join.
func (p *person) first() map[string]any {
	p.t.Helper()
	return p.joins("bikes")["messages"].([]any)[0].(map[string]any)
}

func TestAnnEditsAndBobSees(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	ann.joins("bikes")
	bob.joins("bikes")
	posted := ann.posts("bikes", "c1", "It costs 40")
	edited := ann.gets(bikes, "edit_message", about(posted["id"], "body", "It costs 50"))
	if edited["rev"] != posted["rev"].(float64)+1 {
		t.Errorf("got rev %v after %v", edited["rev"], posted["rev"])
	}
	for _, p := range []*person{ann, bob} {
		got := p.hearsChange(posted["id"])
		if got["body"] != "It costs 50" || got["edited_at"] == nil || got["rev"] != edited["rev"] || got["seq"] != posted["seq"] ||
			got["sent_at"] != posted["sent_at"] || got["client_id"] != "c1" {
			t.Errorf("%s sees %v", p.name, got)
		}
	}
	if again := ann.gets(bikes, "edit_message", about(posted["id"], "body", "It costs 50")); again["rev"] != edited["rev"] {
		t.Errorf("the same body took rev %v", again["rev"])
	}
	// The body that was first posted still tells a repeat from another message.
	if again := ann.posts("bikes", "c1", "It costs 40"); again["dup"] != true || again["rev"] != edited["rev"] {
		t.Errorf("repeating the post got %v", again)
	}
	ann.isRefused(bikes, "new_message", `{"client_id":"c1","body":"It costs 50"}`, chat.ClientIDConflict)
	if got := bob.first(); got["body"] != "It costs 50" || got["edited_at"] == nil {
		t.Errorf("a join tells %v", got)
	}
}

func TestADeletedMessageIsGoneForEverybody(t *testing.T) {
	h := newHouse(t)
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	ann.joins("bikes")
	posted := ann.gets(bikes, "new_message", `{"client_id":"c1","body":"my number is 555","mentions":["mia"]}`)
	mia.gets(bikes, "react", about(posted["id"], "emoji", "👍"))
	mia.hearsChange(posted["id"])
	ann.hearsChange(posted["id"])
	deleted := ann.gets(bikes, "delete_message", about(posted["id"]))
	for _, p := range []*person{mia, ann} {
		for how, got := range map[string]map[string]any{"hears": p.hearsChange(posted["id"]), "joins": p.first()} {
			if got["deleted_at"] == nil || got["body"] != "" || len(got["mentions"].([]any)) != 0 ||
				len(got["reactions"].(map[string]any)) != 0 || got["rev"] != deleted["rev"] {
				t.Errorf("%s %s %v", p.name, how, got)
			}
		}
	}
	kept, err := h.store.Message(t.Context(), chat.Room{App: 1, Conversation: "bikes"}, chat.MessageID(posted["id"].(string)))
	if err != nil || kept.Body != "" || kept.Reactions != nil || kept.Mentions != nil {
		t.Errorf("the store still has %+v, error %v", kept, err)
	}
	if again := ann.posts("bikes", "c1", "my number is 555"); again["dup"] != true || again["id"] != posted["id"] || again["rev"] != deleted["rev"] {
		t.Errorf("repeating the post got %v, want the tombstone", again)
	}
	if again := ann.gets(bikes, "delete_message", about(posted["id"])); again["rev"] != deleted["rev"] {
		t.Errorf("deleting again took rev %v", again["rev"])
	}
	ann.isRefused(bikes, "edit_message", about(posted["id"], "body", "back again"), chat.Conflict)
	ann.isRefused(bikes, "react", about(posted["id"], "emoji", "👍"), chat.Conflict)
	ann.isRefused(bikes, "unreact", about(posted["id"], "emoji", "👍"), chat.Conflict)
}

func TestWhatIsHiddenIsLeftAlone(t *testing.T) {
	h := newHouse(t)
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	ann.joins("bikes")
	id := ann.posts("bikes", "c1", "pills")["id"]
	mia.gets(bikes, "hide_message", about(id))
	ann.isRefused(bikes, "edit_message", about(id, "body", "p1lls"), chat.Conflict)
	ann.isRefused(bikes, "react", about(id, "emoji", "👍"), chat.Conflict)
	mia.isRefused(bikes, "react", about(id, "emoji", "👎"), chat.Conflict)
	ann.gets(bikes, "delete_message", about(id))
	mia.gets(bikes, "show_message", about(id))
	if got := mia.first(); got["body"] != "" || got["deleted_at"] == nil || got["hidden"] != false {
		t.Errorf("mia sees %v, want a tombstone", got)
	}
}

func TestTwoWhoReactAtOnceBothCount(t *testing.T) {
	h := newHouse(t, unlimited)
	const people = 8
	all := make([]*person, people)
	for i := range all {
		name := fmt.Sprint("p", i)
		all[i] = h.comes(t, name, token(t, 1, name, nil, "bikes"))
		all[i].joins("bikes")
	}
	id := all[0].posts("bikes", "c1", "Shall we go?")["id"]
	var working sync.WaitGroup
	for _, p := range all {
		working.Go(func() {
			p.gets(bikes, "react", about(id, "emoji", "👍"))
			p.gets(bikes, "react", about(id, "emoji", "👍"))
			p.gets(bikes, "react", about(id, "emoji", "🎉"))
			p.gets(bikes, "unreact", about(id, "emoji", "🎉"))
		})
	}
	working.Wait()
	const changes = 3 * people // a repeated reaction is none
	for _, p := range all {
		var last map[string]any
		for range changes {
			last = p.hearsChange(id)
		}
		if thumbs := last["reactions"].(map[string]any); len(thumbs) != 1 || len(thumbs["👍"].([]any)) != people {
			t.Errorf("%s ends with %v, want %d thumbs", p.name, thumbs, people)
		}
	}
	if got := all[0].first()["reactions"].(map[string]any); len(got["👍"].([]any)) != people {
		t.Errorf("a join tells %v", got)
	}
}

func TestBadAmendmentsAreRefusedAndAHealthyClientGoesOn(t *testing.T) {
	h := newHouse(t, unlimited)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob.joins("bikes")
	ann.joins("bikes")
	id := ann.posts("bikes", "c1", "hello")["id"].(string)
	for _, c := range []struct {
		event, payload string
		reason         chat.Code
	}{
		{"edit_message", `null`, chat.NotFound},
		{"edit_message", `[]`, chat.Invalid},
		{"edit_message", `{}`, chat.NotFound},
		{"edit_message", about(7, "body", "x"), chat.Invalid},
		{"edit_message", about(nil, "body", "x"), chat.NotFound},
		{"edit_message", about("", "body", "x"), chat.NotFound},
		{"edit_message", about("nothing", "body", "x"), chat.NotFound},
		{"edit_message", about(strings.ToUpper(id), "body", "x"), chat.NotFound},
		{"edit_message", about(id+"\x00", "body", "x"), chat.NotFound},
		{"edit_message", about(strings.Repeat("x", 50_000), "body", "x"), chat.NotFound},
		{"edit_message", about("'; DROP TABLE messages; --", "body", "x"), chat.NotFound},
		{"edit_message", about(id), chat.Invalid},
		{"edit_message", about(id, "body", ""), chat.Invalid},
		{"edit_message", about(id, "body", " \u200d"), chat.Invalid},
		{"edit_message", about(id, "body", "a\x00b"), chat.Invalid},
		{"edit_message", about(id, "body", strings.Repeat("é", 4097)), chat.TooLong},
		{"edit_message", about(id, "body", 1), chat.Invalid},
		{"edit_message", about(id, "body", []string{"x"}), chat.Invalid},
		{"delete_message", `{}`, chat.NotFound},
		{"delete_message", `"` + id + `"`, chat.Invalid},
		{"delete_message", about([]string{id}), chat.Invalid},
		{"delete_message", about("00000000-0000-0000-0000-000000000000"), chat.NotFound},
		{"react", about(id), chat.Invalid},
		{"react", about(id, "emoji", ""), chat.Invalid},
		{"react", about(id, "emoji", nil), chat.Invalid},
		{"react", about(id, "emoji", 1), chat.Invalid},
		{"react", about(id, "emoji", "x"), chat.Invalid},
		{"react", about(id, "emoji", "👍👍"), chat.Invalid},
		{"react", about(id, "emoji", "👍\u202e"), chat.Invalid},
		{"react", about(id, "emoji", "<script>"), chat.Invalid},
		{"react", about(id, "emoji", strings.Repeat("👍\u200d", 5000)+"👍"), chat.Invalid},
		{"unreact", about(id, "emoji", "constructor"), chat.Invalid},
		{"unreact", about("nothing", "emoji", "👍"), chat.NotFound},
	} {
		ann.isRefused(bikes, c.event, c.payload, c.reason)
	}
	// What is not the client's is ignored.
	ann.gets(bikes, "edit_message", about(id, "body", "<b>hi</b>", "author", "bob", "seq", 9, "hidden", true, "kind", "system",
		"reactions", map[string][]string{"👍": {"bob"}}, "edited_at", "1970-01-01T00:00:00Z"))
	got := bob.hearsChange(id)
	if got["body"] != "<b>hi</b>" || got["seq"] != 1.0 || got["hidden"] != false || got["kind"] != "text" ||
		len(got["reactions"].(map[string]any)) != 0 || strings.HasPrefix(got["edited_at"].(string), "1970") {
		t.Errorf("got %v", got)
	}
}

func TestAmendmentsCountAsPosts(t *testing.T) {
	h := newHouse(t, func(o *live.Options) { o.Limits = live.Limits{Posts: 1, PostBurst: 4} })
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	id := ann.posts("bikes", "c1", "hello")["id"]
	ann.gets(bikes, "edit_message", about(id, "body", "hello there"))
	ann.gets(bikes, "react", about(id, "emoji", "👍"))
	ann.gets(bikes, "unreact", about(id, "emoji", "👍"))
	got := ann.isRefused(bikes, "delete_message", about(id), chat.RateLimited)
	if ms := got["retry_after_ms"].(float64); ms <= 0 || ms > 1000 {
		t.Errorf("got retry_after_ms %v, want up to a second", ms)
	}
}

func TestAPageOf2018SeesEditsAndDeletions(t *testing.T) {
	h := newHouse(t)
	h.settle(t, app2018())
	ann := h.comesAsIn2018(t, "ann", nil)
	ann.joins()
	mia := h.comesAsIn2018(t, "mia", map[string]any{"current_user_role": "moderator"})
	mia.joins()
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	id := bob.posts("bikes", "c1", "first")["id"]
	posted := ann.hears("new_remote_message")
	bob.gets(bikes, "edit_message", about(id, "body", "second & last"))
	for _, e := range []*elder{ann, mia} {
		got := e.hears("changed_message")
		if got["uuid"] != id || got["content"] != "second &amp; last" || got["deleted_at"] != nil || got["sent_at"] != posted["sent_at"] {
			t.Errorf("got %v", got)
		}
	}
	bob.gets(bikes, "delete_message", about(id))
	for _, e := range []*elder{ann, mia} {
		if got := e.hears("changed_message"); got["uuid"] != id || got["content"] != "" || got["deleted_at"] == nil {
			t.Errorf("got %v", got)
		}
	}
}
