package live_test

import (
	"testing"

	"planga/chat"
)

// unreads waits until the inbox tells so many unread messages of a conversation, and returns the line.
func (p *person) unreads(topic, conversation string, n float64) map[string]any {
	p.t.Helper()
	for {
		line := p.hears(topic, "unread")
		if line["conversation_id"] == conversation && line["unread"] == n {
			return line
		}
	}
}

func TestAnInboxTellsWhatWaits(t *testing.T) {
	h := newHouse(t)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes", "cars"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob.joins("bikes")
	ann.joins("bikes")
	bob.posts("bikes", "c1", "one")
	bob.posts("bikes", "c2", "two")

	inbox := ann.gets("user:ann", "phx_join", "{}")["inbox"].([]any)
	if len(inbox) != 1 {
		t.Fatalf("got %v, want one conversation", inbox)
	}
	line := inbox[0].(map[string]any)
	if line["conversation_id"] != "bikes" || line["unread"] != 2.0 || line["last"].(map[string]any)["body"] != "two" {
		t.Errorf("got %v", line)
	}
	bob.posts("bikes", "c3", "three")
	if line := ann.unreads("user:ann", "bikes", 3); line["last"].(map[string]any)["body"] != "three" {
		t.Errorf("got %v", line)
	}
	ann.gets("conversation:bikes", "read", `{"seq":2}`)
	ann.unreads("user:ann", "bikes", 1)
	ann.posts("bikes", "c1", "my own") // which is read, and so is all before it
	ann.unreads("user:ann", "bikes", 0)
	bob.hears("conversation:bikes", "read")
}

func TestAnInboxLearnsOfNewConversations(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.isRefused("user:bob", "phx_join", "{}", chat.Forbidden)
	if inbox := ann.gets("user:ann", "phx_join", "{}")["inbox"].([]any); len(inbox) != 0 {
		t.Errorf("got %v, want nothing yet", inbox)
	}
	tab := h.comes(t, "ann's other tab", token(t, 1, "ann", nil, "bikes"))
	tab.joins("bikes")
	ann.unreads("user:ann", "bikes", 0)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	bob.posts("bikes", "c1", "hello ann")
	ann.unreads("user:ann", "bikes", 1)
	ann.isRefused("user:ann", "nonsense", "{}", chat.Invalid)
	ann.gets("user:ann", "authorize", `{"token":"`+token(t, 1, "ann", nil)+`"}`)
	ann.gets("user:ann", "phx_leave", "{}")
	if inbox := ann.gets("user:ann", "phx_join", "{}")["inbox"].([]any); len(inbox) != 1 {
		t.Errorf("got %v, want one conversation", inbox)
	}
}

func TestAnInboxShowsTheNewestMessageAsItIsNow(t *testing.T) {
	h := newHouse(t)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob.joins("bikes")
	ann.joins("bikes")
	ann.gets("user:ann", "phx_join", "{}")
	id := bob.posts("bikes", "c1", "forty")["id"]
	bob.gets(bikes, "edit_message", about(id, "body", "fifty"))
	shows := func(body string, deleted bool) {
		t.Helper()
		for {
			last := ann.unreads("user:ann", "bikes", 1)["last"].(map[string]any)
			if last["body"] == body && (last["deleted_at"] != nil) == deleted {
				return
			}
		}
	}
	shows("fifty", false)
	bob.gets(bikes, "delete_message", about(id))
	shows("", true)
}
