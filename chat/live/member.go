package live

import (
	"context"
	"encoding/json"
	"time"

	"planga/chat"
	"planga/chat/phoenix"
)

// joinTries is how often a join reads again when the room has moved on beneath it.
const joinTries = 5

// member is one channel in a room. The fields below the line are guarded by the room's lock.
type member struct {
	session *session
	ch      *phoenix.Channel
	room    *room
	user    chat.UserID
	dialect dialect
	of2018  *visitor2018 // nil for a client of today
	fresh   bool         // the join was answered with the newest messages, not with what changed since

	at        int   // place among the room's members, -1 if it is none
	moderator bool  // sees hidden content
	roleRev   int64 // of the participant as which moderator was set
	live      bool  // has caught up: events go out at once
	from      int64
	covered   int64 // pending holds everything after this rev; -1 as long as the room does not know where it stands
	pending   []chat.Event
	overrun   bool // pending was full
	ref       uint64
	online    int64 // unix seconds
	announced bool  // the others were told
}

// dialect tells how a channel of today writes its topic.
type dialect uint8

const (
	today     dialect = iota
	todayStar         // today's, under the topic conversation:*
)

// joinConversation enters, listens, reads, and then lets flow what is newer.
func (c *session) joinConversation(ctx context.Context, ch *phoenix.Channel, id chat.ConversationID, payload json.RawMessage) (any, error) {
	var p struct {
		LastRev *int64  `json:"last_rev"`
		Epoch   *string `json:"epoch"`
		Limit   int     `json:"limit"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	m := &member{session: c, ch: ch, at: -1}
	who := c.identity()
	if id == "*" && who.Encrypted && len(who.Conversations) == 1 {
		id, m.dialect = who.Conversations[0], todayStar
	}
	seen := chat.Seen{Rev: p.LastRev, Limit: p.Limit}
	if p.Epoch != nil {
		seen.Epoch = *p.Epoch
	}
	in, page, err := m.enter(ctx, who, id, seen)
	if err != nil {
		return nil, err
	}
	return c.server.joined(in, page, m.fresh), nil
}

// enter takes m into the conversation's room and returns what it has to catch up with.
func (m *member) enter(ctx context.Context, who chat.Identity, id chat.ConversationID, seen chat.Seen) (chat.Entered, chat.Page, error) {
	s := m.session.server
	in, err := s.service.Enter(ctx, who, id)
	if err != nil {
		return in, chat.Page{}, err
	}
	m.user, m.moderator, m.roleRev = who.User.ID, in.Participant.Role == chat.Moderator, in.Participant.Rev
	if m.room, err = s.hub.room(ctx, in.Conversation.Room); err != nil {
		return in, chat.Page{}, err
	}
	m.room.add(m)
	page, err := m.catchUp(ctx, &in, seen)
	if err != nil {
		m.leave()
		return in, page, err
	}
	m.ch.Assigns = m
	return in, page, nil
}

// renew reads again as whom m is there. Between entering and listening, a change of role is heard by nobody.
func (m *member) renew(ctx context.Context) (chat.Participant, error) {
	p, err := m.session.server.service.Conversations.Participant(ctx, m.room.id, m.user)
	if err == nil {
		m.room.meet(p)
	}
	return p, err
}

// catchUp reads what m lacks, until nothing can have fallen between that and what it hears.
func (m *member) catchUp(ctx context.Context, in *chat.Entered, seen chat.Seen) (page chat.Page, err error) {
	// Most who come back, after a restart all at once, lack nothing; entering has told that already.
	if seen.LacksNothing(in.Conversation) && m.room.knows(m) && m.room.welcome(m, in.Conversation) {
		return chat.Page{Conversation: in.Conversation}, nil
	}
	service := m.session.server.service
	for range joinTries {
		if page, m.fresh, err = service.CatchUp(ctx, m.room.id, in.Conversation.Epoch, seen); err != nil {
			return page, err
		}
		if page.Conversation.Rev != in.Conversation.Rev {
			if in.Participant, err = m.renew(ctx); err != nil {
				return page, err
			}
		}
		if m.room.welcome(m, page.Conversation) {
			return page, nil
		}
	}
	return page, &chat.Error{Code: chat.Busy, Message: "The conversation is too busy to join right now.", RetryAfter: time.Second}
}

func (s *Server) joined(in chat.Entered, page chat.Page, fresh bool) wireJoined {
	c := page.Conversation
	return wireJoined{
		ConversationID: c.Room.Conversation, Epoch: c.Epoch, Fresh: fresh, Rev: c.Rev, OldestSeq: c.OldestSeq, HeadSeq: c.HeadSeq,
		ReadOnly: c.ReadOnly, Topic: c.Topic, Me: participantOnWire(in.Participant),
		Participants: participantsOnWire(page.Participants), Messages: s.messagesOnWire(page.Messages, in.Participant.Role),
		Quotes: quotesOnWire(page.Quoted, in.Participant.Role), More: page.More, ReadSeq: in.Participant.ReadSeq, ServerTime: onWire(s.now()),
		Limits: s.limitsOnWire(c.Room.App),
	}
}

// leave implements [channel].
func (m *member) leave() {
	m.room.remove(m)
	m.session.server.hub.release(m.room.place)
}

// topicOf is the topic of a conversation in today's dialects.
func (d dialect) topicOf(r chat.Room) string {
	if d == todayStar {
		return conversationTopic + "*"
	}
	return conversationTopic + string(r.Conversation)
}
