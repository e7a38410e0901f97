package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"planga/chat"
)

var errNoParticipant = chat.Errorf(chat.NotFound, "There is no such participant.")

const personColumns = `key, id, name, avatar, role, banned_until, read_seq, last_seen, rev, joined_at`

// row is what both *sql.Row and *sql.Rows can do.
type row interface{ Scan(into ...any) error }

func scanPerson(r row, more ...any) (*person, error) {
	p := &person{}
	var banned, seen, joined int64
	into := []any{&p.key, &p.ID, &p.Name, &p.Avatar, &p.Role, &banned, &p.ReadSeq, &seen, &p.Rev, &joined}
	if err := r.Scan(append(into, more...)...); err != nil {
		return nil, err
	}
	p.BannedUntil, p.LastSeen, p.JoinedAt = fromMillis(banned), fromMillis(seen), fromMillis(joined)
	return p, nil
}

const selectPerson = `SELECT ` + personColumns + ` FROM participants WHERE conversation = ? AND id = ?`

// loadPerson returns the participant, nil if there is none.
func loadPerson(v view, conversation int64, id chat.UserID) (*person, error) {
	p, err := scanPerson(v.queryRow(selectPerson, conversation, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return p, err
}

// loadPeople returns the participants that a query for personColumns yields.
func loadPeople(v view, text string, args ...any) ([]chat.Participant, error) {
	rows, err := v.query(text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []chat.Participant
	for rows.Next() {
		p, err := scanPerson(rows)
		if err != nil {
			return nil, err
		}
		people = append(people, p.Participant)
	}
	return people, rows.Err()
}

// Participant returns one participant. The error is [chat.NotFound] if there is none.
func (c *Chat) Participant(ctx context.Context, r chat.Room, id chat.UserID) (found chat.Participant, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		in, err := loadRoom(s, r)
		if errors.Is(err, errNoConversation) {
			return errNoParticipant
		}
		if err != nil {
			return err
		}
		p, err := loadPerson(s, in.key, id)
		if err != nil {
			return err
		}
		if p == nil {
			return errNoParticipant
		}
		found = p.Participant
		return nil
	})
	return found, err
}

const selectJoined = `SELECT ` + personColumns + ` FROM participants WHERE conversation = ? ORDER BY key DESC LIMIT ?`

// Participants returns the limit participants who joined most recently, in the order of joining. The error is
// [chat.NotFound] if the conversation does not exist.
func (c *Chat) Participants(ctx context.Context, r chat.Room, limit int) (people []chat.Participant, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		in, err := loadRoom(s, r)
		if err != nil {
			return err
		}
		people, err = loadPeople(s, selectJoined, in.key, max(0, limit))
		return err
	})
	slices.Reverse(people)
	return people, err
}

const updatePerson = `UPDATE participants SET name = ?, avatar = ?, role = ?, banned_until = ?, rev = ? WHERE key = ?`

// change stores next in the place of p under the conversation's next rev, and returns it.
func (r *rooms) change(b *batch, in *room, p *person, next chat.Participant) (chat.Participant, error) {
	next.Rev = in.Rev + 1
	_, err := b.exec(updatePerson, next.Name, next.Avatar, string(next.Role), millis(next.BannedUntil), next.Rev, p.key)
	if err != nil {
		return chat.Participant{}, err
	}
	p.Participant = next
	r.advance(in, next.Rev)
	return next, nil
}

// AmendParticipant changes a participant's role or ban: see [chat.Conversations].
func (c *Chat) AmendParticipant(
	ctx context.Context, r chat.Room, id chat.UserID, announce chat.EventType, change func(*chat.Participant) error,
) (chat.Participant, bool, error) {
	type outcome struct {
		chat.Participant
		changed bool
	}
	o, err := submit(ctx, c.engine, func(b *batch) (outcome, error) {
		in, p, err := c.rooms.find(b, r, id)
		if err != nil {
			return outcome{}, err
		}
		wanted := p.Participant
		if err := change(&wanted); err != nil {
			return outcome{}, err
		}
		next := p.Participant
		next.Role, next.BannedUntil = wanted.Role, cut(wanted.BannedUntil)
		if next.Role == p.Role && next.BannedUntil.Equal(p.BannedUntil) {
			return outcome{p.Participant, false}, nil
		}
		if next, err = c.rooms.change(b, in, p, next); err != nil {
			return outcome{}, err
		}
		return outcome{next, true}, c.announceParticipant(b, announce, now(), r, next)
	})
	return o.Participant, o.changed, err
}

// find returns a participant and their conversation. The error is [chat.NotFound] if either is missing.
func (r *rooms) find(b *batch, id chat.Room, user chat.UserID) (*room, *person, error) {
	in, err := r.room(b, id)
	if errors.Is(err, errNoConversation) {
		return nil, nil, errNoParticipant
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := r.person(b, in, user)
	if err == nil && p == nil {
		err = errNoParticipant
	}
	return in, p, err
}
