package live_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"planga/chat"
	"planga/chat/live"
)

// TestWhoMayDoWhat asks for every deed again after the visitor's rights have changed under an open socket.
func TestWhoMayDoWhat(t *testing.T) {
	const ok = chat.Code("")
	verbs := []string{"edit own", "edit other's", "delete own", "delete other's", "react", "unreact", "post"}
	roles := map[string]struct {
		role   chat.Role
		banned bool
		want   []chat.Code
	}{
		"member":          {chat.Member, false, []chat.Code{ok, chat.Forbidden, ok, chat.Forbidden, ok, ok, ok}},
		"moderator":       {chat.Moderator, false, []chat.Code{ok, chat.Forbidden, ok, ok, ok, ok, ok}},
		"reader":          {chat.Reader, false, []chat.Code{chat.Forbidden, chat.Forbidden, chat.Forbidden, chat.Forbidden, chat.Forbidden, chat.Forbidden, chat.Forbidden}},
		"banned member":   {chat.Member, true, []chat.Code{chat.Banned, chat.Banned, chat.Banned, chat.Banned, chat.Banned, chat.Banned, chat.Banned}},
		"member restored": {chat.Member, false, []chat.Code{ok, chat.Forbidden, ok, chat.Forbidden, ok, ok, ok}},
	}
	h := newHouse(t, unlimited)
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	ann.joins("bikes")
	place := chat.Room{App: 1, Conversation: "bikes"}
	for n, name := range []string{"member", "moderator", "reader", "banned member", "member restored", "reader", "moderator", "member"} {
		c := roles[name]
		// What ann does is hers while she may write; then she becomes what the row says.
		become(t, h, place, chat.Member, false)
		own := ann.posts("bikes", fmt.Sprint("own", n), "mine")["id"]
		other := mia.posts("bikes", fmt.Sprint("other", n), "hers")["id"]
		become(t, h, place, c.role, c.banned)
		payloads := []struct{ event, payload string }{
			{"edit_message", about(own, "body", "edited")}, {"edit_message", about(other, "body", "edited")},
			{"delete_message", about(own)}, {"delete_message", about(other)},
			{"react", about(mia.posts("bikes", fmt.Sprint("new", n), "new")["id"], "emoji", "👍")}, {"unreact", ""},
			{"new_message", fmt.Sprintf(`{"client_id":"post%d","body":"hello"}`, n)},
		}
		payloads[5].payload = payloads[4].payload
		for i, verb := range verbs {
			status, got := ann.asks(bikes, payloads[i].event, payloads[i].payload)
			reason := chat.Code("")
			if status != "ok" {
				reason = chat.Code(got["reason"].(string))
			}
			if reason != c.want[i] {
				t.Errorf("%s, %s: got %q, want %q", name, verb, reason, c.want[i])
			}
		}
	}
}

// become changes what ann may do.
func become(t *testing.T, h *house, r chat.Room, role chat.Role, banned bool) {
	t.Helper()
	if _, err := h.service.Unban(t.Context(), r, "mia", "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.service.SetRole(t.Context(), r, "ann", role); err != nil {
		t.Fatal(err)
	}
	if !banned {
		return
	}
	if _, err := h.service.Ban(t.Context(), r, "mia", "ann", 5); err != nil {
		t.Fatal(err)
	}
}

func TestNothingOfAnotherConversationOrAppCanBeChanged(t *testing.T) {
	h := newHouse(t, unlimited)
	h.settle(t, app(2))
	moderator := chat.Moderator
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	id := bob.posts("bikes", "c1", "hello")["id"]
	cars := h.comes(t, "bob in cars", token(t, 1, "bob", &moderator, "cars"))
	cars.joins("cars")
	foreign := h.comes(t, "bob of another app", token(t, 2, "bob", &moderator, "bikes"))
	foreign.joins("bikes")
	for _, c := range []struct{ event, payload string }{
		{"edit_message", about(id, "body", "changed")}, {"delete_message", about(id)},
		{"react", about(id, "emoji", "👍")}, {"unreact", about(id, "emoji", "👍")},
	} {
		cars.isRefused("conversation:cars", c.event, c.payload, chat.NotFound)
		foreign.isRefused(bikes, c.event, c.payload, chat.NotFound)
	}
	if got := bob.first(); got["body"] != "hello" || got["edited_at"] != nil || len(got["reactions"].(map[string]any)) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestTimeRunsOutForAuthorsButNotForModerators(t *testing.T) {
	var clock atomic.Int64
	clock.Store(time.Now().UnixMilli())
	h := newHouse(t, func(o *live.Options) { o.Service.Now = func() time.Time { return time.UnixMilli(clock.Load()) } })
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	if limits := ann.joins("bikes")["limits"].(map[string]any); limits["edit_seconds"] != chat.EditWindow.Seconds() ||
		limits["delete_seconds"] != chat.DeleteWindow.Seconds() {
		t.Errorf("ann is told %v", limits)
	}
	anns, mias := ann.posts("bikes", "c1", "hello")["id"], mia.posts("bikes", "c1", "hello")["id"]
	clock.Add(chat.EditWindow.Milliseconds())
	ann.gets(bikes, "edit_message", about(anns, "body", "just in time"))
	clock.Add(1)
	ann.isRefused(bikes, "edit_message", about(anns, "body", "too late"), chat.Forbidden)
	mia.isRefused(bikes, "edit_message", about(mias, "body", "too late"), chat.Forbidden)
	ann.isRefused(bikes, "delete_message", about(anns), chat.Forbidden)
	ann.gets(bikes, "react", about(anns, "emoji", "👍"))
	mia.gets(bikes, "delete_message", about(mias))
	deleted := mia.gets(bikes, "delete_message", about(anns))
	if again := ann.gets(bikes, "delete_message", about(anns)); again["rev"] != deleted["rev"] {
		t.Errorf("deleting what is deleted got rev %v, want %v", again["rev"], deleted["rev"])
	}
}
