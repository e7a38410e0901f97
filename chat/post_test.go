package chat_test

import (
	"strings"
	"testing"
	"time"

	"planga/chat"
)

func TestCheckBody(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want chat.Code
	}{
		"a word":                {"hello", ""},
		"as long as may be":     {strings.Repeat("é", chat.MaxBody), ""},
		"one too long":          {strings.Repeat("é", chat.MaxBody+1), chat.TooLong},
		"nothing":               {"", chat.Invalid},
		"only spaces":           {" \t\r\n\u00a0\u2003", chat.Invalid},
		"only format marks":     {"\u200b\u200d\ufeff\u202e", chat.Invalid},
		"a NUL":                 {"a\x00", chat.Invalid},
		"no UTF-8":              {"a\xff", chat.Invalid},
		"half a surrogate pair": {"\xed\xa0\x80", chat.Invalid},
		"many combining marks":  {"Z" + strings.Repeat("\u0301", 4000), ""},
		"right to left":         {"\u202eabc", ""},
		"markup":                {"<script>", ""},
		"an escape sequence":    {"\x1b[31m", ""},
	} {
		if got := chat.CodeOf(chat.CheckBody(c.body)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestMessageFor(t *testing.T) {
	whole := chat.Message{Body: "hello", Mentions: []chat.UserID{"ann"}, Reactions: map[string][]chat.UserID{"👍": {"bob"}},
		Attachments: []chat.Attachment{{ID: "a"}}}
	at := time.Unix(1, 0)
	hidden, deleted := whole, whole
	hidden.HiddenAt, deleted.DeletedAt = at, at
	for name, c := range map[string]struct {
		message chat.Message
		viewer  chat.Role
		visible bool
	}{
		"anybody sees a message":                     {whole, chat.Member, true},
		"members do not see what is hidden":          {hidden, chat.Member, false},
		"readers do not see what is hidden":          {hidden, chat.Reader, false},
		"moderators see what is hidden":              {hidden, chat.Moderator, true},
		"not even moderators see what was deleted":   {deleted, chat.Moderator, false},
		"nobody else sees it either, unsurprisingly": {deleted, chat.Member, false},
	} {
		m := chat.MessageFor(c.message, c.viewer)
		visible := m.Body != "" && m.Mentions != nil && m.Reactions != nil && m.Attachments != nil
		gone := m.Body == "" && m.Mentions == nil && m.Reactions == nil && m.Attachments == nil
		if visible != c.visible || gone == c.visible {
			t.Errorf("%s: got %+v", name, m)
		}
	}
}
