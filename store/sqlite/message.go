package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"planga/chat"
)

var errNoMessage = chat.Errorf(chat.NotFound, "There is no such message.")

// extras is what few messages have.
type extras struct {
	ReplyTo     chat.MessageID           `json:"reply_to,omitempty"`
	Mentions    []chat.UserID            `json:"mentions,omitempty"`
	Attachments []attachment             `json:"attachments,omitempty"`
	Reactions   map[string][]chat.UserID `json:"reactions,omitempty"`
}

// attachment is a [chat.Attachment] as it is stored.
type attachment struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// encodeExtras returns the extras of m as they are stored: nil if there are none. Equal extras have equal encodings.
func encodeExtras(m *chat.Message) (any, error) {
	if m.ReplyTo == "" && len(m.Mentions) == 0 && len(m.Attachments) == 0 && len(m.Reactions) == 0 {
		return nil, nil
	}
	x := extras{ReplyTo: m.ReplyTo, Mentions: m.Mentions, Reactions: m.Reactions}
	for _, a := range m.Attachments {
		x.Attachments = append(x.Attachments, attachment(a))
	}
	text, err := json.Marshal(x)
	return string(text), err
}

func decodeExtras(text string, m *chat.Message) error {
	var x extras
	if err := json.Unmarshal([]byte(text), &x); err != nil {
		return err
	}
	m.ReplyTo, m.Mentions, m.Reactions = x.ReplyTo, x.Mentions, x.Reactions
	for _, a := range x.Attachments {
		m.Attachments = append(m.Attachments, chat.Attachment(a))
	}
	return nil
}

// seqBits is how many bits of a place or a change are the seq or the rev. The rest is the conversation's key.
const seqBits = 32

const maxSeq = 1<<seqBits - 1

// place returns where seq (or rev) lies in the conversation. Numbers that cannot be are moved to the nearest that can, so that no
// number leads into another conversation.
func place(conversation, seq int64) int64 {
	return conversation<<seqBits | min(max(seq, 0), maxSeq)
}

// idBytes returns a message id as it is stored. ok is false for what cannot be one.
func idBytes(id chat.MessageID) (b []byte, ok bool) {
	if len(id) != 36 {
		return nil, false
	}
	u, err := uuid.Parse(string(id))
	if err != nil || u.String() != string(id) {
		return nil, false
	}
	return u[:], true
}

const messageColumns = `m.place & 0xffffffff, m.change & 0xffffffff, m.id, m.client_id, a.id, m.author_name, m.author_avatar,
	m.author_role, m.kind, m.body, m.extras, m.sent_at, m.edited_at, m.deleted_at, m.hidden_at`

const fromMessages = ` FROM messages m JOIN participants a ON a.key = m.author `

func scanMessage(r row, more ...any) (m chat.Message, err error) {
	var id []byte
	var x sql.NullString
	var sent, edited, deleted, hidden int64
	into := []any{&m.Seq, &m.Rev, &id, &m.ClientID, &m.Author.ID, &m.Author.Name, &m.Author.Avatar,
		&m.Author.Role, &m.Kind, &m.Body, &x, &sent, &edited, &deleted, &hidden}
	if err := r.Scan(append(into, more...)...); err != nil {
		return m, err
	}
	u, err := uuid.FromBytes(id)
	if err != nil {
		return m, err
	}
	m.ID = chat.MessageID(u.String())
	m.SentAt, m.EditedAt, m.DeletedAt, m.HiddenAt = fromMillis(sent), fromMillis(edited), fromMillis(deleted), fromMillis(hidden)
	if x.Valid {
		err = decodeExtras(x.String, &m)
	}
	return m, err
}

const selectMessage = `SELECT ` + messageColumns + fromMessages + `WHERE m.id = ? AND m.place >> 32 = ?`

// loadMessage returns a message of the conversation. The error is [chat.NotFound] if there is none.
func loadMessage(v view, conversation int64, id chat.MessageID) (chat.Message, error) {
	b, ok := idBytes(id)
	if !ok {
		return chat.Message{}, errNoMessage
	}
	m, err := scanMessage(v.queryRow(selectMessage, b, conversation))
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoMessage
	}
	return m, err
}

// Message returns one message. The error is [chat.NotFound] if there is none in this room.
func (c *Chat) Message(ctx context.Context, r chat.Room, id chat.MessageID) (m chat.Message, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		in, err := loadRoom(s, r)
		if errors.Is(err, errNoConversation) {
			return errNoMessage
		}
		if err != nil {
			return err
		}
		m, err = loadMessage(s, in.key, id)
		return err
	})
	return m, err
}
