package live_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"planga/chat"
	"planga/chat/live"
)

// asJSON is v as JSON.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// unlimited is for tests in which one person asks for a lot.
func unlimited(o *live.Options) {
	o.Limits = live.Limits{Posts: 1e6, PostBurst: 1e6, Events: 1e6, EventBurst: 1e6}
}

func TestBadJoinsAreRefusedAndAHealthyClientGoesOn(t *testing.T) {
	h := newHouse(t, unlimited)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes", "Bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob.joins("bikes")
	deep := strings.Repeat("[", 25) + strings.Repeat("]", 25)
	for _, c := range []struct {
		topic, payload string
		reason         string
	}{
		{"conversation:bikes", `{"last_rev":1e400}`, "invalid"},
		{"conversation:bikes", `{"last_rev":1.5}`, "invalid"},
		{"conversation:bikes", `{"last_rev":"5"}`, "invalid"},
		{"conversation:bikes", `{"last_rev":true}`, "invalid"},
		{"conversation:bikes", `{"last_rev":9223372036854775808}`, "invalid"},
		{"conversation:bikes", `{"last_rev":{}}`, "invalid"},
		{"conversation:bikes", `{"epoch":7}`, "invalid"},
		{"conversation:bikes", `{"limit":-1}`, "invalid"},
		{"conversation:bikes", `{"limit":1e9}`, "invalid"},
		{"conversation:bikes", `[]`, "invalid"},
		{"conversation:bikes", `"text"`, "invalid"},
		{"conversation:bikes", `{"last_rev":` + deep + `}`, "invalid"},
		{"conversation:", `{}`, "invalid"},
		{"conversation:*", `{}`, "forbidden"},
		{"conversation:BIKES", `{}`, "forbidden"},
		{"conversation:bіkes", `{}`, "forbidden"}, // a Cyrillic i
		{"conversation:bi\nkes", `{}`, "invalid"},
		{"conversation:bi\x00kes", `{}`, "invalid"},
		{"conversation:../../bikes", `{}`, "forbidden"},
		{"conversation:" + strings.Repeat("x", 256), `{}`, "invalid"},
		{"user:bob", `{}`, "forbidden"},
		{"user:", `{}`, "forbidden"},
		{"private:*", `{}`, "unmatched topic"},
		{"conversation", `{}`, "unmatched topic"},
		{"encrypted_chat:eA==#eA==", `{}`, "unmatched topic"},
		{"", `{}`, "unmatched topic"},
	} {
		status, got := ann.asks(c.topic, "phx_join", c.payload)
		if status != "error" || got["reason"] != c.reason {
			t.Errorf("join of %.40q with %.60s: got %s %v, want the error %s", c.topic, c.payload, status, got, c.reason)
		}
	}
	for _, payload := range []string{`{}`, `null`, `{"last_rev":-0}`, `{"last_rev":9007199254740993}`, `{"last_rev":1,"last_rev":null}`} {
		if got := ann.gets("conversation:bikes", "phx_join", payload); got["conversation_id"] != "bikes" {
			t.Errorf("join with %s: got %v", payload, got)
		}
	}
	bob.posts("bikes", "c1", "all is well")
	ann.hearsMessage("bikes", "all is well")
}

func TestBadMessagesAreRefusedAndAHealthyClientGoesOn(t *testing.T) {
	h := newHouse(t, unlimited)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob.joins("bikes")
	ann.joins("bikes")
	message := func(id, body string) string { return asJSON(map[string]string{"client_id": id, "body": body}) }
	for _, c := range []struct {
		payload string
		reason  chat.Code
	}{
		{message("c", ""), chat.Invalid},
		{message("c", " \n\t\u00a0\u3000"), chat.Invalid},
		{message("c", "\u200d\u200b\ufeff\u202e"), chat.Invalid},
		{message("c", "a\x00b"), chat.Invalid},
		{message("c", strings.Repeat("x", 4097)), chat.TooLong},
		{message("c", strings.Repeat("é", 4097)), chat.TooLong},
		{message("", "hello"), chat.Invalid},
		{message(strings.Repeat("x", 65), "hello"), chat.Invalid},
		{message("a\nb", "hello"), chat.Invalid},
		{`{"body":"hello"}`, chat.Invalid},
		{`{"client_id":1,"body":"hello"}`, chat.Invalid},
		{`{"client_id":"c","body":null}`, chat.Invalid},
		{`{"client_id":"c","body":["hello"]}`, chat.Invalid},
		{`{"client_id":"c","body":"hello","reply_to":"nothing"}`, chat.NotFound},
		{`{"client_id":"c","body":"hello","reply_to":7}`, chat.Invalid},
		{`{"client_id":"c","body":"hello","mentions":"ann"}`, chat.Invalid},
		{`{"client_id":"c","body":"hello","mentions":[""]}`, chat.Invalid},
		{`{"client_id":"c","body":"hello","mentions":` + asJSON(make([]string, 51)) + `}`, chat.Invalid},
		{`null`, chat.Invalid},
		{`[]`, chat.Invalid},
	} {
		ann.isRefused("conversation:bikes", "new_message", c.payload, c.reason)
	}
	for i, body := range []string{
		strings.Repeat("é", 4096), "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "]]>",
		"${7*7}", `'; DROP TABLE messages; --`, "=cmd()", "\x1b[31mred\x1b[0m", "\ufeffwith a mark", "\u202eback\u202c", "👩‍👩‍👧",
		"Z" + strings.Repeat("\u0301", 1000), "  spaces stay  ", "line\nbreak",
	} {
		ann.posts("bikes", fmt.Sprint("good", i), body)
		bob.hearsMessage("bikes", body)
	}
	ann.isRefused("conversation:bikes", "new_message", message("good1", "another body"), chat.ClientIDConflict)
	bob.posts("bikes", "good1", "another body") // the same id of another sender
}

func TestFieldsThatAreNotTheClientsAreIgnored(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.gets("conversation:bikes", "new_message", `{"client_id":"c1","body":"mine","seq":99,"id":"chosen","role":"moderator","rev":77,
		"author":{"id":"bob","name":"Bob","role":"moderator"},"account_id":2,"app":2,"inserted_at":"1970-01-01","sent_at":"1970-01-01T00:00:00Z",
		"kind":"system","hidden":true,"deleted_at":"2020-01-01T00:00:00Z","reactions":{"👍":["bob"]}}`)
	got := ann.hearsMessage("bikes", "mine")
	author := got["author"].(map[string]any)
	if got["seq"] != 1.0 || got["id"] == "chosen" || author["id"] != "ann" || author["role"] != "" || got["kind"] != "text" ||
		got["hidden"] != false || got["deleted_at"] != nil || len(got["reactions"].(map[string]any)) != 0 ||
		strings.HasPrefix(got["sent_at"].(string), "1970") {
		t.Errorf("got %v", got)
	}
}

func TestUnknownEventsAndBadMarksAreRefused(t *testing.T) {
	h := newHouse(t, unlimited)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.posts("bikes", "c1", "hello")
	for _, event := range []string{"message", "nonsense", "head"} {
		ann.isRefused("conversation:bikes", event, "{}", chat.Invalid)
	}
	for _, payload := range []string{`{}`, `{"seq":-1}`, `{"seq":"1"}`, `{"seq":1.5}`} {
		ann.isRefused("conversation:bikes", "read", payload, chat.Invalid)
	}
	for _, payload := range []string{`{"seq":1000000}`, `{"seq":0}`} {
		ann.gets("conversation:bikes", "read", payload)
	}
	if got := ann.joins("bikes"); got["read_seq"] != 1.0 {
		t.Errorf("got read_seq %v, want the head, and no step back", got["read_seq"])
	}
}

func TestWhoAsksTooMuchIsToldWhenToTryAgain(t *testing.T) {
	h := newHouse(t, func(o *live.Options) {
		o.Limits = live.Limits{Posts: 1, PostBurst: 3, Events: 1, EventBurst: 20, Channels: 2}
	})
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "a", "b", "c"))
	tab := h.comes(t, "ann's other tab", token(t, 1, "ann", nil, "a"))
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "a"))
	for _, p := range []*person{ann, tab, bob} {
		p.joins("a")
	}
	for i := range 3 {
		ann.posts("a", fmt.Sprint(i), "quick")
	}
	for _, p := range []*person{ann, tab} {
		got := p.isRefused("conversation:a", "new_message", `{"client_id":"x","body":"quick"}`, chat.RateLimited)
		if ms := got["retry_after_ms"].(float64); ms <= 0 || ms > 1000 {
			t.Errorf("got retry_after_ms %v, want up to a second", ms)
		}
	}
	bob.posts("a", "1", "unhurried")
	ann.joins("b")
	ann.isRefused("conversation:c", "phx_join", "{}", chat.Busy)
	refused := 0
	for range 30 {
		if status, got := ann.asks("conversation:a", "history", "{}"); status == "error" && got["reason"] == "rate_limited" {
			refused++
		}
	}
	if refused < 10 {
		t.Errorf("%d of 30 quick events were refused, want most", refused)
	}
	bob.posts("a", "2", "unhurried still")
}

func TestOneUserMayHaveSoManyConnections(t *testing.T) {
	h := newHouse(t, func(o *live.Options) { o.Limits = live.Limits{Connections: 2} })
	first := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	if _, err := h.dial(t, "ann", token(t, 1, "ann", nil, "bikes"), nil); err == nil {
		t.Error("a third connection was accepted")
	}
	h.comes(t, "bob", token(t, 1, "bob", nil, "bikes")).joins("bikes")
	first.conn.CloseNow()
	for deadline := time.Now().Add(patience); ; {
		if _, err := h.dial(t, "ann", token(t, 1, "ann", nil, "bikes"), nil); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a connection that ended still counts")
		}
	}
}

func TestTypingIsPassedOnNowAndThen(t *testing.T) {
	h := newHouse(t, unlimited)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	ann.joins("bikes")
	bob.joins("bikes")
	for range 1000 {
		ann.says("conversation:bikes", "typing", "{}")
	}
	ann.posts("bikes", "c1", "done")
	if got := bob.hears("conversation:bikes", "typing"); got["user_id"] != "ann" || got["name"] != "The ann" {
		t.Errorf("got %v", got)
	}
	bob.hearsMessage("bikes", "done")
	for _, f := range bob.heard {
		if f.event == "typing" {
			t.Error("typing came again within two seconds")
		}
	}
}
