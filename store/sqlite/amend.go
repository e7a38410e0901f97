package sqlite

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"planga/chat"
)

// amended is the outcome of an amendment.
type amended struct {
	message chat.Message
	changed bool
}

// Amend changes a message: see [chat.Conversations].
func (c *Chat) Amend(
	ctx context.Context, r chat.Room, id chat.MessageID, announce chat.EventType, change func(*chat.Message) error,
) (chat.Message, bool, error) {
	out, err := submit(ctx, c.engine, func(b *batch) (amended, error) {
		in, err := c.rooms.room(b, r)
		if errors.Is(err, errNoConversation) {
			err = errNoMessage
		}
		if err != nil {
			return amended{}, err
		}
		return c.amend(b, in, id, announce, change)
	})
	return out.message, out.changed, err
}

const updateMessage = `UPDATE messages SET change = ?, kind = ?, body = ?, extras = ?, edited_at = ?, deleted_at = ?, hidden_at = ?
	WHERE place = ?`

func (c *Chat) amend(b *batch, in *room, id chat.MessageID, announce chat.EventType, change func(*chat.Message) error) (amended, error) {
	was, err := loadMessage(b, in.key, id)
	if err != nil {
		return amended{}, err
	}
	m := cloneMessage(was)
	if err := change(&m); err != nil {
		return amended{}, err
	}
	m.ID, m.Seq, m.Rev, m.ClientID, m.Author, m.SentAt = was.ID, was.Seq, in.Rev+1, was.ClientID, was.Author, was.SentAt
	m.EditedAt, m.DeletedAt, m.HiddenAt = cut(m.EditedAt), cut(m.DeletedAt), cut(m.HiddenAt)
	before, errBefore := encodeExtras(&was)
	after, errAfter := encodeExtras(&m)
	if err := errors.Join(errBefore, errAfter); err != nil {
		return amended{}, err
	}
	if before == after && sameContent(was, m) {
		return amended{message: was}, nil
	}
	_, err = b.exec(updateMessage, place(in.key, m.Rev), string(m.Kind), m.Body, after,
		millis(m.EditedAt), millis(m.DeletedAt), millis(m.HiddenAt), place(in.key, m.Seq))
	if err != nil {
		return amended{}, err
	}
	c.rooms.advance(in, m.Rev)
	return amended{m, true}, c.announceMessage(b, announce, now(), in.Room, m)
}

// sameContent compares all that an amendment may change, apart from the extras.
func sameContent(a, b chat.Message) bool {
	return a.Kind == b.Kind && a.Body == b.Body &&
		a.EditedAt.Equal(b.EditedAt) && a.DeletedAt.Equal(b.DeletedAt) && a.HiddenAt.Equal(b.HiddenAt)
}

// cloneMessage returns a copy of m that shares nothing with it.
func cloneMessage(m chat.Message) chat.Message {
	m.Mentions = slices.Clone(m.Mentions)
	m.Attachments = slices.Clone(m.Attachments)
	m.Reactions = maps.Clone(m.Reactions)
	for emoji, users := range m.Reactions {
		m.Reactions[emoji] = slices.Clone(users)
	}
	return m
}

// now returns the time for events that bring none of their own.
func now() time.Time { return cut(time.Now()) }
