package storetest

import (
	"fmt"
	"slices"
	"strings"

	"planga/chat"
)

var listing = []promise{
	{"participants come in the order of joining, the latest where not all are asked for", func(w *world) {
		w.join(lobby, "zoe", "ann", "bob", "cat")
		w.ban(lobby, "zoe", w.tick()) // a change is not a joining
		for limit, want := range map[int]string{200: "zoe ann bob cat", 4: "zoe ann bob cat", 2: "bob cat", 1: "cat"} {
			people, err := w.store.Participants(w.ctx, lobby, limit)
			if err != nil {
				w.Fatal(err)
			}
			w.same(fmt.Sprint("people up to ", limit), names(people), want)
			page, err := w.store.Read(w.ctx, lobby, chat.Query{Limit: 1, People: limit})
			if err != nil {
				w.Fatal(err)
			}
			w.same(fmt.Sprint("a page with up to ", limit, " people"), page.Participants, people)
			for _, p := range people {
				w.same(string(p.ID), p, w.participant(lobby, p.ID))
			}
		}
	}},
	{"there are no participants of no conversation", func(w *world) {
		_, err := w.store.Participants(w.ctx, lobby, 10)
		w.refused("participants", err, chat.NotFound)
	}},
	{"heads are told of those rooms that exist", func(w *world) {
		elsewhere := chat.Room{App: 1, Conversation: "elsewhere"}
		w.join(lobby, "ann")
		w.join(elsewhere, "ann")
		w.say(lobby, "ann", 2)
		heads, err := w.store.Heads(w.ctx, []chat.Room{elsewhere, {App: 2, Conversation: "lobby"}, lobby, {App: 1, Conversation: "none"}})
		if err != nil {
			w.Fatal(err)
		}
		slices.SortFunc(heads, func(a, b chat.Conversation) int {
			return strings.Compare(string(a.Room.Conversation), string(b.Room.Conversation))
		})
		w.same("heads", heads, []chat.Conversation{w.conversation(elsewhere), w.conversation(lobby)})
		heads, err = w.store.Heads(w.ctx, nil)
		if err != nil || len(heads) != 0 {
			w.Errorf("no rooms: got %v, %v", heads, err)
		}
	}},
	{"all conversations have the same epoch", func(w *world) {
		elsewhere := chat.Room{App: 2, Conversation: "elsewhere"}
		w.join(lobby, "ann")
		w.join(elsewhere, "ann")
		w.same("epoch", w.conversation(lobby).Epoch, w.conversation(elsewhere).Epoch)
	}},
}

var inboxes = []promise{
	{"an inbox has the user's conversations, the most recently changed first", func(w *world) {
		var rooms []chat.Room
		for i := range 5 {
			rooms = append(rooms, chat.Room{App: 1, Conversation: chat.ConversationID(fmt.Sprint("room ", i))})
			w.join(rooms[i], "ann", "bob")
		}
		w.join(chat.Room{App: 1, Conversation: "without bob"}, "ann")
		w.post(w.draft(rooms[3], "ann", "1", "hello"))
		m := w.post(w.draft(rooms[0], "ann", "1", "hello"))
		w.post(w.draft(rooms[4], "ann", "1", "hello"))
		w.amend(rooms[0], m.ID, func(m *chat.Message) { m.Body = "edited" })
		w.ban(rooms[1], "ann", w.tick())
		w.same("order", w.inbox(1, "bob", 10), "room 1, room 0, room 4, room 3, room 2")
		w.same("the first two", w.inbox(1, "bob", 2), "room 1, room 0")
		w.same("nobody's", w.inbox(1, "zoe", 10), "")
	}},
	{"an inbox counts what waits and shows the last message", func(w *world) {
		w.join(lobby, "ann", "bob")
		said := w.say(lobby, "ann", 5)
		if _, _, err := w.store.MarkRead(w.ctx, lobby, "bob", 2); err != nil {
			w.Fatal(err)
		}
		last := w.amend(lobby, said[4].ID, func(m *chat.Message) { m.Body = "edited" })
		lines, err := w.store.Inbox(w.ctx, 1, "bob", 10)
		if err != nil || len(lines) != 1 {
			w.Fatalf("got %v, %v, want one line", lines, err)
		}
		w.same("line", lines[0], chat.Unread{Conversation: w.conversation(lobby), Participant: w.participant(lobby, "bob"), Last: &last})
		w.same("count", lines[0].Count(), int64(3))
		lines, err = w.store.Inbox(w.ctx, 1, "ann", 10)
		if err != nil || len(lines) != 1 {
			w.Fatalf("got %v, %v, want one line", lines, err)
		}
		w.same("the author's count", lines[0].Count(), int64(0))
	}},
	{"a conversation without messages is in the inbox as well", func(w *world) {
		w.join(lobby, "ann")
		lines, err := w.store.Inbox(w.ctx, 1, "ann", 10)
		if err != nil || len(lines) != 1 {
			w.Fatalf("got %v, %v, want one line", lines, err)
		}
		w.same("line", lines[0], chat.Unread{Conversation: w.conversation(lobby), Participant: w.participant(lobby, "ann")})
	}},
}

// inbox returns the names of the conversations in a user's inbox.
func (w *world) inbox(app chat.AppID, id chat.UserID, limit int) string {
	w.Helper()
	lines, err := w.store.Inbox(w.ctx, app, id, limit)
	if err != nil {
		w.Fatalf("inbox: %v", err)
	}
	var ids []string
	for _, l := range lines {
		ids = append(ids, string(l.Conversation.Room.Conversation))
	}
	return strings.Join(ids, ", ")
}

var tenants = []promise{
	{"two apps with the same ids never see each other", func(w *world) {
		there := chat.Room{App: 2, Conversation: lobby.Conversation}
		w.join(lobby, "ann")
		m := w.post(w.draft(lobby, "ann", "1", "secret of app 1"))
		_, err := w.store.Read(w.ctx, there, chat.Query{Limit: 1})
		w.refused("read", err, chat.NotFound)
		_, err = w.store.Participants(w.ctx, there, 1)
		w.refused("participants", err, chat.NotFound)
		w.refuse(w.draft(there, "ann", "1", "hello"), chat.NotFound)
		w.same("inbox", w.inbox(2, "ann", 10), "")
		w.join(there, "zoe", "ann")
		w.same("page", seqs(w.read(there, chat.Query{})), "")
		w.same("page after rev 0", seqs(w.read(there, chat.Query{AfterRev: ptr[int64](0)})), "")
		_, err = w.store.Message(w.ctx, there, m.ID)
		w.refused("message", err, chat.NotFound)
		_, _, err = w.store.Amend(w.ctx, there, m.ID, "", func(m *chat.Message) error { m.Body = ""; return nil })
		w.refused("amend", err, chat.NotFound)
		w.same("inbox", w.inbox(2, "ann", 10), "lobby")
		w.same("page of app 1", w.read(lobby, chat.Query{}).Messages, []chat.Message{m})
		w.same("people of app 1", names(w.read(lobby, chat.Query{AfterRev: ptr[int64](0)}).Participants), "ann")
	}},
	{"a ban, a role, a name and a read mark hold in one app", func(w *world) {
		there := chat.Room{App: 2, Conversation: lobby.Conversation}
		w.join(lobby, "ann", "bob")
		w.join(there, "ann", "bob")
		w.say(lobby, "bob", 2)
		w.say(there, "bob", 2)
		was := w.participant(there, "ann")
		w.ban(lobby, "ann", w.tick())
		e := w.entry(lobby, "ann")
		e.User.Name, e.Role = "Ann", ptr(chat.Moderator)
		w.enter(e)
		if _, _, err := w.store.MarkRead(w.ctx, lobby, "ann", 2); err != nil {
			w.Fatal(err)
		}
		w.same("ann in app 2", w.participant(there, "ann"), was)
	}},
	{"ids are compared byte by byte", func(w *world) {
		ids := []string{"a", "A", "a ", " a", "ä", "a\u0308", "1", "01", "1.0", "%", "_"}
		for _, id := range ids {
			w.join(chat.Room{App: 1, Conversation: chat.ConversationID(id)}, "ann")
			w.join(lobby, chat.UserID(id))
			w.post(w.draft(lobby, chat.UserID(id), chat.ClientID(id), id))
		}
		for i, id := range ids {
			c := w.conversation(chat.Room{App: 1, Conversation: chat.ConversationID(id)})
			w.same("conversation "+id, []any{c.Room.Conversation, c.Rev}, []any{chat.ConversationID(id), int64(1)})
			w.same("participant "+id, w.participant(lobby, chat.UserID(id)).ReadSeq, int64(i+1))
		}
	}},
}
