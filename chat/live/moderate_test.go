package live_test

import (
	"fmt"
	"testing"

	"planga/chat"
)

func TestHiddenMessagesAreForModeratorsOnly(t *testing.T) {
	h := newHouse(t)
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	ann.joins("bikes")
	id := ann.posts("bikes", "c1", "buy my pills")["id"].(string)
	ann.isRefused("conversation:bikes", "hide_message", `{"id":"`+id+`"}`, chat.Forbidden)
	mia.gets("conversation:bikes", "hide_message", `{"id":"`+id+`"}`)

	seen := ann.hears("conversation:bikes", "message_changed")
	if seen["hidden"] != true || seen["body"] != "" {
		t.Errorf("ann sees %v, want it hidden without its body", seen)
	}
	seen = mia.hears("conversation:bikes", "message_changed")
	if seen["hidden"] != true || seen["body"] != "buy my pills" {
		t.Errorf("mia sees %v, want it hidden with its body", seen)
	}
	for who, want := range map[*person]string{ann: "", mia: "buy my pills"} {
		history := who.gets("conversation:bikes", "history", "{}")["messages"].([]any)[0].(map[string]any)
		joined := who.joins("bikes")["messages"].([]any)[0].(map[string]any)
		if history["body"] != want || joined["body"] != want {
			t.Errorf("%s reads %q in history and %q in a join, want %q", who.name, history["body"], joined["body"], want)
		}
	}
	mia.gets("conversation:bikes", "show_message", `{"id":"`+id+`"}`)
	if seen = ann.hears("conversation:bikes", "message_changed"); seen["body"] != "buy my pills" || seen["hidden"] != false {
		t.Errorf("ann sees %v, want it shown again", seen)
	}
	mia.isRefused("conversation:bikes", "hide_message", `{"id":"nothing"}`, chat.NotFound)
}

func TestWhoIsBannedCannotPost(t *testing.T) {
	h := newHouse(t)
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	ann.joins("bikes")
	ban := func(user string, minutes any) string {
		return fmt.Sprintf(`{"user_id":%q,"duration_minutes":%v}`, user, minutes)
	}
	ann.isRefused("conversation:bikes", "ban_user", ban("mia", 5), chat.Forbidden)
	mia.isRefused("conversation:bikes", "ban_user", ban("mia", 5), chat.Forbidden)
	mia.isRefused("conversation:bikes", "ban_user", ban("ann", 0), chat.Invalid)
	mia.isRefused("conversation:bikes", "ban_user", ban("ann", 1e18), chat.Invalid)
	mia.isRefused("conversation:bikes", "ban_user", ban("ann", 1.5), chat.Invalid)
	mia.isRefused("conversation:bikes", "ban_user", ban("nobody", 5), chat.NotFound)

	mia.gets("conversation:bikes", "ban_user", ban("ann", chat.MaxBan))
	seen := ann.hears("conversation:bikes", "participant_changed")
	for seen["user"].(map[string]any)["id"] != "ann" || seen["banned_until"] == nil {
		seen = ann.hears("conversation:bikes", "participant_changed")
	}
	got := ann.isRefused("conversation:bikes", "new_message", `{"client_id":"c1","body":"hello"}`, chat.Banned)
	if got["retry_after_ms"].(float64) < 1e12 {
		t.Errorf("got %v, want a ban of centuries", got)
	}
	mia.gets("conversation:bikes", "unban_user", `{"user_id":"ann"}`)
	ann.posts("bikes", "c1", "hello")
}
