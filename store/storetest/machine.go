package storetest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"planga/chat"
)

var anything = []promise{
	{"whatever people do in whatever order, the store agrees with a model of it", func(w *world) {
		var runs int
		rapid.Check(w, func(t *rapid.T) {
			runs++
			m := &model{w: w, rooms: map[chat.Room]*modelRoom{}}
			for i := range 2 { // fresh rooms for each run, in two apps
				r := chat.Room{App: chat.AppID(i + 1), Conversation: chat.ConversationID(fmt.Sprint("run ", runs))}
				m.ids = append(m.ids, r)
				m.rooms[r] = &modelRoom{}
			}
			t.Repeat(map[string]func(*rapid.T){
				"enter": m.enter, "post": m.post, "edit": m.edit, "ban": m.ban, "mark": m.mark, "": m.check,
			})
		})
	}},
}

// model is what a store should be, as plainly as it can be said.
type model struct {
	w     *world
	ids   []chat.Room
	rooms map[chat.Room]*modelRoom
}

type modelRoom struct {
	rev      int64
	people   []*chat.Participant
	messages []*chat.Message
	drafts   []chat.Draft // as first posted
}

func (r *modelRoom) person(id chat.UserID) *chat.Participant {
	for _, p := range r.people {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (m *model) pick(t *rapid.T) (chat.Room, *modelRoom, chat.UserID) {
	id := rapid.SampledFrom(m.ids).Draw(t, "room")
	return id, m.rooms[id], rapid.SampledFrom([]chat.UserID{"ann", "bob", "zoe"}).Draw(t, "user")
}

func (m *model) enter(t *rapid.T) {
	id, room, who := m.pick(t)
	e := m.w.entry(id, who)
	e.Admit = rapid.Bool().Draw(t, "admit")
	e.User.Name = rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "name")
	if rapid.Bool().Draw(t, "with role") {
		e.Role = ptr(rapid.SampledFrom([]chat.Role{chat.Member, chat.Moderator, chat.Reader}).Draw(t, "role"))
	}
	in, err := m.w.store.Enter(m.w.ctx, e)
	p := room.person(who)
	if p == nil && !e.Admit {
		must(t, chat.CodeOf(err) == chat.NotFound, "enter: got %v, want not_found", err)
		return
	}
	must(t, err == nil, "enter: %v", err)
	next := chat.Participant{ReadSeq: int64(len(room.messages)), JoinedAt: e.At}
	if p != nil {
		next = *p
	}
	next.User = e.User
	if e.Role != nil {
		next.Role = *e.Role
	}
	if p == nil || next != *p {
		room.rev++
		next.Rev = room.rev
	}
	if p == nil {
		p = new(chat.Participant)
		room.people = append(room.people, p)
	}
	*p = next
	must(t, in.Participant == next, "enter: got %+v, want %+v", in.Participant, next)
}

func (m *model) post(t *rapid.T) {
	id, room, who := m.pick(t)
	d := m.w.draft(id, who, rapid.SampledFrom([]chat.ClientID{"1", "2", "3", "4", "5"}).Draw(t, "client"),
		rapid.SampledFrom([]string{"", "hello", "x"}).Draw(t, "body"))
	got, dup, err := m.w.store.Post(m.w.ctx, d)
	p := room.person(who)
	switch {
	case len(room.people) == 0:
		must(t, chat.CodeOf(err) == chat.NotFound, "post: got %v, want not_found", err)
		return
	case p == nil:
		must(t, chat.CodeOf(err) == chat.Forbidden, "post: got %v, want forbidden", err)
		return
	}
	for i, earlier := range room.drafts {
		if earlier.Author != who || earlier.ClientID != d.ClientID {
			continue
		}
		if earlier.Body != d.Body {
			must(t, chat.CodeOf(err) == chat.ClientIDConflict, "post: got %v, want client_id_conflict", err)
			return
		}
		must(t, err == nil && dup && got.ID == earlier.ID && got.Seq == int64(i+1), "post: got %+v, %v, %v, want a repeat", got, dup, err)
		return
	}
	if refusal := d.Allowed(chat.Conversation{}, *p); refusal != nil {
		must(t, chat.CodeOf(err) == chat.CodeOf(refusal), "post: got %v, want %v", err, refusal)
		return
	}
	room.rev++
	stored := d.Message(*p, int64(len(room.messages)+1), room.rev)
	room.messages, room.drafts = append(room.messages, &stored), append(room.drafts, d)
	p.ReadSeq = stored.Seq
	must(t, err == nil && !dup, "post: got %v, %v", dup, err)
}

func (m *model) edit(t *rapid.T) {
	id, room, _ := m.pick(t)
	if len(room.messages) == 0 {
		t.Skip("there is nothing to edit")
	}
	was := rapid.SampledFrom(room.messages).Draw(t, "message")
	body := rapid.SampledFrom([]string{"", "hello", "edited"}).Draw(t, "body")
	_, changed, err := m.w.store.Amend(m.w.ctx, id, was.ID, "", func(m *chat.Message) error { m.Body = body; return nil })
	must(t, err == nil && changed == (was.Body != body), "edit: got %v, %v", changed, err)
	if changed {
		room.rev++
		was.Body, was.Rev = body, room.rev
	}
}

func (m *model) ban(t *rapid.T) {
	id, room, who := m.pick(t)
	until := rapid.SampledFrom([]time.Time{{}, m.w.tick().Add(time.Hour)}).Draw(t, "until")
	_, changed, err := m.w.store.AmendParticipant(m.w.ctx, id, who, "", func(p *chat.Participant) error {
		p.BannedUntil = until
		return nil
	})
	p := room.person(who)
	if p == nil {
		must(t, chat.CodeOf(err) == chat.NotFound, "ban: got %v, want not_found", err)
		return
	}
	must(t, err == nil && changed == !p.BannedUntil.Equal(until), "ban: got %v, %v", changed, err)
	if changed {
		room.rev++
		p.BannedUntil, p.Rev = until, room.rev
	}
}

func (m *model) mark(t *rapid.T) {
	id, room, who := m.pick(t)
	seq := rapid.Int64Range(-1, 8).Draw(t, "seq")
	at, moved, err := m.w.store.MarkRead(m.w.ctx, id, who, seq)
	p := room.person(who)
	if p == nil {
		must(t, chat.CodeOf(err) == chat.NotFound, "mark: got %v, want not_found", err)
		return
	}
	to := max(p.ReadSeq, min(seq, int64(len(room.messages))))
	must(t, err == nil && at == to && moved == (to > p.ReadSeq), "mark: got %d, %v, %v, want %d", at, moved, err, to)
	p.ReadSeq = to
}

// check compares all of both rooms.
func (m *model) check(t *rapid.T) {
	for id, room := range m.rooms {
		if len(room.people) == 0 {
			continue
		}
		page, err := m.w.store.Read(m.w.ctx, id, chat.Query{Limit: chat.MaxPage})
		must(t, err == nil, "read: %v", err)
		c := page.Conversation
		must(t, c.Rev == room.rev && c.HeadSeq == int64(len(room.messages)), "head: got %+v, want rev %d", c, room.rev)
		must(t, len(page.Messages) == len(room.messages), "got %d messages, want %d", len(page.Messages), len(room.messages))
		for i, want := range room.messages {
			got := page.Messages[i]
			must(t, got.Seq == want.Seq && got.Rev == want.Rev && got.ID == want.ID && got.Body == want.Body && got.Author == want.Author,
				"message: got %+v, want %+v", got, want)
		}
		people, err := m.w.store.Participants(m.w.ctx, id, chat.MaxPage)
		must(t, err == nil && len(people) == len(room.people), "participants: got %v, %v, want %d", people, err, len(room.people))
		for i, want := range room.people {
			must(t, people[i] == *want, "participant: got %+v, want %+v", people[i], *want)
		}
	}
}

func must(t *rapid.T, ok bool, format string, args ...any) {
	t.Helper()
	if !ok {
		t.Fatalf(format, args...)
	}
}
