package live_test

import (
	"fmt"
	"strings"
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

// quotesIn returns the quotes of a reply or a page, by the id of the message.
func quotesIn(response map[string]any) map[any]map[string]any {
	all := map[any]map[string]any{}
	for _, q := range response["quotes"].([]any) {
		all[q.(map[string]any)["id"]] = q.(map[string]any)
	}
	return all
}

func TestAnAnswerQuotesAsMuchAsItsReaderMaySee(t *testing.T) {
	h := newHouse(t, unlimited)
	moderator := chat.Moderator
	mia := h.comes(t, "mia", token(t, 1, "mia", &moderator, "bikes"))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	mia.joins("bikes")
	ann.joins("bikes")
	plain, hidden, deleted := ann.posts("bikes", "c1", "Is it blue?")["id"], ann.posts("bikes", "c2", "pills")["id"], ann.posts("bikes", "c3", "pardon")["id"]
	for i, id := range []any{plain, hidden, deleted, plain} {
		body := fmt.Sprint("answer ", i)
		mia.gets(bikes, "new_message", asJSON(map[string]any{"client_id": body, "body": body, "reply_to": id}))
	}
	mia.gets(bikes, "hide_message", about(hidden))
	ann.gets(bikes, "delete_message", about(deleted))
	for who, seesHidden := range map[*person]string{ann: "", mia: "pills"} {
		answers := `{"limit":4}` // the newest four, without what they answer
		for how, response := range map[string]map[string]any{
			"join": who.gets(bikes, "phx_join", answers), "history": who.gets(bikes, "history", answers),
			"quotes": who.gets(bikes, "quotes", asJSON(map[string]any{"ids": []any{plain, hidden, deleted, plain, "nothing"}})),
		} {
			got := quotesIn(response)
			if len(response["quotes"].([]any)) != 3 || got[plain]["body"] != "Is it blue?" || got[plain]["seq"] != 1.0 ||
				got[plain]["author"].(map[string]any)["name"] != "The ann" || got[plain]["deleted"] != false ||
				got[hidden]["body"] != seesHidden || got[hidden]["hidden"] != true ||
				got[deleted]["body"] != "" || got[deleted]["deleted"] != true {
				t.Errorf("%s of %s quotes %v", how, who.name, response["quotes"])
			}
		}
		if whole := who.gets(bikes, "history", "{}"); len(whole["quotes"].([]any)) != 0 {
			t.Errorf("a page that holds everything quotes %v", whole["quotes"])
		}
		// What changed since: the two amended messages, and none of their answers.
		if since := who.gets(bikes, "history", `{"after_rev":9}`); len(since["messages"].([]any)) != 2 || len(since["quotes"].([]any)) != 0 {
			t.Errorf("what changed since is %v", since)
		}
	}
}

func TestBadRequestsForQuotesAreRefused(t *testing.T) {
	h := newHouse(t, unlimited)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "cars"))
	ann.joins("bikes")
	bob.joins("cars")
	for _, payload := range []string{`[]`, `{"ids":"x"}`, `{"ids":[1]}`, `{"ids":{}}`, asJSON(map[string]any{"ids": make([]string, chat.MaxQuotes+1)})} {
		ann.isRefused(bikes, "quotes", payload, chat.Invalid)
	}
	id := ann.posts("bikes", "c1", "secret")["id"]
	for _, payload := range []string{`{}`, `null`, `{"ids":null}`, `{"ids":[null,"","\u0000","` + strings.Repeat("x", 10_000) + `"]}`} {
		if got := ann.gets(bikes, "quotes", payload); len(got["quotes"].([]any)) != 0 {
			t.Errorf("%.50s: got %v", payload, got)
		}
	}
	if got := bob.gets("conversation:cars", "quotes", asJSON(map[string]any{"ids": []any{id}})); len(got["quotes"].([]any)) != 0 {
		t.Errorf("another conversation's message is quoted: %v", got)
	}
}

func TestAQuoteIsShort(t *testing.T) {
	for body, want := range map[string]string{
		"hello":                   "hello",
		strings.Repeat("é", 200):  strings.Repeat("é", 200),
		strings.Repeat("👍", 201):  strings.Repeat("👍", 199) + "…",
		strings.Repeat("x", 4096): strings.Repeat("x", 199) + "…",
	} {
		if got := chat.QuoteFor(chat.Message{Body: body}, chat.Member).Body; got != want {
			t.Errorf("%.20s: got %s", body, got)
		}
	}
}
