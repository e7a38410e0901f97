package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"planga/chat"
	"planga/chat/phoenix"
)

// This file is all that clients of 2018 need: pages whose compiled client speaks the first version of Phoenix's serializer,
// names its credentials in the address, and joins a topic made of them. They are served where the app's switch is on.

const (
	topic2018       = "encrypted_chat:"
	page2018        = 20           // messages, of a first join and of every older page
	rejoinPage2018  = chat.MaxPage // covers what was missed: such a client asks only for what is older than all it has
	rejoinAfter2018 = time.Second  // until a client that does not join is told to
	maxRefused2018  = 10_000       // connections that are open only so that their clients stay quiet
	sentAt2018      = "2006-01-02T15:04:05.000"
)

// is2018 recognises a client of 2018 by its serializer and its credentials.
func is2018(h phoenix.Handshake) bool {
	return h.Version == phoenix.V1 && h.Token == "" && strings.Contains("&"+h.RawQuery, "&config=")
}

// connect2018 accepts every client: one that is refused the connection comes back dozens of times a second, but one whose join
// is refused is quiet. Only when very many are open already are more turned away.
func (s *Server) connect2018(h phoenix.Handshake) (phoenix.Session, error) {
	c, err := s.connect(h, func(a chat.App) string {
		switch {
		case !a.Clients2018:
			return "The page was made for Planga in 2018, and the app does not serve such pages."
		// Pages of 2018 knew no allowed origins, so as long as none are named they come from anywhere.
		case len(a.Origins) > 0 && !s.allowsOrigin(a, h):
			return foreignOrigin
		}
		return ""
	})
	if err == nil {
		back := &session2018{session: c}
		topic := topic2018 + plainParameter(h.RawQuery, "public_api_id") + "#" + plainParameter(h.RawQuery, "config")
		time.AfterFunc(rejoinAfter2018, func() { back.wake(topic) })
		return back, nil
	}
	if s.refused2018.Add(1) > maxRefused2018 {
		s.refused2018.Add(-1)
		return nil, err
	}
	return &unwelcome2018{s}, nil
}

// unwelcome2018 is a connection whose credential was refused.
type unwelcome2018 struct{ server *Server }

func (u *unwelcome2018) refusal() error { return phoenix.Refuse("unauthorized") }

// Join implements [phoenix.Session].
func (u *unwelcome2018) Join(context.Context, *phoenix.Channel, json.RawMessage) (any, error) {
	return nil, u.refusal()
}

// Push implements [phoenix.Session].
func (u *unwelcome2018) Push(context.Context, *phoenix.Channel, string, json.RawMessage) (any, error) {
	return nil, u.refusal()
}

// Adopt implements [phoenix.Adopter].
func (u *unwelcome2018) Adopt(context.Context, *phoenix.Channel, string) error { return u.refusal() }

// Leave implements [phoenix.Session].
func (u *unwelcome2018) Leave(*phoenix.Channel) {}

// Closed implements [phoenix.Session].
func (u *unwelcome2018) Closed(error) { u.server.refused2018.Add(-1) }

// session2018 is a connection of a client of 2018.
type session2018 struct {
	*session
	spoke atomic.Bool // it joined, or pushed
	back  atomic.Bool // it did not join at once: it was connected before
}

// wake tells a client that has said nothing yet to join: one that reconnects does not do so by itself, and the topic of its
// one conversation is in its address.
func (c *session2018) wake(topic string) {
	if !c.spoke.Load() {
		c.back.Store(true)
		_ = c.conn.Push(topic, "phx_error", nil)
	}
}

var _ phoenix.Adopter = (*session2018)(nil)

// visitor2018 is one channel of a client of 2018. The session alone uses its fields.
type visitor2018 struct {
	*member
	name    string
	lowSeq  int64  // of the oldest message that this channel sent; 0 if it sent none
	minSent string // its sent_at
}

// Join implements [phoenix.Session].
func (c *session2018) Join(ctx context.Context, ch *phoenix.Channel, _ json.RawMessage) (any, error) {
	response, err := c.enter(ctx, ch)
	return c.joined(response, err)
}

func (c *session2018) enter(ctx context.Context, ch *phoenix.Channel) (any, error) {
	c.spoke.Store(true)
	if err := c.spend(); err != nil {
		return nil, err
	}
	who, err := c.identify(ch.Topic())
	if err != nil {
		return nil, err
	}
	v := &visitor2018{member: &member{session: c.session, ch: ch, at: -1}, name: who.User.Name}
	v.of2018 = v
	seen := chat.Seen{Limit: page2018}
	if c.back.Load() {
		seen.Limit = rejoinPage2018
	}
	in, page, err := v.member.enter(ctx, who, who.Conversations[0], seen)
	if err != nil {
		return nil, err
	}
	ch.Assigns = v
	v.tellInfo(in.Participant)
	v.sendPage(chat.MessagesFor(page.Messages, in.Participant.Role))
	return map[string]string{"current_user_name": v.name}, nil
}

// identify verifies the credentials in a topic; they must be of the app and user of the connection.
func (c *session2018) identify(topic string) (chat.Identity, error) {
	rest, ok := strings.CutPrefix(topic, topic2018)
	id, options, both := strings.Cut(rest, "#")
	if !ok || !both {
		return chat.Identity{}, phoenix.UnmatchedTopic
	}
	query := "id=" + id + "&options=" + options
	who, err := c.server.gate.Authenticate(c.server.now(), chat.Credential{
		PublicID: base64Parameter(query, "id"), EncryptedOptions: base64Parameter(query, "options"),
	})
	if err != nil {
		return who, err
	}
	if mine := c.identity(); who.App != mine.App || who.User.ID != mine.User.ID || len(who.Conversations) != 1 {
		return who, chat.Errorf(chat.Forbidden, "The topic is somebody else's.")
	}
	return who, nil
}

// Adopt implements [phoenix.Adopter]: after a reconnection such a client sends what was typed meanwhile, but does not join by
// itself. What it sends is done, and a second later it is told to join.
func (c *session2018) Adopt(ctx context.Context, ch *phoenix.Channel, _ string) error {
	c.back.Store(true)
	if _, err := c.enter(ctx, ch); err != nil {
		if err == phoenix.UnmatchedTopic {
			return err
		}
		return c.server.refusal(err)
	}
	c.channels++
	c.count()
	time.AfterFunc(rejoinAfter2018, ch.Error)
	return nil
}

// push implements [channel].
func (v *visitor2018) push(ctx context.Context, event string, payload json.RawMessage) (any, error) {
	var p struct {
		Message     string         `json:"message"`
		SentBefore  string         `json:"sent_before"`
		MessageUUID chat.MessageID `json:"message_uuid"`
		UserUUID    chat.UserID    `json:"user_uuid"`
		Minutes     int64          `json:"duration_minutes"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	var err error
	service, room, me := v.session.server.service, v.room.id, v.user
	switch event {
	case "new_message":
		// The client has no name for a message and never repeats it, so it gets one.
		id := chat.ClientID("2018-" + uuid.NewString())
		_, _, err = v.say(ctx, chat.NewMessage{ClientID: id, Body: p.Message})
	case "load_old_messages":
		err = v.loadOld(ctx, p.SentBefore)
	case "hide_message":
		_, err = service.Hide(ctx, room, me, p.MessageUUID)
	case "show_message":
		_, err = service.Show(ctx, room, me, p.MessageUUID)
	case "ban_user":
		_, err = service.Ban(ctx, room, me, p.UserUUID, p.Minutes)
	case "unban_user":
		_, err = service.Unban(ctx, room, me, p.UserUUID)
	default:
		err = errNoSuchEvent
	}
	return nil, err
}

// loadOld sends a page of messages older than what the client has, which it names by the oldest one's sent_at. The
// empty page at the beginning tells the client that there are no more.
func (v *visitor2018) loadOld(ctx context.Context, sentBefore string) error {
	if len(sentBefore) != len(sentAt2018)+3 {
		return chat.Errorf(chat.Invalid, "The sent_before is not a time that was sent.")
	}
	before := v.lowSeq
	if sentBefore != v.minSent {
		var err error
		if before, err = v.seqAt(ctx, sentBefore); err != nil {
			return err
		}
	}
	page, err := v.session.server.service.History(ctx, v.room.id, v.user, chat.Query{BeforeSeq: &before, Limit: page2018})
	if err != nil {
		return err
	}
	v.sendPage(page.Messages)
	return nil
}

// seqAt returns the seq of the oldest message sent at that time or later: for a client that has messages from before its
// connection broke. Times rise with the seq, so it is found by halving.
func (v *visitor2018) seqAt(ctx context.Context, sentAt string) (int64, error) {
	keeper := v.session.server.service.Conversations
	newest, err := keeper.Read(ctx, v.room.id, chat.Query{Limit: 1})
	if err != nil {
		return 0, err
	}
	low, high := newest.Conversation.OldestSeq, newest.Conversation.HeadSeq+1
	for low < high {
		middle := low + (high-low)/2
		after := middle - 1
		page, err := keeper.Read(ctx, v.room.id, chat.Query{AfterSeq: &after, Limit: 1})
		if err != nil {
			return 0, err
		}
		if len(page.Messages) > 0 && sentOn2018(page.Messages[0]) < sentAt {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// sendPage pushes messages_so_far and remembers how far back it goes. The messages are as the viewer may see them.
func (v *visitor2018) sendPage(ms []chat.Message) {
	all := make([]wire2018, 0, len(ms))
	for _, m := range ms {
		all = append(all, messageOf2018(m))
		if v.lowSeq == 0 || m.Seq < v.lowSeq {
			v.lowSeq = m.Seq
		}
	}
	if len(all) > 0 {
		least := slices.MinFunc(all, func(a, b wire2018) int { return strings.Compare(a.SentAt, b.SentAt) }).SentAt
		if v.minSent == "" || least < v.minSent {
			v.minSent = least
		}
	}
	_ = v.ch.Push("messages_so_far", encode(map[string]any{"messages": all}))
}

// tell pushes what an event of a room means to a client of 2018. It is called under the room's lock.
func (v *visitor2018) tell(f *frames) {
	switch e := f.source; {
	case e == nil:
	case e.Kind == chat.ParticipantChanged:
		if e.Participant.ID == v.user {
			v.tellInfo(*e.Participant)
		}
	case e.Message != nil:
		event := "changed_message"
		if e.Kind == chat.MessagePosted {
			event = "new_remote_message"
		}
		_ = v.ch.Push(event, v.payload(f))
	}
}

// payload is encoded once for all of those who see the same.
func (v *visitor2018) payload(f *frames) json.RawMessage {
	viewer, variant := f.viewer(v.member)
	if f.of2018[variant] == nil {
		f.of2018[variant] = encode(messageOf2018(chat.MessageFor(*f.source.Message, viewer)))
	}
	return f.of2018[variant]
}

// tellInfo tells the visitor what they may do.
func (v *visitor2018) tellInfo(p chat.Participant) {
	info := struct {
		Role        *chat.Role `json:"role"`
		BannedUntil *int64     `json:"banned_until"` // unix seconds
		UserID      int64      `json:"user_id"`      // unused, but must be there
	}{Role: roleOf2018(p.Role)}
	if !p.BannedUntil.IsZero() {
		until := p.BannedUntil.Unix()
		info.BannedUntil = &until
	}
	_ = v.ch.Push("changed_your_conversation_user_info", encode(info))
}

// wire2018 is a message on the wire of 2018. Every field must be there, or the client loses the whole batch.
type wire2018 struct {
	UUID       chat.MessageID `json:"uuid"`
	AuthorName string         `json:"author_name"` // as it is: it marks one's own messages by being equal
	AuthorRole *chat.Role     `json:"author_role"`
	AuthorUUID chat.UserID    `json:"author_uuid"`
	Content    string         `json:"content"` // escaped: the client unescapes it once
	SentAt     string         `json:"sent_at"`
	DeletedAt  *string        `json:"deleted_at"`
}

var escape2018 = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func messageOf2018(m chat.Message) wire2018 {
	w := wire2018{
		UUID: m.ID, AuthorName: m.Author.Name, AuthorRole: roleOf2018(m.Author.Role), AuthorUUID: m.Author.ID,
		Content: escape2018.Replace(m.Body), SentAt: sentOn2018(m),
	}
	for _, gone := range []time.Time{m.HiddenAt, m.DeletedAt} {
		if !gone.IsZero() {
			at := gone.UTC().Format(sentAt2018)
			w.DeletedAt = &at
		}
	}
	return w
}

// sentOn2018 is a time by which the client sorts, as text, and pages: it must differ from message to message. The last three
// digits are the seq's, which tells apart what was sent in the same millisecond.
func sentOn2018(m chat.Message) string {
	return m.SentAt.UTC().Format(sentAt2018) + fmt.Sprintf("%03d", m.Seq%1000)
}

func roleOf2018(r chat.Role) *chat.Role {
	if r == chat.Member {
		return nil
	}
	return &r
}
