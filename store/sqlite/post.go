package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"planga/chat"
)

// post is a draft with all that can be prepared before the committer's turn.
type post struct {
	chat.Draft
	id          []byte
	fingerprint []byte
	extras      any
}

// posted is the outcome of a post.
type posted struct {
	message chat.Message
	dup     bool
}

// Post stores a draft: see [chat.Conversations].
func (c *Chat) Post(ctx context.Context, d chat.Draft) (chat.Message, bool, error) {
	p, err := preparePost(d)
	if err != nil {
		return chat.Message{}, false, err
	}
	out, err := submit(ctx, c.engine, func(b *batch) (posted, error) { return c.post(b, p) })
	return out.message, out.dup, err
}

func preparePost(d chat.Draft) (p post, err error) {
	d.SentAt = cut(d.SentAt)
	p.Draft = d
	var ok bool
	if p.id, ok = idBytes(d.ID); !ok {
		return p, chat.Errorf(chat.Invalid, "The message id is not a UUID.")
	}
	sum := d.Fingerprint()
	p.fingerprint = sum[:]
	m := d.Message(chat.Participant{}, 0, 0)
	p.extras, err = encodeExtras(&m)
	return p, err
}

const insertMessage = `INSERT INTO messages (place, change, author, client_id, id, fingerprint,
	author_name, author_avatar, author_role, kind, body, extras, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// post checks everything before it writes anything. That a client id is used already shows in the attempt to store it
// again, which saves the common case a look.
func (c *Chat) post(b *batch, p post) (posted, error) {
	in, err := c.rooms.room(b, p.Room)
	if err != nil {
		return posted{}, err
	}
	by, err := c.rooms.person(b, in, p.Author)
	if err != nil {
		return posted{}, err
	}
	if by == nil {
		return posted{}, chat.Errorf(chat.Forbidden, "You do not belong to this conversation.")
	}
	if err := p.acceptable(b, in, by); err != nil {
		return p.repeated(b, in, by, err)
	}
	m := p.Message(by.Participant, in.HeadSeq+1, in.Rev+1)
	_, err = b.exec(insertMessage, place(in.key, m.Seq), place(in.key, m.Rev), by.key, string(p.ClientID), p.id, p.fingerprint,
		by.Name, by.Avatar, string(by.Role), string(p.Kind), p.Body, p.extras, millis(p.SentAt))
	if notUnique(err) {
		return p.repeated(b, in, by, chat.Errorf(chat.Conflict, "There is a message with this id already."))
	}
	if err != nil {
		return posted{}, err
	}
	if err := c.announceMessage(b, p.Announce, p.SentAt, p.Room, m); err != nil {
		return posted{}, err
	}
	in.HeadSeq = m.Seq
	c.rooms.advance(in, m.Rev)
	c.rooms.readTo(in, by, m.Seq)
	return posted{message: m}, nil
}

// acceptable says why the draft cannot be stored now, if it cannot.
func (p *post) acceptable(b *batch, in *room, by *person) error {
	if err := p.Allowed(in.Conversation, by.Participant); err != nil {
		return err
	}
	if in.HeadSeq >= maxSeq || in.Rev >= maxSeq {
		return chat.Errorf(chat.Conflict, "This conversation is full.")
	}
	if p.ReplyTo == "" {
		return nil
	}
	_, err := loadMessage(b, in.key, p.ReplyTo)
	return err
}

const selectRepeated = `SELECT ` + messageColumns + `, m.fingerprint` + fromMessages + `WHERE m.author = ? AND m.client_id = ?`

// repeated returns the message that the draft repeats. If it repeats none, the error is refusal.
func (p *post) repeated(b *batch, in *room, by *person, refusal error) (posted, error) {
	if ofStorage(refusal) {
		return posted{}, refusal
	}
	var fingerprint []byte
	m, err := scanMessage(b.queryRow(selectRepeated, by.key, string(p.ClientID)), &fingerprint)
	if errors.Is(err, sql.ErrNoRows) {
		return posted{}, refusal
	}
	if err != nil {
		return posted{}, err
	}
	if !bytes.Equal(fingerprint, p.fingerprint) {
		return posted{}, chat.Errorf(chat.ClientIDConflict, "This client_id was used for another message.")
	}
	return posted{message: m, dup: true}, nil
}
