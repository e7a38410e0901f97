package live

import (
	"context"
	"encoding/json"
	"time"

	"planga/chat"
	"planga/chat/phoenix"
)

// typingPause is how often one user's typing is passed on at most.
const typingPause = 2 * time.Second

var errNoSuchEvent = chat.Errorf(chat.Invalid, "There is no such event.")

// deeds are the events of a conversation's channel.
var deeds = map[string]func(*member, context.Context, json.RawMessage) (any, error){
	"new_message":    (*member).post,
	"edit_message":   (*member).edit,
	"delete_message": (*member).erase,
	"react":          (*member).react,
	"unreact":        (*member).unreact,
	"history":        (*member).history,
	"quotes":         (*member).quotes,
	"read":           (*member).read,
	"typing":         (*member).typing,
	"hide_message":   (*member).hide,
	"show_message":   (*member).show,
	"ban_user":       (*member).ban,
	"unban_user":     (*member).unban,
	"authorize":      (*member).authorize,
}

// push implements [channel].
func (m *member) push(ctx context.Context, event string, payload json.RawMessage) (any, error) {
	deed, ok := deeds[event]
	if !ok {
		return nil, errNoSuchEvent
	}
	return deed(m, ctx, payload)
}

func (m *member) post(ctx context.Context, payload json.RawMessage) (any, error) {
	var p struct {
		ClientID    chat.ClientID  `json:"client_id"`
		Body        string         `json:"body"`
		ReplyTo     chat.MessageID `json:"reply_to"`
		Mentions    []chat.UserID  `json:"mentions"`
		Attachments []string       `json:"attachments"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	sent, dup, err := m.say(ctx, chat.NewMessage(p))
	if err != nil {
		return nil, err
	}
	return wirePosted{ID: sent.ID, Seq: sent.Seq, Rev: sent.Rev, SentAt: onWire(sent.SentAt), Dup: dup}, nil
}

// say posts as much as the user may.
func (m *member) say(ctx context.Context, n chat.NewMessage) (sent chat.Message, dup bool, err error) {
	s := m.session.server
	began := s.now()
	if err := m.spendPost(began); err != nil {
		return sent, false, err
	}
	if sent, dup, err = s.service.Post(ctx, m.room.id, m.user, n); err == nil {
		s.metrics.Posts.Observe(s.now().Sub(began).Seconds())
	}
	return sent, dup, err
}

// spendPost uses up one of the user's posts.
func (m *member) spendPost(now time.Time) error {
	if d := m.session.server.posts.take(person{m.room.id.App, m.user}, now); d > 0 {
		return limited(d)
	}
	return nil
}

func (m *member) history(ctx context.Context, payload json.RawMessage) (any, error) {
	var p struct {
		BeforeSeq *int64 `json:"before_seq"`
		AfterSeq  *int64 `json:"after_seq"`
		AfterRev  *int64 `json:"after_rev"`
		Limit     int    `json:"limit"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	q := chat.Query{BeforeSeq: p.BeforeSeq, AfterSeq: p.AfterSeq, AfterRev: p.AfterRev, Limit: p.Limit}
	page, err := m.session.server.service.History(ctx, m.room.id, m.user, q)
	if err != nil {
		return nil, err
	}
	c := page.Conversation
	// History has hidden already what this reader may not see.
	return wirePage{
		Messages: m.session.server.messagesOnWire(page.Messages, chat.Moderator), Quotes: quotesOnWire(page.Quoted, chat.Moderator),
		More: page.More, Rev: c.Rev, OldestSeq: c.OldestSeq, HeadSeq: c.HeadSeq, Participants: participantsOnWire(page.Participants),
	}, nil
}

func (m *member) read(ctx context.Context, payload json.RawMessage) (any, error) {
	var p struct {
		Seq *int64 `json:"seq"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	if p.Seq == nil {
		return nil, chat.Errorf(chat.Invalid, "The seq is missing.")
	}
	_, err := m.session.server.service.MarkRead(ctx, m.room.id, m.user, *p.Seq)
	return nil, err
}

func (m *member) typing(ctx context.Context, _ json.RawMessage) (any, error) {
	s := m.session.server
	if s.typed.take(person{m.room.id.App, m.user}, s.now()) == 0 {
		s.service.Type(ctx, m.room.id, m.session.identity().User)
	}
	return phoenix.NoReply, nil
}

func (m *member) hide(ctx context.Context, payload json.RawMessage) (any, error) {
	return m.moderate(ctx, payload, m.session.server.service.Hide)
}

func (m *member) show(ctx context.Context, payload json.RawMessage) (any, error) {
	return m.moderate(ctx, payload, m.session.server.service.Show)
}

func (m *member) moderate(ctx context.Context, payload json.RawMessage,
	deed func(context.Context, chat.Room, chat.UserID, chat.MessageID) (chat.Message, error)) (any, error) {
	var p struct {
		ID chat.MessageID `json:"id"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	changed, err := deed(ctx, m.room.id, m.user, p.ID)
	return map[string]int64{"rev": changed.Rev}, err
}

func (m *member) ban(ctx context.Context, payload json.RawMessage) (any, error) {
	var p struct {
		UserID  chat.UserID `json:"user_id"`
		Minutes int64       `json:"duration_minutes"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	banned, err := m.session.server.service.Ban(ctx, m.room.id, m.user, p.UserID, p.Minutes)
	return map[string]int64{"rev": banned.Rev}, err
}

func (m *member) unban(ctx context.Context, payload json.RawMessage) (any, error) {
	var p struct {
		UserID chat.UserID `json:"user_id"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	unbanned, err := m.session.server.service.Unban(ctx, m.room.id, m.user, p.UserID)
	return map[string]int64{"rev": unbanned.Rev}, err
}

func (m *member) authorize(_ context.Context, payload json.RawMessage) (any, error) {
	return m.session.authorize(payload)
}
