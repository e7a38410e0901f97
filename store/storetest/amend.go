package storetest

import (
	"errors"
	"time"

	"planga/chat"
)

var amending = []promise{
	{"an amendment is stored under the next rev", func(w *world) {
		w.join(lobby, "ann")
		said := w.say(lobby, "ann", 3)
		at := w.tick()
		m := w.amend(lobby, said[0].ID, func(m *chat.Message) {
			m.Kind, m.Body, m.EditedAt, m.HiddenAt, m.DeletedAt = chat.System, "edited", at, at, at
			m.Mentions, m.Attachments = []chat.UserID{"bob"}, []chat.Attachment{{ID: "f"}}
			m.Reactions = map[string][]chat.UserID{"👍": {"bob", "ann"}}
			m.ReplyTo = said[1].ID
		})
		want := said[0]
		want.Rev, want.Kind, want.Body, want.EditedAt, want.HiddenAt, want.DeletedAt = 5, chat.System, "edited", at, at, at
		want.Mentions, want.Attachments = []chat.UserID{"bob"}, []chat.Attachment{{ID: "f"}}
		want.Reactions, want.ReplyTo = map[string][]chat.UserID{"👍": {"bob", "ann"}}, said[1].ID
		w.same("the answer", m, want)
		w.isStored(m)
		w.same("head", w.conversation(lobby).Rev, int64(5))
		w.same("the others", w.read(lobby, chat.Query{}).Messages[1:], said[1:])
	}},
	{"what was added can be taken away again", func(w *world) {
		w.join(lobby, "ann")
		m := w.say(lobby, "ann", 1)[0]
		w.amend(lobby, m.ID, func(m *chat.Message) {
			m.HiddenAt, m.Reactions = w.tick(), map[string][]chat.UserID{"👍": {"bob"}}
		})
		got := w.amend(lobby, m.ID, func(m *chat.Message) { m.HiddenAt, m.Reactions = time.Time{}, nil })
		m.Rev = 4
		w.same("the answer", got, m)
		w.isStored(m)
	}},
	{"identity outlives every amendment", func(w *world) {
		w.join(lobby, "ann")
		m := w.say(lobby, "ann", 1)[0]
		got := w.amend(lobby, m.ID, func(m *chat.Message) {
			*m = chat.Message{ID: chat.NewMessageID(), Seq: 9, Rev: 99, ClientID: "x", Author: chat.Author{User: user("bob")}, Kind: m.Kind, Body: "new"}
		})
		m.Rev, m.Body = 3, "new"
		w.same("the answer", got, m)
		w.isStored(m)
	}},
	{"an amendment that changes nothing takes no rev", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		d.Mentions = []chat.UserID{"bob"}
		m := w.post(d)
		w.untouched(lobby, func() {
			got, changed, err := w.store.Amend(w.ctx, lobby, m.ID, chat.OnMessageEdited, func(m *chat.Message) error {
				m.Seq, m.Rev, m.Reactions, m.Attachments = 7, 7, map[string][]chat.UserID{}, []chat.Attachment{}
				return nil
			})
			if err != nil || changed {
				w.Errorf("got changed %v, %v, want nothing", changed, err)
			}
			w.same("the answer", got, m)
		})
	}},
	{"the error of a change is returned as it is, with nothing stored", func(w *world) {
		w.join(lobby, "ann")
		m := w.say(lobby, "ann", 1)[0]
		mine := chat.Errorf(chat.TooLong, "mine")
		w.untouched(lobby, func() {
			_, changed, err := w.store.Amend(w.ctx, lobby, m.ID, "", func(m *chat.Message) error {
				m.Body = "half"
				return mine
			})
			if !errors.Is(err, mine) || changed {
				w.Errorf("got changed %v, %v, want the change's own error", changed, err)
			}
		})
	}},
	{"a change gets a copy", func(w *world) {
		w.join(lobby, "ann")
		m := w.say(lobby, "ann", 1)[0]
		m = w.amend(lobby, m.ID, func(m *chat.Message) { m.Reactions = map[string][]chat.UserID{"👍": {"bob"}} })
		_, _, err := w.store.Amend(w.ctx, lobby, m.ID, "", func(m *chat.Message) error {
			m.Reactions["👍"][0] = "zoe"
			m.Reactions["x"] = nil
			return errors.New("changed my mind")
		})
		if err == nil {
			w.Error("the error was lost")
		}
		w.isStored(m)
	}},
	{"only a message of this room can be amended", func(w *world) {
		w.join(lobby, "ann")
		m := w.say(lobby, "ann", 1)[0]
		elsewhere := chat.Room{App: 1, Conversation: "elsewhere"}
		w.join(elsewhere, "ann")
		for _, c := range []struct {
			room chat.Room
			id   chat.MessageID
		}{{elsewhere, m.ID}, {chat.Room{App: 1, Conversation: "none"}, m.ID}, {lobby, chat.NewMessageID()}, {lobby, ""}, {lobby, "x"}} {
			_, _, err := w.store.Amend(w.ctx, c.room, c.id, "", func(m *chat.Message) error {
				m.Body = "stolen"
				return nil
			})
			w.refused("amend "+c.room.String(), err, chat.NotFound)
			_, err = w.store.Message(w.ctx, c.room, c.id)
			w.refused("message "+c.room.String(), err, chat.NotFound)
		}
		w.isStored(m)
	}},
}

var amendingParticipants = []promise{
	{"a role or a ban is stored under the next rev", func(w *world) {
		w.join(lobby, "ann", "bob")
		was := w.participant(lobby, "ann")
		until := w.tick()
		p, changed, err := w.store.AmendParticipant(w.ctx, lobby, "ann", "", func(p *chat.Participant) error {
			p.Role, p.BannedUntil = chat.Reader, until
			return nil
		})
		if err != nil || !changed {
			w.Fatalf("got changed %v, %v", changed, err)
		}
		was.Rev, was.Role, was.BannedUntil = 3, chat.Reader, until
		w.same("the answer", p, was)
		w.same("stored", w.participant(lobby, "ann"), was)
		w.same("head", w.conversation(lobby).Rev, int64(3))
	}},
	{"nothing but role and ban can be changed that way", func(w *world) {
		w.join(lobby, "ann")
		was := w.participant(lobby, "ann")
		w.untouched(lobby, func() {
			p, changed, err := w.store.AmendParticipant(w.ctx, lobby, "ann", "", func(p *chat.Participant) error {
				*p = chat.Participant{User: user("bob"), Rev: 7, ReadSeq: 7, JoinedAt: w.tick()}
				return nil
			})
			if err != nil || changed {
				w.Errorf("got changed %v, %v, want nothing", changed, err)
			}
			w.same("the answer", p, was)
		})
		w.same("stored", w.participant(lobby, "ann"), was)
	}},
	{"the error of a participant's change is returned as it is", func(w *world) {
		w.join(lobby, "ann")
		mine := chat.Errorf(chat.Forbidden, "mine")
		w.untouched(lobby, func() {
			_, _, err := w.store.AmendParticipant(w.ctx, lobby, "ann", "", func(p *chat.Participant) error {
				p.Role = chat.Moderator
				return mine
			})
			if !errors.Is(err, mine) {
				w.Errorf("got %v, want the change's own error", err)
			}
		})
		w.same("role", w.participant(lobby, "ann").Role, chat.Member)
	}},
	{"only a participant of this room can be amended", func(w *world) {
		w.join(lobby, "ann")
		for _, c := range []struct {
			room chat.Room
			id   chat.UserID
		}{{lobby, "bob"}, {chat.Room{App: 1, Conversation: "none"}, "ann"}, {chat.Room{App: 2, Conversation: "lobby"}, "ann"}} {
			_, _, err := w.store.AmendParticipant(w.ctx, c.room, c.id, "", func(*chat.Participant) error { return nil })
			w.refused("amend "+c.room.String(), err, chat.NotFound)
			_, err = w.store.Participant(w.ctx, c.room, c.id)
			w.refused("participant "+c.room.String(), err, chat.NotFound)
		}
	}},
}

var marking = []promise{
	{"a read mark moves forward, never back and never beyond the head", func(w *world) {
		w.join(lobby, "ann", "bob")
		w.say(lobby, "ann", 5)
		w.untouched(lobby, func() { // it takes no rev
			for _, c := range []struct {
				to, at int64
				moved  bool
			}{{-3, 0, false}, {0, 0, false}, {2, 2, true}, {2, 2, false}, {1, 2, false}, {-1 << 63, 2, false}, {4, 4, true}, {1<<63 - 1, 5, true}, {9, 5, false}} {
				at, moved, err := w.store.MarkRead(w.ctx, lobby, "bob", c.to)
				if err != nil || at != c.at || moved != c.moved {
					w.Errorf("mark %d: got %d, %v, %v, want %d, %v", c.to, at, moved, err, c.at, c.moved)
				}
				w.same("stored", w.participant(lobby, "bob").ReadSeq, c.at)
			}
		})
	}},
	{"only a participant has a read mark", func(w *world) {
		_, _, err := w.store.MarkRead(w.ctx, lobby, "ann", 1)
		w.refused("no conversation", err, chat.NotFound)
		w.join(lobby, "ann")
		_, _, err = w.store.MarkRead(w.ctx, lobby, "bob", 1)
		w.refused("no participant", err, chat.NotFound)
	}},
}
