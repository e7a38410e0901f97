package sqlite

import (
	"context"
	"errors"

	"planga/chat"
)

// Enter makes sure of a conversation and a participant: see [chat.Conversations]. Most entries are of people who merely
// come back; those are answered from a snapshot and never reach the committer.
func (c *Chat) Enter(ctx context.Context, e chat.Entry) (chat.Entered, error) {
	e.At = cut(e.At)
	var in chat.Entered
	var settled bool
	err := c.engine.look(ctx, func(s *snapshot) (err error) {
		in, settled, err = comeBack(s, e)
		return err
	})
	if err != nil || settled {
		return in, err
	}
	return submit(ctx, c.engine, func(b *batch) (chat.Entered, error) { return c.enter(b, e) })
}

// comeBack answers an entry that changes nothing. settled is false for any other.
func comeBack(s *snapshot, e chat.Entry) (in chat.Entered, settled bool, err error) {
	r, err := loadRoom(s, e.Room)
	if errors.Is(err, errNoConversation) && e.Admit {
		return in, false, nil
	}
	if err != nil {
		return in, false, err
	}
	p, err := loadPerson(s, r.key, e.User.ID)
	switch {
	case err != nil:
		return in, false, err
	case p == nil && e.Admit:
		return in, false, nil
	case p == nil:
		return in, false, errNoParticipant
	case asEntered(p.Participant, e) != p.Participant:
		return in, false, nil
	}
	for _, other := range e.Others {
		o, err := loadPerson(s, r.key, other.ID)
		if err != nil || o == nil {
			return in, false, err
		}
	}
	return chat.Entered{Conversation: r.Conversation, Participant: p.Participant}, true, nil
}

// asEntered returns p as the entry describes them.
func asEntered(p chat.Participant, e chat.Entry) chat.Participant {
	p.User = e.User
	if e.Role != nil {
		p.Role = *e.Role
	}
	return p
}

func (c *Chat) enter(b *batch, e chat.Entry) (chat.Entered, error) {
	var out chat.Entered
	r, err := c.rooms.room(b, e.Room)
	if errors.Is(err, errNoConversation) && e.Admit {
		r, err = c.rooms.createRoom(b, e.Room, e.At)
		out.Created = true
	}
	if err != nil {
		return out, err
	}
	if out.Created && e.Announce.Created {
		if err := c.record(b, chat.Outgoing{Type: chat.OnConversationCreated, At: e.At, Room: e.Room}); err != nil {
			return out, err
		}
	}
	if err := c.enterUser(b, r, e, &out); err != nil {
		return out, err
	}
	for _, other := range e.Others {
		if err := c.enterOther(b, r, e, other, &out); err != nil {
			return out, err
		}
	}
	out.Conversation = r.Conversation
	return out, nil
}

func (c *Chat) enterUser(b *batch, r *room, e chat.Entry, out *chat.Entered) error {
	p, err := c.rooms.person(b, r, e.User.ID)
	switch {
	case err != nil:
		return err
	case p == nil && !e.Admit:
		return errNoParticipant
	case p == nil:
		err = c.join(b, r, asEntered(chat.Participant{}, e), e, out)
		p = r.people[e.User.ID]
	case asEntered(p.Participant, e) != p.Participant:
		_, err = c.rooms.change(b, r, p, asEntered(p.Participant, e))
		out.Changed = append(out.Changed, p.Participant)
	}
	if err != nil {
		return err
	}
	out.Participant = p.Participant
	return nil
}

func (c *Chat) enterOther(b *batch, r *room, e chat.Entry, other chat.User, out *chat.Entered) error {
	p, err := c.rooms.person(b, r, other.ID)
	if err != nil || p != nil {
		return err
	}
	return c.join(b, r, chat.Participant{User: other}, e, out)
}

const insertPerson = `INSERT INTO participants (conversation, app, id, name, avatar, role, read_seq, rev, joined_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

// join adds p to the conversation as somebody who has read everything so far.
func (c *Chat) join(b *batch, r *room, p chat.Participant, e chat.Entry, out *chat.Entered) error {
	p.ReadSeq, p.Rev, p.JoinedAt = r.HeadSeq, r.Rev+1, e.At
	result, err := b.exec(insertPerson, r.key, int64(e.Room.App), string(p.ID), p.Name, p.Avatar, string(p.Role),
		p.ReadSeq, p.Rev, millis(p.JoinedAt))
	if err != nil {
		return err
	}
	key, err := result.LastInsertId()
	if err != nil {
		return err
	}
	c.rooms.remember(r, &person{Participant: p, key: key})
	c.rooms.advance(r, p.Rev)
	out.Changed = append(out.Changed, p)
	if !e.Announce.Joined {
		return nil
	}
	return c.announceParticipant(b, chat.OnParticipantJoined, e.At, e.Room, p)
}
