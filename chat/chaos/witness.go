package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"planga/chat"
)

// witness gathers what all clients tell, holds it against the contract at once, and keeps the first violation. Safe for
// concurrent use.
type witness struct {
	began  time.Time
	failed chan struct{} // closed with the first violation
	counts counts

	mu      sync.Mutex // guards what follows
	rooms   map[chat.Room]*record
	ids     map[string]chat.Room // where a message was seen
	verdict *violation
	events  diary // of server and proxy
}

// counts are what a run did.
type counts struct {
	connected, joined, acked, repeats, refused    atomic.Int64
	fetched, heard, deeds, marks, slow, restarted atomic.Int64
}

// violation is the first thing that broke the contract.
type violation struct {
	room  chat.Room
	who   string
	err   error
	diary []string
}

// Error tells the story.
func (v *violation) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in conversation %s: %v", v.who, v.room, v.err)
	if len(v.diary) > 0 {
		fmt.Fprintf(&b, "\n\nWhat happened last:\n  %s", strings.Join(v.diary, "\n  "))
	}
	return b.String()
}

func (v *violation) Unwrap() error { return v.err }

func newWitness() *witness {
	return &witness{
		began: time.Now(), failed: make(chan struct{}), rooms: map[chat.Room]*record{}, ids: map[string]chat.Room{},
	}
}

// on runs do with the record of a room, and complains if it returns an error.
func (w *witness) on(room chat.Room, who string, d *diary, do func(*record) error) {
	w.mu.Lock()
	r := w.rooms[room]
	if r == nil {
		r = newRecord()
		w.rooms[room] = r
	}
	err := do(r)
	w.mu.Unlock()
	if err != nil {
		w.complain(room, who, d, err)
	}
}

// mark returns the user's highest acknowledged read mark.
func (w *witness) mark(room chat.Room, user string) (seq int64) {
	w.on(room, user, nil, func(r *record) error { seq = r.marks[user]; return nil })
	return seq
}

// saw takes in a message that was shown in a room.
func (w *witness) saw(room chat.Room, who string, d *diary, m message, moderator bool) {
	w.on(room, who, d, func(r *record) error {
		if home, ok := w.ids[m.ID]; ok && home != room {
			return fmt.Errorf("foreign: message %s belongs to conversation %s", m.ID, home)
		}
		if err := r.saw(m, moderator); err != nil {
			return err
		}
		w.ids[m.ID] = room
		return nil
	})
}

// complain keeps the first violation, with what the diaries say.
func (w *witness) complain(room chat.Room, who string, d *diary, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.verdict != nil {
		return
	}
	w.verdict = &violation{room: room, who: who, err: err}
	if d != nil {
		w.verdict.diary = append(w.verdict.diary, d.lines()...)
	}
	for _, l := range w.events.lines() {
		w.verdict.diary = append(w.verdict.diary, "server: "+l)
	}
	close(w.failed)
}

// note writes down what befell the server.
func (w *witness) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events.add(w.began, format, args...)
}

// err returns the first violation.
func (w *witness) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.verdict == nil {
		return nil
	}
	return w.verdict
}

// forget drops what is known of the rooms of a round that was found good.
func (w *witness) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.rooms)
	clear(w.ids)
}

// diary remembers the last things that happened to somebody. Not safe for concurrent use.
type diary struct{ kept []string }

const maxDiary = 48

func (d *diary) add(began time.Time, format string, args ...any) {
	if len(d.kept) == maxDiary {
		d.kept = append(d.kept[:0], d.kept[1:]...)
	}
	d.kept = append(d.kept, fmt.Sprintf("%8.3f s  %s", time.Since(began).Seconds(), fmt.Sprintf(format, args...)))
}

func (d *diary) lines() []string { return append([]string(nil), d.kept...) }
