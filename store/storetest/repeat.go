package storetest

import (
	"time"

	"planga/chat"
)

var repeating = []promise{
	{"a repeat returns the stored message and changes nothing", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		m := w.post(d)
		w.untouched(lobby, func() {
			w.repeat(d, m)
			d.ID, d.SentAt = chat.NewMessageID(), w.tick() // as a client that tries again makes the server do
			w.repeat(d, m)
		})
	}},
	{"a repeat returns the message as it is now, edited", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		w.repeat(d, w.amend(lobby, w.post(d).ID, func(m *chat.Message) { m.Body, m.EditedAt = "edited", w.tick() }))
	}},
	{"a repeat returns the message as it is now, deleted or hidden", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		m := w.post(d)
		w.repeat(d, w.amend(lobby, m.ID, func(m *chat.Message) { m.Body, m.DeletedAt = "", w.tick() }))
		w.repeat(d, w.amend(lobby, m.ID, func(m *chat.Message) { m.HiddenAt = w.tick() }))
	}},
	{"a repeat is answered also when posting is no longer allowed", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		m := w.post(d)
		w.ban(lobby, "ann", w.tick().Add(time.Hour))
		w.repeat(d, m)
		e := w.entry(lobby, "ann")
		e.Role = ptr(chat.Reader)
		w.enter(e)
		w.repeat(d, m)
	}},
	{"a repeat is answered long after", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "first", "hello")
		m := w.post(d)
		w.say(lobby, "ann", 250)
		w.repeat(d, m)
	}},
	{"a client id with other content is a conflict", func(w *world) {
		w.join(lobby, "ann")
		first := w.post(w.draft(lobby, "ann", "0", "first"))
		d := w.draft(lobby, "ann", "1", "hello")
		d.ReplyTo, d.Attachments = first.ID, []chat.Attachment{{ID: "f"}}
		m := w.post(d)
		w.untouched(lobby, func() {
			for _, change := range []func(*chat.Draft){
				func(d *chat.Draft) { d.Body = "hello!" },
				func(d *chat.Draft) { d.ReplyTo = "" },
				func(d *chat.Draft) { d.ReplyTo = m.ID },
				func(d *chat.Draft) { d.Attachments = nil },
				func(d *chat.Draft) { d.Attachments = []chat.Attachment{{ID: "g"}} },
			} {
				other := d
				change(&other)
				w.refuse(other, chat.ClientIDConflict)
			}
		})
	}},
	{"what was first posted decides, not what it was edited to", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		m := w.amend(lobby, w.post(d).ID, func(m *chat.Message) { m.Body = "edited" })
		w.repeat(d, m)
		d.Body = "edited"
		w.refuse(d, chat.ClientIDConflict)
	}},
	{"another sender, room or app has client ids of its own", func(w *world) {
		rooms := []chat.Room{lobby, {App: 1, Conversation: "elsewhere"}, {App: 2, Conversation: "lobby"}}
		for _, r := range rooms {
			w.join(r, "ann", "bob")
			for i, by := range []chat.UserID{"ann", "bob"} {
				m := w.post(w.draft(r, by, "1", "by "+string(by)))
				w.same("seq in "+r.String(), m.Seq, int64(i+1))
			}
		}
	}},
	{"a refused post leaves its client id free", func(w *world) {
		w.join(lobby, "ann")
		w.ban(lobby, "ann", w.tick().Add(time.Hour))
		w.refuse(w.draft(lobby, "ann", "1", "hello"), chat.Banned)
		w.ban(lobby, "ann", time.Time{})
		w.post(w.draft(lobby, "ann", "1", "something else"))
	}},
}

// repeat posts d again and expects m.
func (w *world) repeat(d chat.Draft, m chat.Message) {
	w.Helper()
	got, dup, err := w.store.Post(w.ctx, d)
	if err != nil || !dup {
		w.Fatalf("repeat: got dup %v, %v, want a repeat", dup, err)
	}
	w.same("the repeated message", got, m)
}
