package chat

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestClaimsThatSitesReallySend(t *testing.T) {
	var many []ConversationID
	for i := range MaxConversations {
		many = append(many, ConversationID(fmt.Sprint(i)))
	}
	in := func(d time.Duration) int64 { return testNow.Add(d).Unix() }
	table := []struct {
		name    string
		changes map[string]any
		good    func(Identity) bool
	}{
		{"a number is the same id as its digits", map[string]any{"sub": 1}, func(i Identity) bool { return i.User.ID == "1" }},
		{"a large number loses no digit", map[string]any{"sub": json.RawMessage("9007199254740993")}, func(i Identity) bool { return i.User.ID == "9007199254740993" }},
		{"zero is an id", map[string]any{"sub": 0}, func(i Identity) bool { return i.User.ID == "0" }},
		{"twins in Unicode are two users", map[string]any{"sub": "e\u0301va"}, func(i Identity) bool { return i.User.ID == "e\u0301va" && i.User.ID != "éva" }},
		{"one conversation", map[string]any{"conversation_id": "a"}, func(i Identity) bool { return slices.Equal(i.Conversations, []ConversationID{"a"}) }},
		{"a numbered conversation", map[string]any{"conversation_id": 12}, func(i Identity) bool { return i.Admits("12") }},
		{"a conversation named twice", map[string]any{"conversation_id": []any{"1", 1, "b", "1"}}, func(i Identity) bool { return slices.Equal(i.Conversations, []ConversationID{"1", "b"}) }},
		{"a hundred conversations", map[string]any{"conversation_id": many}, func(i Identity) bool { return slices.Equal(i.Conversations, many) }},
		{"no conversation", map[string]any{"conversation_id": []string{}}, func(i Identity) bool { return len(i.Conversations) == 0 }},
		{"role null leaves the role", map[string]any{"role": json.RawMessage("null")}, func(i Identity) bool { return i.Role == nil }},
		{"an empty role resets it", map[string]any{"role": ""}, func(i Identity) bool { return i.Role != nil && *i.Role == Member }},
		{"a reader", map[string]any{"role": "reader"}, func(i Identity) bool { return *i.Role == Reader }},
		{"exp with a fraction", map[string]any{"exp": json.RawMessage(fmt.Sprint(in(time.Hour), ".5"))}, func(i Identity) bool { return i.Expires.Equal(testNow.Add(time.Hour + 500*time.Millisecond)) }},
		{"exp within the skew", map[string]any{"exp": in(-ClockSkew + time.Second)}, func(i Identity) bool { return true }},
		{"exp in exactly a day", map[string]any{"exp": in(MaxTokenLife)}, func(i Identity) bool { return true }},
		{"clocks that differ", map[string]any{"nbf": in(ClockSkew), "iat": in(ClockSkew)}, func(i Identity) bool { return true }},
		{"aud", map[string]any{"aud": "planga"}, func(i Identity) bool { return true }},
		{"aud among others", map[string]any{"aud": []string{"other", "planga"}}, func(i Identity) bool { return true }},
		{"no avatar", map[string]any{"avatar": ""}, func(i Identity) bool { return i.User.Avatar == "" }},
		{"a POSIX locale", map[string]any{"locale": "pt_BR"}, func(i Identity) bool { return i.Locale == "pt-BR" }},
		{"unknown claims", map[string]any{"iss": "me", "email": "a@b.example", "admin": true}, func(i Identity) bool { return i.Role == nil }},
		{"a name on two lines", map[string]any{"name": " Ann\r\nof \u202eBikes "}, func(i Identity) bool { return i.User.Name == "Ann  of Bikes" }},
		{"a name with a joiner", map[string]any{"name": "👩\u200d🔧"}, func(i Identity) bool { return i.User.Name == "👩\u200d🔧" }},
		{"a long name is cut between characters", map[string]any{"name": strings.Repeat("é", 200)}, func(i Identity) bool { return i.User.Name == strings.Repeat("é", 127) }},
	}
	d := newDirectory(t, bikes())
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			got, err := d.Authenticate(testNow, Credential{Token: mint(t, testKey, with(row.changes))})
			if err != nil || !row.good(got) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
