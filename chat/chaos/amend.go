package main

import (
	"context"
	"fmt"
	"strings"

	"planga/chat"
)

var emojis = []string{"👍", "❤️", "🎉"}

// amend edits or deletes one of the device's last messages, or reacts to anybody's.
func (s *seat) amend(ctx context.Context) {
	c, o := s.client, &s.outbox
	if n := c.rng.IntN(10); n < 5 && len(o.old) > 0 {
		l := o.old[c.rng.IntN(len(o.old))]
		if n == 0 {
			s.deed(ctx, "delete_message", map[string]any{"id": l.id}, fact{subject: "message " + l.id, deleted: "yes"}, nil)
		} else if !l.editing {
			s.edit(ctx, l)
		}
		return
	}
	m, ok := s.view.messages[max(s.view.floor, s.view.head-c.rng.Int64N(10))]
	if !ok {
		return
	}
	event, emoji := "react", emojis[c.rng.IntN(len(emojis))]
	if strings.Contains(string(m.Reactions), c.user) && c.rng.IntN(2) == 0 {
		event = "unreact"
	}
	s.deed(ctx, event, map[string]any{"id": m.ID, "emoji": emoji}, fact{subject: "message " + m.ID}, nil)
}

// edit gives a message another text, one after the other.
func (s *seat) edit(ctx context.Context, l *letter) {
	l.edits++
	l.editing = true
	body := fmt.Sprintf("%s, edited %d times", l.body, l.edits)
	if len([]rune(body)) > chat.MaxBody {
		return
	}
	text := 0
	s.on(func(r *record) error {
		text = r.edits(s.client.user, l.clientID, body)
		return nil
	})
	s.deed(ctx, "edit_message", map[string]any{"id": l.id, "body": body}, fact{subject: "message " + l.id, deleted: "no", text: text},
		func() { l.editing = false })
}
