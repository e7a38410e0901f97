package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"planga/chat"
)

// world is one test with a store of its own, and the deeds in short words. What cannot be done ends the test.
type world struct {
	testing.TB
	ctx   context.Context
	home  Home
	store Store
	ticks atomic.Int64
}

func newWorld(t testing.TB, home Home) *world {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a store that hangs must fail and not hang the run
	w := &world{TB: t, ctx: ctx, home: home}
	w.open()
	t.Cleanup(func() {
		cancel()
		if err := w.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

func (w *world) open() {
	w.Helper()
	store, err := w.home()
	if err != nil {
		w.Fatalf("open: %v", err)
	}
	w.store = store
}

// reopen closes the store and opens it again.
func (w *world) reopen() {
	w.Helper()
	if err := w.store.Close(); err != nil {
		w.Fatalf("close: %v", err)
	}
	w.open()
}

// tick returns a new moment, a millisecond after the one before.
func (w *world) tick() time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(w.ticks.Add(1)) * time.Millisecond)
}

// lobby is the room of most stories.
var lobby = chat.Room{App: 1, Conversation: "lobby"}

func user(id chat.UserID) chat.User { return chat.User{ID: id, Name: "Name of " + string(id)} }

// entry is how somebody with a credential for the room comes in.
func (w *world) entry(r chat.Room, id chat.UserID) chat.Entry {
	return chat.Entry{Room: r, User: user(id), Admit: true, At: w.tick()}
}

func (w *world) enter(e chat.Entry) chat.Entered {
	w.Helper()
	in, err := w.store.Enter(w.ctx, e)
	if err != nil {
		w.Fatalf("enter: %v", err)
	}
	return in
}

// join lets people into a room, one after the other.
func (w *world) join(r chat.Room, ids ...chat.UserID) {
	w.Helper()
	for _, id := range ids {
		w.enter(w.entry(r, id))
	}
}

func (w *world) draft(r chat.Room, by chat.UserID, client chat.ClientID, body string) chat.Draft {
	return chat.Draft{Room: r, ID: chat.NewMessageID(), ClientID: client, Author: by, Kind: chat.Text, Body: body, SentAt: w.tick()}
}

// post posts a draft that must be new.
func (w *world) post(d chat.Draft) chat.Message {
	w.Helper()
	m, dup, err := w.store.Post(w.ctx, d)
	if err != nil {
		w.Fatalf("post: %v", err)
	}
	if dup {
		w.Fatalf("post: a new message was taken for a repeat")
	}
	return m
}

// say posts n messages, with bodies and client ids "1", "2" and so on.
func (w *world) say(r chat.Room, by chat.UserID, n int) []chat.Message {
	w.Helper()
	var said []chat.Message
	for i := range n {
		name := fmt.Sprint(i + 1)
		said = append(said, w.post(w.draft(r, by, chat.ClientID(name), name)))
	}
	return said
}

func (w *world) amend(r chat.Room, id chat.MessageID, change func(*chat.Message)) chat.Message {
	w.Helper()
	m, changed, err := w.store.Amend(w.ctx, r, id, "", func(m *chat.Message) error { change(m); return nil })
	if err != nil {
		w.Fatalf("amend: %v", err)
	}
	if !changed {
		w.Fatalf("amend: nothing was changed")
	}
	return m
}

func (w *world) read(r chat.Room, q chat.Query) chat.Page {
	w.Helper()
	if q.Limit == 0 {
		q.Limit = chat.MaxPage
	}
	page, err := w.store.Read(w.ctx, r, q)
	if err != nil {
		w.Fatalf("read: %v", err)
	}
	return page
}

func (w *world) conversation(r chat.Room) chat.Conversation {
	w.Helper()
	return w.read(r, chat.Query{Limit: 1}).Conversation
}

func (w *world) participant(r chat.Room, id chat.UserID) chat.Participant {
	w.Helper()
	p, err := w.store.Participant(w.ctx, r, id)
	if err != nil {
		w.Fatalf("participant %s: %v", id, err)
	}
	return p
}

func (w *world) ban(r chat.Room, id chat.UserID, until time.Time) chat.Participant {
	w.Helper()
	p, _, err := w.store.AmendParticipant(w.ctx, r, id, "", func(p *chat.Participant) error {
		p.BannedUntil = until
		return nil
	})
	if err != nil {
		w.Fatalf("ban %s: %v", id, err)
	}
	return p
}

// same fails the test if got is not want; nil and empty are the same.
func (w *world) same(what string, got, want any) {
	w.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		w.Errorf("%s: want (-), got (+):\n%s", what, diff)
	}
}

// refused fails the test unless err is a refusal with the code.
func (w *world) refused(what string, err error, code chat.Code) {
	w.Helper()
	if got := chat.CodeOf(err); got != code {
		w.Errorf("%s: got %q (%v), want %q", what, got, err, code)
	}
}

// untouched runs deed and fails the test if it changed the conversation.
func (w *world) untouched(r chat.Room, deed func()) {
	w.Helper()
	before := w.read(r, chat.Query{})
	deed()
	w.same("the conversation afterwards", w.read(r, chat.Query{}), before)
}

func ptr[T any](v T) *T { return &v }
