package chat

import (
	"context"
	"slices"
)

// Bounds of the reactions to one message. All of them are told with each change of it.
const (
	MaxEmojis        = 20       // different ones
	MaxReactors      = 1000     // users with the same one
	MaxReactionBytes = 64 << 10 // of the emojis and of the ids of all users
)

// React adds the user's emoji to a message; the same again changes nothing. [Invalid] unless it is one emoji, see
// [CheckEmoji]. [Banned], [ReadOnly] or [Forbidden] if the user may not write in the room now, [NotFound] if there is no such
// message in it, [Conflict] if it was deleted, is hidden, or has as many reactions as it may.
func (s *Service) React(ctx context.Context, r Room, by UserID, id MessageID, emoji string) (Message, error) {
	return s.amendReactions(ctx, r, by, id, emoji, func(m *Message) error { return m.react(by, emoji) })
}

// Unreact takes the user's emoji back. Where there is none it changes nothing. The errors are those of [Service.React].
func (s *Service) Unreact(ctx context.Context, r Room, by UserID, id MessageID, emoji string) (Message, error) {
	return s.amendReactions(ctx, r, by, id, emoji, func(m *Message) error {
		m.unreact(by, emoji)
		return nil
	})
}

func (s *Service) amendReactions(ctx context.Context, r Room, by UserID, id MessageID, emoji string, change func(*Message) error) (Message, error) {
	if err := CheckEmoji(emoji); err != nil {
		return Message{}, err
	}
	if _, err := s.writer(ctx, r, by, s.now()); err != nil {
		return Message{}, err
	}
	return s.amend(ctx, r, id, "", func(m *Message) error {
		if err := m.checkThere(); err != nil {
			return err
		}
		return change(m)
	})
}

func (m *Message) react(by UserID, emoji string) error {
	users, known := m.Reactions[emoji]
	switch {
	case slices.Contains(users, by):
		return nil
	case !known && len(m.Reactions) >= MaxEmojis:
		return Errorf(Conflict, "This message has as many different reactions as it may.")
	case len(users) >= MaxReactors || m.reactionSize()+len(emoji)+len(by) > MaxReactionBytes:
		return Errorf(Conflict, "This message has as many reactions as it may.")
	}
	if m.Reactions == nil {
		m.Reactions = make(map[string][]UserID)
	}
	m.Reactions[emoji] = append(users, by)
	return nil
}

func (m *Message) unreact(by UserID, emoji string) {
	users := slices.DeleteFunc(m.Reactions[emoji], func(u UserID) bool { return u == by })
	if len(users) > 0 {
		m.Reactions[emoji] = users
		return
	}
	if delete(m.Reactions, emoji); len(m.Reactions) == 0 {
		m.Reactions = nil
	}
}

func (m *Message) reactionSize() (n int) {
	for emoji, users := range m.Reactions {
		n += len(emoji)
		for _, u := range users {
			n += len(u)
		}
	}
	return n
}
