package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"planga/chat"
)

const selectInbox = `SELECT p.key, p.id, p.name, p.avatar, p.role, p.banned_until, p.read_seq, p.last_seen, p.rev, p.joined_at, c.id
	FROM participants p JOIN conversations c ON c.key = p.conversation
	WHERE p.app = ? AND p.id = ? ORDER BY c.changed_at DESC LIMIT ?`

const selectAt = `SELECT ` + messageColumns + fromMessages + `WHERE m.place = ?`

// Inbox returns the conversations in which a user participates: see [chat.Conversations].
func (c *Chat) Inbox(ctx context.Context, app chat.AppID, user chat.UserID, limit int) (lines []chat.Unread, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		if lines, err = loadInbox(s, app, user, limit); err != nil {
			return err
		}
		for i := range lines {
			if err := fillLine(s, &lines[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lines, nil
}

// loadInbox returns the lines with their participant and room only.
func loadInbox(s *snapshot, app chat.AppID, user chat.UserID, limit int) ([]chat.Unread, error) {
	rows, err := s.query(selectInbox, int64(app), string(user), max(0, limit))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []chat.Unread
	for rows.Next() {
		room := chat.Room{App: app}
		p, err := scanPerson(rows, &room.Conversation)
		if err != nil {
			return nil, err
		}
		lines = append(lines, chat.Unread{Participant: p.Participant, Conversation: chat.Conversation{Room: room}})
	}
	return lines, rows.Err()
}

// fillLine adds the conversation's head and newest message.
func fillLine(s *snapshot, line *chat.Unread) error {
	in, err := loadRoom(s, line.Conversation.Room)
	if err != nil {
		return err
	}
	line.Conversation = in.Conversation
	m, err := scanMessage(s.queryRow(selectAt, place(in.key, in.HeadSeq)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	line.Last = &m
	return err
}
