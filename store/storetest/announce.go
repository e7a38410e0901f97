package storetest

import (
	"errors"

	"planga/chat"
)

var announcing = []promise{
	{"nothing is recorded where nobody listens", func(w *world) {
		w.join(lobby, "ann", "bob")
		m := w.say(lobby, "ann", 1)[0]
		w.amend(lobby, m.ID, func(m *chat.Message) { m.Body = "edited" })
		w.ban(lobby, "bob", w.tick())
		w.same("waiting", w.waiting(), []chat.Outgoing(nil))
	}},
	{"each kind of event is recorded with what it tells", func(w *world) {
		e := w.entry(lobby, "ann")
		e.Others, e.Announce = []chat.User{user("bob")}, chat.Announcements{Created: true, Joined: true}
		in := w.enter(e)
		d := w.draft(lobby, "ann", "1", "hello")
		d.Announce, d.Attachments = chat.OnMessageCreated, []chat.Attachment{{ID: "f", Width: 3}}
		m := w.post(d)
		edited, _, err := w.store.Amend(w.ctx, lobby, m.ID, chat.OnMessageEdited, func(m *chat.Message) error {
			m.Body, m.EditedAt, m.Reactions = "edited", w.tick(), map[string][]chat.UserID{"👍": {"bob"}}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		bob, _, err := w.store.AmendParticipant(w.ctx, lobby, "bob", chat.OnParticipantBanned, func(p *chat.Participant) error {
			p.BannedUntil = w.tick()
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		got := w.waiting()
		want := []chat.Outgoing{
			{Type: chat.OnConversationCreated, At: e.At},
			{Type: chat.OnParticipantJoined, At: e.At, Participant: &in.Changed[0]},
			{Type: chat.OnParticipantJoined, At: e.At, Participant: &in.Changed[1]},
			{Type: chat.OnMessageCreated, At: d.SentAt, Message: &m},
			{Type: chat.OnMessageEdited, Message: &edited},
			{Type: chat.OnParticipantBanned, Participant: &bob},
		}
		ids := map[string]bool{}
		for i := range got {
			ids[got[i].ID] = true
			if i < len(want) {
				want[i].ID, want[i].Room = got[i].ID, lobby
			}
			if i > 3 && i < len(want) { // these bring no time of their own
				want[i].At = got[i].At
			}
		}
		w.same("waiting", got, want)
		w.same("different ids", len(ids), len(want))
	}},
	{"what is refused, repeated or without effect records nothing", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		m := w.post(d)
		d.Announce = chat.OnMessageCreated
		w.repeat(d, m)
		d.Body = "other"
		w.refuse(d, chat.ClientIDConflict)
		d.Author = "bob"
		w.refuse(d, chat.Forbidden)
		e := w.entry(lobby, "ann")
		e.Announce = chat.Announcements{Created: true, Joined: true}
		w.enter(e)
		e.User.Name = "Ann" // a change is not a joining
		w.enter(e)
		for _, err := range []error{nil, errors.New("changed my mind")} {
			w.store.Amend(w.ctx, lobby, m.ID, chat.OnMessageEdited, func(*chat.Message) error { return err })
			w.store.AmendParticipant(w.ctx, lobby, "ann", chat.OnParticipantBanned, func(*chat.Participant) error { return err })
		}
		w.same("waiting", w.waiting(), []chat.Outgoing(nil))
	}},
	{"events wait, oldest first, until they are done", func(w *world) {
		w.join(lobby, "ann")
		for _, body := range []chat.ClientID{"1", "2", "3", "4"} {
			d := w.draft(lobby, "ann", body, string(body))
			d.Announce = chat.OnMessageCreated
			w.post(d)
		}
		all := w.waiting()
		w.same("bodies", bodies(all), "1234")
		w.same("again", w.waiting(), all)
		some, err := w.store.Waiting(w.ctx, 2)
		if err != nil {
			w.Fatal(err)
		}
		w.same("two", some, all[:2])
		w.done(all[0].ID, all[2].ID, "unknown")
		w.same("what is left", bodies(w.waiting()), "24")
		w.done(all[0].ID)
		w.done()
		w.reopen()
		w.same("what is left after opening again", w.waiting(), []chat.Outgoing{all[1], all[3]})
		w.done(all[1].ID, all[3].ID)
		w.same("in the end", bodies(w.waiting()), "")
	}},
	{"ready tells that something waits, also from before", func(w *world) {
		w.join(lobby, "ann")
		select { // a fresh store may say so without need
		case <-w.store.Ready():
		default:
		}
		w.waiting()
		d := w.draft(lobby, "ann", "1", "hello")
		d.Announce = chat.OnMessageCreated
		w.post(d)
		w.becomesReady()
		w.reopen()
		w.becomesReady()
	}},
}

func (w *world) becomesReady() {
	w.Helper()
	select {
	case <-w.store.Ready():
	case <-w.ctx.Done():
		w.Fatal("ready never told")
	}
}

func (w *world) waiting() []chat.Outgoing {
	w.Helper()
	events, err := w.store.Waiting(w.ctx, 100)
	if err != nil {
		w.Fatalf("waiting: %v", err)
	}
	return events
}

func (w *world) done(ids ...string) {
	w.Helper()
	if err := w.store.Done(w.ctx, ids); err != nil {
		w.Fatalf("done: %v", err)
	}
}

func bodies(events []chat.Outgoing) (all string) {
	for _, e := range events {
		all += e.Message.Body
	}
	return all
}
