package storetest

import (
	"strings"
	"time"

	"planga/chat"
)

var posting = []promise{
	{"posts get the seqs 1, 2, 3 and the next revs", func(w *world) {
		w.join(lobby, "ann", "bob") // revs 1 and 2
		for i, by := range []chat.UserID{"ann", "bob", "ann"} {
			m := w.post(w.draft(lobby, by, chat.ClientID(strings.Repeat("c", i+1)), "hello"))
			w.same("seq", m.Seq, int64(i+1))
			w.same("rev", m.Rev, int64(i+3))
		}
		c := w.conversation(lobby)
		w.same("head", []int64{c.Rev, c.HeadSeq, c.OldestSeq}, []int64{5, 3, 1})
	}},
	{"all of a message is kept as it was posted", func(w *world) {
		e := w.entry(lobby, "ann")
		e.User.Avatar, e.Role = "https://example.com/a.png", ptr(chat.Moderator)
		w.enter(e)
		first := w.post(w.draft(lobby, "ann", "1", "first"))
		d := w.draft(lobby, "ann", " odd \" id '", "\x00 NUL, \"quotes\", \r\n, 𝄞, 👍🏽, \u200b and "+strings.Repeat("ü", chat.MaxBody))
		d.Kind, d.ReplyTo, d.Mentions = chat.System, first.ID, []chat.UserID{"bob", "zoe"}
		d.Attachments = []chat.Attachment{
			{ID: "f1", Name: "ä.png", Type: "image/png", Size: 1 << 40, Width: 640, Height: 480}, {ID: "f2", Name: "b", Type: "text/plain"},
		}
		m := w.post(d)
		w.same("the answer", m, chat.Message{
			ID: d.ID, Seq: 2, Rev: 3, ClientID: d.ClientID, Author: chat.Author{User: e.User, Role: chat.Moderator}, Kind: chat.System,
			Body: d.Body, ReplyTo: first.ID, Mentions: d.Mentions, Attachments: d.Attachments, SentAt: d.SentAt,
		})
		w.isStored(m)
	}},
	{"an empty body is a body", func(w *world) {
		w.join(lobby, "ann")
		w.isStored(w.post(w.draft(lobby, "ann", "1", "")))
	}},
	{"times are cut to the millisecond, in UTC, in the answer as well", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		exact := d.SentAt
		d.SentAt = exact.Add(999_999).In(time.FixedZone("east", 3600))
		m := w.post(d)
		w.same("sent at", m.SentAt.String(), exact.String())
		w.isStored(m)
	}},
	{"a message shows its author as they were when they wrote it", func(w *world) {
		w.join(lobby, "ann")
		m := w.post(w.draft(lobby, "ann", "1", "hello"))
		e := w.entry(lobby, "ann")
		e.User.Name, e.Role = "Ann the Second", ptr(chat.Moderator)
		w.enter(e)
		w.isStored(m)
	}},
	{"posting moves the author's read mark and nobody else's", func(w *world) {
		w.join(lobby, "ann", "bob")
		w.say(lobby, "ann", 3)
		w.same("ann's mark", w.participant(lobby, "ann").ReadSeq, int64(3))
		w.same("bob's mark", w.participant(lobby, "bob").ReadSeq, int64(0))
		w.same("ann's rev", w.participant(lobby, "ann").Rev, int64(1))
	}},
	{"who does not participate cannot post", func(w *world) {
		w.join(lobby, "ann")
		w.untouched(lobby, func() { w.refuse(w.draft(lobby, "bob", "1", "hello"), chat.Forbidden) })
	}},
	{"nobody can post where there is no conversation, and none comes to be", func(w *world) {
		w.refuse(w.draft(lobby, "ann", "1", "hello"), chat.NotFound)
		_, err := w.store.Read(w.ctx, lobby, chat.Query{Limit: 1})
		w.refused("read", err, chat.NotFound)
	}},
	{"a reply needs its message, in this room", func(w *world) {
		elsewhere := chat.Room{App: 1, Conversation: "elsewhere"}
		w.join(lobby, "ann")
		w.join(elsewhere, "ann")
		other := w.post(w.draft(elsewhere, "ann", "1", "hello"))
		for _, target := range []chat.MessageID{other.ID, chat.NewMessageID(), "no id", chat.MessageID(strings.ToUpper(string(other.ID)))} {
			d := w.draft(lobby, "ann", "1", "hello")
			d.ReplyTo = target
			w.untouched(lobby, func() { w.refuse(d, chat.NotFound) })
		}
	}},
	{"the banned and the readers cannot post, and take no number", func(w *world) {
		w.join(lobby, "ann", "bob")
		w.say(lobby, "ann", 2)
		e := w.entry(lobby, "bob")
		e.Role = ptr(chat.Reader)
		w.enter(e)
		w.ban(lobby, "ann", w.tick().Add(time.Hour))
		w.untouched(lobby, func() {
			w.refuse(w.draft(lobby, "ann", "x", "hello"), chat.Banned)
			w.refuse(w.draft(lobby, "bob", "x", "hello"), chat.Forbidden)
		})
		w.ban(lobby, "ann", time.Time{})
		w.same("the next seq", w.post(w.draft(lobby, "ann", "x", "hello")).Seq, int64(3))
	}},
	{"a ban ends by itself", func(w *world) {
		w.join(lobby, "ann")
		w.ban(lobby, "ann", w.tick())
		w.post(w.draft(lobby, "ann", "1", "hello"))
	}},
}

// isStored fails the test unless m is what everybody reads.
func (w *world) isStored(m chat.Message) {
	w.Helper()
	got, err := w.store.Message(w.ctx, lobby, m.ID)
	if err != nil {
		w.Fatalf("message: %v", err)
	}
	w.same("the message alone", got, m)
	page := w.read(lobby, chat.Query{AfterSeq: ptr(m.Seq - 1), Limit: 1})
	w.same("the message in a page", page.Messages, []chat.Message{m})
}

// refuse posts a draft that must be refused.
func (w *world) refuse(d chat.Draft, code chat.Code) {
	w.Helper()
	_, _, err := w.store.Post(w.ctx, d)
	w.refused("post", err, code)
}
