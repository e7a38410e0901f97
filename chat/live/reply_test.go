package live_test

import (
	"fmt"
	"testing"

	"planga/chat"
)

func TestOnlyThoseWhoAreThereAreMentioned(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	h.comes(t, "eve", token(t, 1, "eve", nil, "cars")).joins("cars")
	ann.joins("bikes")
	bob.joins("bikes")
	ann.gets(bikes, "new_message", `{"client_id":"c1","body":"hello","mentions":["bob","eve","nobody","bob","ann"]}`)
	if got := bob.hearsMessage("bikes", "hello")["mentions"]; fmt.Sprint(got) != "[bob ann]" {
		t.Errorf("got %v, want bob and ann", got)
	}
	// Who is mentioned does not tell one message from another.
	if again := ann.gets(bikes, "new_message", `{"client_id":"c1","body":"hello","mentions":["eve"]}`); again["dup"] != true {
		t.Errorf("repeating got %v", again)
	}
}

func TestWhatWasDeletedOrHiddenCanStillBeAnswered(t *testing.T) {
	h := newHouse(t)
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes", "cars"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	mia.joins("cars")
	ann.joins("bikes")
	hidden, deleted := ann.posts("bikes", "c1", "pills")["id"], ann.posts("bikes", "c2", "pardon")["id"]
	mia.gets(bikes, "hide_message", about(hidden))
	ann.gets(bikes, "delete_message", about(deleted))
	// The writer may not know yet, and must not lose what was written.
	for i, id := range []any{hidden, deleted} {
		body := fmt.Sprint("answer ", i)
		mia.gets(bikes, "new_message", asJSON(map[string]any{"client_id": body, "body": body, "reply_to": id}))
		if got := ann.hearsMessage("bikes", body); got["reply_to"] != id {
			t.Errorf("got %v, want a reply to %v", got, id)
		}
	}
	elsewhere := mia.posts("cars", "c1", "vroom")["id"]
	mia.isRefused(bikes, "new_message", asJSON(map[string]any{"client_id": "x", "body": "x", "reply_to": elsewhere}), chat.NotFound)
}
