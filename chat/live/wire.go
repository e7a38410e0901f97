package live

import (
	"bytes"
	"encoding/json"
	"time"

	"planga/chat"
	"planga/chat/phoenix"
)

// This file knows the JSON of the wire. Times are RFC 3339 in UTC with milliseconds, null for never.

type wireUser struct {
	ID     chat.UserID `json:"id"`
	Name   string      `json:"name"`
	Avatar string      `json:"avatar"`
}

type wireAuthor struct {
	wireUser
	Role chat.Role `json:"role"`
}

type wireAttachment struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	URL    string `json:"url"` // works for some hours
}

type wireMessage struct {
	ID          chat.MessageID           `json:"id"`
	Seq         int64                    `json:"seq"`
	Rev         int64                    `json:"rev"`
	ClientID    chat.ClientID            `json:"client_id"`
	Author      wireAuthor               `json:"author"`
	Kind        chat.MessageKind         `json:"kind"`
	Body        string                   `json:"body"`
	ReplyTo     *chat.MessageID          `json:"reply_to"`
	Attachments []wireAttachment         `json:"attachments"`
	Reactions   map[string][]chat.UserID `json:"reactions"`
	Mentions    []chat.UserID            `json:"mentions"`
	SentAt      *string                  `json:"sent_at"`
	EditedAt    *string                  `json:"edited_at"`
	DeletedAt   *string                  `json:"deleted_at"`
	Hidden      bool                     `json:"hidden"`
}

type wireParticipant struct {
	User        wireUser  `json:"user"`
	Role        chat.Role `json:"role"`
	BannedUntil *string   `json:"banned_until"`
	ReadSeq     int64     `json:"read_seq"`
	LastSeen    *string   `json:"last_seen"`
	Rev         int64     `json:"rev"`
}

type wireHead struct {
	Rev     int64 `json:"rev"`
	HeadSeq int64 `json:"head_seq"`
}

type wireRead struct {
	UserID chat.UserID `json:"user_id"`
	Seq    int64       `json:"seq"`
}

type wireTyping struct {
	UserID chat.UserID `json:"user_id"`
	Name   string      `json:"name"`
}

// wireLimits tells a client what it may send.
type wireLimits struct {
	Body  int `json:"body"` // code points of a message
	Page  int `json:"page"` // messages of a page
	Posts int `json:"posts_per_second"`

	Attachments int   `json:"attachments"` // files of a message; 0 if none are taken
	FileSize    int64 `json:"file_size"`   // bytes

	Edit   int64 `json:"edit_seconds"`   // for so long an author may edit a message
	Delete int64 `json:"delete_seconds"` // and delete it
}

type wireJoined struct {
	ConversationID chat.ConversationID `json:"conversation_id"`
	Epoch          string              `json:"epoch"`
	Fresh          bool                `json:"fresh"` // not what changed since last_rev, but the newest messages
	Rev            int64               `json:"rev"`
	OldestSeq      int64               `json:"oldest_seq"`
	HeadSeq        int64               `json:"head_seq"`
	ReadOnly       bool                `json:"read_only"`
	Topic          string              `json:"topic"` // what the host calls the conversation
	Me             wireParticipant     `json:"me"`
	Participants   []wireParticipant   `json:"participants"`
	Messages       []wireMessage       `json:"messages"`
	Quotes         []wireQuote         `json:"quotes"`
	More           bool                `json:"more"`
	ReadSeq        int64               `json:"read_seq"`
	Limits         wireLimits          `json:"limits"`
	ServerTime     *string             `json:"server_time"`
}

type wirePage struct {
	Messages     []wireMessage     `json:"messages"`
	Quotes       []wireQuote       `json:"quotes"`
	More         bool              `json:"more"`
	Rev          int64             `json:"rev"`
	OldestSeq    int64             `json:"oldest_seq"`
	HeadSeq      int64             `json:"head_seq"`
	Participants []wireParticipant `json:"participants"`
}

type wirePosted struct {
	ID     chat.MessageID `json:"id"`
	Seq    int64          `json:"seq"`
	Rev    int64          `json:"rev"`
	SentAt *string        `json:"sent_at"`
	Dup    bool           `json:"dup"`
}

type wireUnread struct {
	ConversationID chat.ConversationID `json:"conversation_id"`
	Topic          string              `json:"topic"`
	Unread         int64               `json:"unread"`
	ReadSeq        int64               `json:"read_seq"`
	HeadSeq        int64               `json:"head_seq"`
	Last           *wireMessage        `json:"last"`
}

type wireRefusal struct {
	Reason       chat.Code `json:"reason"`
	Message      string    `json:"message"`
	RetryAfterMS int64     `json:"retry_after_ms,omitempty"`
}

func onWire(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}

func userOnWire(u chat.User) wireUser { return wireUser{ID: u.ID, Name: u.Name, Avatar: u.Avatar} }

// messageOnWire shows a message to somebody with that role.
func (s *Server) messageOnWire(m chat.Message, viewer chat.Role) wireMessage {
	m = chat.MessageFor(m, viewer)
	w := wireMessage{
		ID: m.ID, Seq: m.Seq, Rev: m.Rev, ClientID: m.ClientID, Kind: m.Kind, Body: m.Body,
		Author:      wireAuthor{userOnWire(m.Author.User), m.Author.Role},
		Attachments: []wireAttachment{}, Reactions: m.Reactions, Mentions: m.Mentions,
		SentAt: onWire(m.SentAt), EditedAt: onWire(m.EditedAt), DeletedAt: onWire(m.DeletedAt), Hidden: !m.HiddenAt.IsZero(),
	}
	if m.ReplyTo != "" {
		w.ReplyTo = &m.ReplyTo
	}
	if w.Reactions == nil {
		w.Reactions = map[string][]chat.UserID{}
	}
	if w.Mentions == nil {
		w.Mentions = []chat.UserID{}
	}
	for _, a := range m.Attachments {
		w.Attachments = append(w.Attachments, s.attachmentOnWire(a))
	}
	return w
}

func (s *Server) attachmentOnWire(a chat.Attachment) wireAttachment {
	w := wireAttachment{ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, Width: a.Width, Height: a.Height}
	if uploads := s.service.Uploads; uploads != nil {
		w.URL = s.url + uploads.Address(a)
	}
	return w
}

// limitsOnWire tells what somebody of that app may send.
func (s *Server) limitsOnWire(app chat.AppID) wireLimits {
	w := wireLimits{Body: chat.MaxBody, Page: chat.MaxPage, Posts: int(s.limits.Posts),
		Edit: int64(chat.EditWindow.Seconds()), Delete: int64(chat.DeleteWindow.Seconds())}
	if uploads := s.service.Uploads; uploads != nil {
		w.Attachments, w.FileSize = chat.MaxAttachments, uploads.LimitsOf(app).Size
	}
	return w
}

func (s *Server) messagesOnWire(ms []chat.Message, viewer chat.Role) []wireMessage {
	all := make([]wireMessage, len(ms))
	for i, m := range ms {
		all[i] = s.messageOnWire(m, viewer)
	}
	return all
}

func participantOnWire(p chat.Participant) wireParticipant {
	return wireParticipant{
		User: userOnWire(p.User), Role: p.Role, BannedUntil: onWire(p.BannedUntil), ReadSeq: p.ReadSeq,
		LastSeen: onWire(p.LastSeen), Rev: p.Rev,
	}
}

func participantsOnWire(ps []chat.Participant) []wireParticipant {
	all := make([]wireParticipant, len(ps))
	for i, p := range ps {
		all[i] = participantOnWire(p)
	}
	return all
}

func (s *Server) unreadOnWire(u chat.Unread) wireUnread {
	w := wireUnread{
		ConversationID: u.Conversation.Room.Conversation, Topic: u.Conversation.Topic, Unread: u.Count(),
		ReadSeq: u.Participant.ReadSeq, HeadSeq: u.Conversation.HeadSeq,
	}
	if u.Last != nil {
		m := s.messageOnWire(*u.Last, u.Participant.Role)
		w.Last = &m
	}
	return w
}

// encode returns v as JSON without escaping <, > and &: it goes into a socket, never into a page.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("encode " + err.Error()) // only of this file's types, all of which can be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// decode reads a payload into v. A payload of null, or none, leaves v as it is.
func decode(payload json.RawMessage, v any) error {
	if len(payload) == 0 {
		return nil
	}
	if err := json.Unmarshal(payload, v); err != nil {
		return &chat.Error{Code: chat.Invalid, Message: "The payload does not have the form that this event needs.", Cause: err}
	}
	return nil
}

// refusal is how an error is answered.
func (s *Server) refusal(err error) error {
	e := chat.AsError(err)
	if e.Code == chat.Internal {
		s.log.Error("a deed went wrong", "error", err)
	}
	s.metrics.Refusals.WithLabelValues(string(e.Code)).Inc()
	return &phoenix.Reply{Response: wireRefusal{Reason: e.Code, Message: e.Message, RetryAfterMS: e.RetryAfter.Milliseconds()}}
}
