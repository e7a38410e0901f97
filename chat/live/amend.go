package live

import (
	"context"
	"encoding/json"

	"planga/chat"
)

// This file is what writers do with messages that are there. Each deed counts as a post, since it is told to as many.

// amendment is what these deeds name.
type amendment struct {
	ID    chat.MessageID `json:"id"`
	Body  string         `json:"body"`
	Emoji string         `json:"emoji"`
}

func (m *member) edit(ctx context.Context, payload json.RawMessage) (any, error) {
	return m.amend(payload, func(s *chat.Service, a amendment) (chat.Message, error) {
		return s.Edit(ctx, m.room.id, m.user, a.ID, a.Body)
	})
}

func (m *member) erase(ctx context.Context, payload json.RawMessage) (any, error) {
	return m.amend(payload, func(s *chat.Service, a amendment) (chat.Message, error) {
		return s.Delete(ctx, m.room.id, m.user, a.ID)
	})
}

func (m *member) react(ctx context.Context, payload json.RawMessage) (any, error) {
	return m.amend(payload, func(s *chat.Service, a amendment) (chat.Message, error) {
		return s.React(ctx, m.room.id, m.user, a.ID, a.Emoji)
	})
}

func (m *member) unreact(ctx context.Context, payload json.RawMessage) (any, error) {
	return m.amend(payload, func(s *chat.Service, a amendment) (chat.Message, error) {
		return s.Unreact(ctx, m.room.id, m.user, a.ID, a.Emoji)
	})
}

// amend does as much as the user may, and answers with the rev of the message.
func (m *member) amend(payload json.RawMessage, deed func(*chat.Service, amendment) (chat.Message, error)) (any, error) {
	var a amendment
	if err := decode(payload, &a); err != nil {
		return nil, err
	}
	s := m.session.server
	if err := m.spendPost(s.now()); err != nil {
		return nil, err
	}
	changed, err := deed(s.service, a)
	return map[string]int64{"rev": changed.Rev}, err
}
