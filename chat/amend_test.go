package chat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"planga/chat"
)

func TestCheckEmoji(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want chat.Code
	}{
		"a thumb":                      {"👍", ""},
		"a thumb of some colour":       {"👍🏽", ""},
		"a heart as text":              {"❤", ""},
		"a heart as a picture":         {"❤️", ""},
		"a family":                     {"👩‍👩‍👧‍👦", ""},
		"a kiss, the longest of all":   {"👩🏽‍❤️‍💋‍👨🏿", ""},
		"a profession":                 {"🧑🏾‍🚀", ""},
		"a country":                    {"🇳🇱", ""},
		"a region":                     {"🏴󠁧󠁢󠁥󠁮󠁧󠁿", ""},
		"a flag made of two":           {"🏳️‍🌈", ""},
		"a key":                        {"5️⃣", ""},
		"a key without a style":        {"#⃣", ""},
		"a mark":                       {"©️", ""},
		"nothing":                      {"", chat.Invalid},
		"a letter":                     {"x", chat.Invalid},
		"a digit":                      {"5", chat.Invalid},
		"a digit as a picture":         {"5️", chat.Invalid},
		"two":                          {"👍👍", chat.Invalid},
		"a word after it":              {"👍ok", chat.Invalid},
		"a space before it":            {" 👍", chat.Invalid},
		"a joiner at the end":          {"👩\u200d", chat.Invalid},
		"a joiner at the beginning":    {"\u200d👩", chat.Invalid},
		"only a style":                 {"\ufe0f", chat.Invalid},
		"two styles":                   {"❤\ufe0f\ufe0f", chat.Invalid},
		"half a country":               {"🇳", chat.Invalid},
		"three halves":                 {"🇳🇱🇳", chat.Invalid},
		"a region without its end":     {"🏴󠁧󠁢󠁥󠁮󠁧", chat.Invalid},
		"a region without letters":     {"🏴\U000e007f", chat.Invalid},
		"an override of the direction": {"👍\u202e", chat.Invalid},
		"a mark that combines":         {"👍\u0301", chat.Invalid},
		"no UTF-8":                     {"\xf0\x9f\x91", chat.Invalid},
		"a NUL":                        {"👍\x00", chat.Invalid},
		"too long a family":            {strings.Repeat("👩\u200d", 6) + "👩", chat.Invalid},
		"markup":                       {"<b>", chat.Invalid},
		"a private character":          {"\ue000", chat.Invalid},
	} {
		if got := chat.CodeOf(chat.CheckEmoji(c.text)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzCheckEmoji(f *testing.F) {
	for _, seed := range []string{"👍", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "5️⃣", "🇳🇱", "👩🏽‍❤️‍💋‍👨🏿", "x", "\xf0\x9f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if chat.CheckEmoji(s) != nil {
			return
		}
		if s == "" || len(s) > chat.MaxEmoji || strings.ContainsAny(s, "<>&\"'\x00 \n\u202e\ufffd") {
			t.Errorf("%q passes for an emoji", s)
		}
	})
}

// listen has the app tell t outgoing events of all these types.
func listen(t *testing.T, s *chat.Service, types ...chat.EventType) {
	t.Helper()
	if err := s.Apps.(*chat.Directory).Apply(t.Context(), chat.App{ID: 1, Revision: 2, Events: types}); err != nil {
		t.Fatal(err)
	}
}

func TestEditsAndDeletionsAreAnnounced(t *testing.T) {
	s, bus, store := newService(t)
	enter(t, s, visitor("ann", nil))
	m := post(t, s, "ann", "c1")
	if _, err := s.Edit(t.Context(), room, "ann", m.ID, "nobody listens"); err != nil {
		t.Fatal(err)
	}
	listen(t, s, chat.OnMessageEdited, chat.OnMessageDeleted)
	told := len(bus.events)
	for _, body := range []string{"hello again", "hello again"} {
		if _, err := s.Edit(t.Context(), room, "ann", m.ID, body); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := s.Delete(t.Context(), room, "ann", m.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(bus.events) - told; got != 2 {
		t.Errorf("%d events were published, want one for each change", got)
	}
	waiting, err := store.Waiting(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range waiting[1:] { // after the post
		got = append(got, fmt.Sprintf("%s %q %v", o.Type, o.Message.Body, o.Message.DeletedAt.IsZero()))
	}
	want := []string{`message.edited "hello again" true`, `message.deleted "" false`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheSystemsMessagesAreNobodys(t *testing.T) {
	s, _, store := newService(t)
	moderator := chat.Moderator
	enter(t, s, visitor("mia", &moderator))
	enter(t, s, visitor("ann", nil))
	m, _, err := store.Post(t.Context(), chat.Draft{Room: room, ID: chat.NewMessageID(), ClientID: "s1", Author: "ann",
		Kind: chat.System, Body: "Ann is here.", SentAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Edit(t.Context(), room, "ann", m.ID, "Ann is great."); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("editing got %v", err)
	}
	if _, err := s.Delete(t.Context(), room, "ann", m.ID); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("deleting got %v", err)
	}
	if _, err := s.Delete(t.Context(), room, "mia", m.ID); err != nil {
		t.Errorf("a moderator deleting got %v", err)
	}
}

// reactions gives m these reactions at once.
func reactions(t *testing.T, s *chat.Service, m chat.Message, all map[string][]chat.UserID) {
	t.Helper()
	_, _, err := s.Conversations.Amend(t.Context(), room, m.ID, "", func(m *chat.Message) error {
		m.Reactions = all
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReactionsAreBounded(t *testing.T) {
	s, _, _ := newService(t)
	enter(t, s, visitor("ann", nil))
	m := post(t, s, "ann", "c1")
	many := map[string][]chat.UserID{}
	for i := range chat.MaxEmojis {
		many[string(rune(0x1f600+i))] = []chat.UserID{"bob"}
	}
	crowd := func(n, size int) (ids []chat.UserID) {
		for i := range n {
			ids = append(ids, chat.UserID(fmt.Sprintf("%0*d", size, i)))
		}
		return ids
	}
	for name, c := range map[string]struct {
		there map[string][]chat.UserID
		want  chat.Code
	}{
		"another kind, and there are many":     {many, chat.Conflict},
		"one more of a crowd":                  {map[string][]chat.UserID{"👍": crowd(chat.MaxReactors, 5)}, chat.Conflict},
		"the last of a crowd":                  {map[string][]chat.UserID{"👍": crowd(chat.MaxReactors-1, 5)}, ""},
		"another kind beside a crowd":          {map[string][]chat.UserID{"🎉": crowd(chat.MaxReactors, 5)}, ""},
		"a crowd with long ids":                {map[string][]chat.UserID{"🎉": crowd(300, 220)}, chat.Conflict},
		"one who is of the full crowd already": {map[string][]chat.UserID{"👍": append(crowd(chat.MaxReactors-1, 5), "ann")}, ""},
	} {
		reactions(t, s, m, c.there)
		if _, err := s.React(t.Context(), room, "ann", m.ID, "👍"); chat.CodeOf(err) != c.want {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	reactions(t, s, m, many)
	if got, err := s.React(t.Context(), room, "ann", m.ID, "😀"); err != nil || len(got.Reactions["😀"]) != 2 {
		t.Errorf("a kind that is there: got %v, error %v", got.Reactions, err)
	}
	if got, err := s.Unreact(t.Context(), room, "bob", m.ID, "😀"); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("somebody who is not there took back a reaction: got %v, error %v", got.Reactions, err)
	}
}

func TestSameAgainTakesNoRev(t *testing.T) {
	s, _, _ := newService(t)
	enter(t, s, visitor("ann", nil))
	m := post(t, s, "ann", "c1")
	react, unreact := s.React, s.Unreact
	for i, c := range []struct {
		deed  func(emoji string) (chat.Message, error)
		emoji string
		step  int64
		left  int
	}{
		{func(e string) (chat.Message, error) { return unreact(t.Context(), room, "ann", m.ID, e) }, "👍", 0, 0},
		{func(e string) (chat.Message, error) { return react(t.Context(), room, "ann", m.ID, e) }, "👍", 1, 1},
		{func(e string) (chat.Message, error) { return react(t.Context(), room, "ann", m.ID, e) }, "👍", 1, 1},
		{func(e string) (chat.Message, error) { return unreact(t.Context(), room, "ann", m.ID, e) }, "🎉", 1, 1},
		{func(e string) (chat.Message, error) { return unreact(t.Context(), room, "ann", m.ID, e) }, "👍", 2, 0},
		{func(e string) (chat.Message, error) { return unreact(t.Context(), room, "ann", m.ID, e) }, "👍", 2, 0},
	} {
		got, err := c.deed(c.emoji)
		if err != nil || got.Rev != m.Rev+c.step || len(got.Reactions) != c.left {
			t.Errorf("step %d: got rev %d and %v, error %v, want rev %d", i, got.Rev, got.Reactions, err, m.Rev+c.step)
		}
	}
}

// readOnly is a store whose conversations are all closed.
type readOnly struct{ chat.Conversations }

func (r readOnly) Heads(ctx context.Context, rooms []chat.Room) ([]chat.Conversation, error) {
	heads, err := r.Conversations.Heads(ctx, rooms)
	for i := range heads {
		heads[i].ReadOnly = true
	}
	return heads, err
}

func TestInAClosedConversationOnlyModeratorsChangeAnything(t *testing.T) {
	s, _, _ := newService(t)
	moderator := chat.Moderator
	enter(t, s, visitor("mia", &moderator))
	enter(t, s, visitor("ann", nil))
	m := post(t, s, "ann", "c1")
	s.Conversations = readOnly{s.Conversations}
	_, edit := s.Edit(t.Context(), room, "ann", m.ID, "changed")
	_, erase := s.Delete(t.Context(), room, "ann", m.ID)
	_, react := s.React(t.Context(), room, "ann", m.ID, "👍")
	for _, err := range []error{edit, erase, react} {
		if chat.CodeOf(err) != chat.ReadOnly {
			t.Errorf("got %v, want read_only", err)
		}
	}
	if _, err := s.Delete(t.Context(), room, "mia", m.ID); err != nil {
		t.Error(err)
	}
}

func TestOnlyAMessageWithFilesMayLoseItsWords(t *testing.T) {
	s, _, store := newService(t)
	enter(t, s, visitor("ann", nil))
	m, _, err := store.Post(t.Context(), chat.Draft{Room: room, ID: chat.NewMessageID(), ClientID: "c1", Author: "ann",
		Kind: chat.Text, Body: "See!", SentAt: time.Now(), Attachments: []chat.Attachment{{ID: "f1", Name: "a.png", Type: "image/png"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Edit(t.Context(), room, "ann", m.ID, ""); err != nil || got.Body != "" || got.EditedAt.IsZero() {
		t.Errorf("got %+v, error %v", got, err)
	}
	if _, err := s.Edit(t.Context(), room, "ann", m.ID, " "); chat.CodeOf(err) != chat.Invalid {
		t.Errorf("only a space: got %v", err)
	}
	if _, err := s.Edit(t.Context(), room, "ann", post(t, s, "ann", "c2").ID, ""); chat.CodeOf(err) != chat.Invalid {
		t.Errorf("without files: got %v", err)
	}
}

func TestCrowdsOfReactionsAreTurnedOverPageByPage(t *testing.T) {
	s, _, _ := newService(t)
	enter(t, s, visitor("ann", nil))
	crowd := map[string][]chat.UserID{}
	for i := range 300 {
		crowd["👍"] = append(crowd["👍"], chat.UserID(fmt.Sprintf("%0200d", i)))
	}
	const messages = 12
	var since int64
	for i := range messages {
		m := post(t, s, "ann", chat.ClientID(fmt.Sprint(i)))
		if i == 0 {
			since = m.Rev - 1
		}
		reactions(t, s, m, crowd)
	}
	seen, pages := 0, 0
	for more := true; more; pages++ {
		p, err := s.History(t.Context(), room, "ann", chat.Query{AfterRev: &since, Limit: chat.MaxPage})
		if err != nil || len(p.Messages) == 0 {
			t.Fatalf("page %d has %d messages, error %v", pages, len(p.Messages), err)
		}
		size := 0
		for _, m := range p.Messages {
			size += m.Size()
			since = m.Rev
		}
		if size > chat.MaxPageBytes {
			t.Errorf("page %d has %d bytes", pages, size)
		}
		seen, more = seen+len(p.Messages), p.More
	}
	if seen != messages || pages != 3 {
		t.Errorf("got %d messages on %d pages, want %d on 3", seen, pages, messages)
	}
}
