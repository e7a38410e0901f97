package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"planga/chat"
)

var errNoConversation = chat.Errorf(chat.NotFound, "There is no such conversation.")

const selectRoom = `SELECT key, rev, head_seq, oldest_seq, read_only, topic, created_at
	FROM conversations WHERE app = ? AND id = ?`

// loadRoom returns the conversation, with none of its people. The error is [chat.NotFound] if there is none.
func loadRoom(v view, id chat.Room) (*room, error) {
	in := &room{people: map[chat.UserID]*person{}}
	var created int64
	err := v.queryRow(selectRoom, int64(id.App), string(id.Conversation)).
		Scan(&in.key, &in.Rev, &in.HeadSeq, &in.OldestSeq, &in.ReadOnly, &in.Topic, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoConversation
	}
	in.Room, in.Epoch, in.CreatedAt = id, v.epoch(), fromMillis(created)
	return in, err
}

const insertRoom = `INSERT INTO conversations (app, id, rev, head_seq, oldest_seq, created_at, changed_at)
	VALUES (?, ?, 0, 0, 1, ?, 0)`

// createRoom stores a conversation that does not exist yet. Its rev is written with the first change.
func (r *rooms) createRoom(b *batch, id chat.Room, at time.Time) (*room, error) {
	result, err := b.exec(insertRoom, int64(id.App), string(id.Conversation), millis(at))
	if err != nil {
		return nil, err
	}
	in := &room{people: map[chat.UserID]*person{}}
	in.Room, in.Epoch, in.OldestSeq, in.CreatedAt = id, b.epoch(), 1, cut(at)
	if in.key, err = result.LastInsertId(); err != nil {
		return nil, err
	}
	r.known[id] = in
	return in, nil
}

// Heads returns the heads of those rooms that exist, in any order.
func (c *Chat) Heads(ctx context.Context, ids []chat.Room) ([]chat.Conversation, error) {
	var heads []chat.Conversation
	err := c.engine.look(ctx, func(s *snapshot) error {
		for _, id := range ids {
			in, err := loadRoom(s, id)
			if errors.Is(err, errNoConversation) {
				continue
			}
			if err != nil {
				return err
			}
			heads = append(heads, in.Conversation)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return heads, nil
}

// millis returns t as it is stored: Unix milliseconds, 0 for never.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis returns the time that is stored as ms.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// cut returns t as it will be read again.
func cut(t time.Time) time.Time { return fromMillis(millis(t)) }
