package sqlite

import (
	"time"

	"planga/chat"
)

// rooms is what the committer remembers of conversations and participants, so that a post need not read them. Only the
// committer touches it. What one transaction changes in heads and read marks is written once, at its end.
type rooms struct {
	version int64 // PRAGMA data_version: another value means that another process has written
	known   map[chat.Room]*room
	people  int     // in all known rooms
	changed []*room // since the last flush
	stamp   int64   // the newest changed_at given out
	most    int     // how many rooms and participants are remembered
}

// room is the head of a conversation with those of its participants who did something lately.
type room struct {
	chat.Conversation
	key       int64
	changedAt int64
	moved     bool // the head has changed since the last flush
	listed    bool // in rooms.changed
	people    map[chat.UserID]*person
}

type person struct {
	chat.Participant
	key  int64
	read bool // the read mark has moved since the last flush
}

// newRooms returns a memory for about most rooms and participants.
func newRooms(most int) *rooms { return &rooms{known: map[chat.Room]*room{}, most: most} }

func (r *rooms) begin(b *batch) error {
	var version int64
	if err := b.queryRow("PRAGMA data_version").Scan(&version); err != nil {
		return err
	}
	if version != r.version || r.people+len(r.known) > r.most {
		r.forget()
		r.version = version
	}
	return nil
}

func (r *rooms) forget() {
	clear(r.known)
	clear(r.changed)
	r.changed = r.changed[:0]
	r.people = 0
}

const (
	updateHead = `UPDATE conversations SET rev = ?, head_seq = ?, changed_at = ? WHERE key = ?`
	updateRead = `UPDATE participants SET read_seq = ? WHERE key = ?`
)

func (r *rooms) flush(b *batch) error {
	for _, in := range r.changed {
		if in.moved {
			if _, err := b.exec(updateHead, in.Rev, in.HeadSeq, in.changedAt, in.key); err != nil {
				return err
			}
		}
		for _, p := range in.people {
			if !p.read {
				continue
			}
			if _, err := b.exec(updateRead, p.ReadSeq, p.key); err != nil {
				return err
			}
			p.read = false
		}
		in.moved, in.listed = false, false
	}
	clear(r.changed)
	r.changed = r.changed[:0]
	return nil
}

// room returns the conversation. The error is [chat.NotFound] if there is none.
func (r *rooms) room(b *batch, id chat.Room) (*room, error) {
	if in := r.known[id]; in != nil {
		return in, nil
	}
	in, err := loadRoom(b, id)
	if err != nil {
		return nil, err
	}
	r.known[id] = in
	return in, nil
}

// person returns the participant, nil if there is none.
func (r *rooms) person(b *batch, in *room, id chat.UserID) (*person, error) {
	if p := in.people[id]; p != nil {
		return p, nil
	}
	p, err := loadPerson(b, in.key, id)
	if err != nil || p == nil {
		return nil, err
	}
	r.remember(in, p)
	return p, nil
}

func (r *rooms) remember(in *room, p *person) {
	in.people[p.ID] = p
	r.people++
}

// advance records that the conversation has changed: rev is its new rev.
func (r *rooms) advance(in *room, rev int64) {
	r.stamp = max(r.stamp+1, time.Now().UnixMicro())
	in.Rev, in.changedAt, in.moved = rev, r.stamp, true
	r.list(in)
}

// readTo moves the read mark of p, which takes no rev.
func (r *rooms) readTo(in *room, p *person, seq int64) {
	p.ReadSeq, p.read = seq, true
	r.list(in)
}

func (r *rooms) list(in *room) {
	if !in.listed {
		in.listed = true
		r.changed = append(r.changed, in)
	}
}
