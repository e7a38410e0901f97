package storetest

import (
	"fmt"
	"strings"

	"planga/chat"
)

var reading = []promise{
	{"pages before and after a seq, and the newest", func(w *world) {
		w.join(lobby, "ann")
		w.say(lobby, "ann", 10)
		for _, c := range []struct {
			name string
			q    chat.Query
			want string
		}{
			{"newest", chat.Query{Limit: 3}, "8 9 10 …"},
			{"all", chat.Query{Limit: 10}, "1 2 3 4 5 6 7 8 9 10"},
			{"before 4", chat.Query{BeforeSeq: ptr[int64](4), Limit: 10}, "1 2 3"},
			{"2 before 4", chat.Query{BeforeSeq: ptr[int64](4), Limit: 2}, "2 3 …"},
			{"before the first", chat.Query{BeforeSeq: ptr[int64](1), Limit: 10}, ""},
			{"before nothing", chat.Query{BeforeSeq: ptr[int64](-1 << 63), Limit: 10}, ""},
			{"before everything", chat.Query{BeforeSeq: ptr[int64](1<<63 - 1), Limit: 2}, "9 10 …"},
			{"after 7", chat.Query{AfterSeq: ptr[int64](7), Limit: 10}, "8 9 10"},
			{"2 after 7", chat.Query{AfterSeq: ptr[int64](7), Limit: 2}, "8 9 …"},
			{"3 after 7", chat.Query{AfterSeq: ptr[int64](7), Limit: 3}, "8 9 10"},
			{"after the last", chat.Query{AfterSeq: ptr[int64](10), Limit: 10}, ""},
			{"after everything", chat.Query{AfterSeq: ptr[int64](1<<63 - 1), Limit: 10}, ""},
			{"after nothing", chat.Query{AfterSeq: ptr[int64](-1 << 63), Limit: 1}, "1 …"},
		} {
			w.same(c.name, seqs(w.read(lobby, c.q)), c.want)
		}
	}},
	{"nothing of a neighbour is on a page", func(w *world) {
		for i := range 3 {
			r := chat.Room{App: 1, Conversation: chat.ConversationID(fmt.Sprint("room ", i))}
			w.join(r, "ann")
			w.say(r, "ann", i+1)
		}
		r := chat.Room{App: 1, Conversation: "room 1"}
		for _, q := range []chat.Query{
			{}, {BeforeSeq: ptr[int64](1<<63 - 1)}, {BeforeSeq: ptr[int64](1 << 40)}, {AfterSeq: ptr[int64](-1)}, {AfterSeq: ptr[int64](-1 << 40)},
			{AfterRev: ptr[int64](-1)}, {AfterRev: ptr[int64](-1 << 63)},
		} {
			w.same("page", seqs(w.read(r, q)), "1 2")
		}
		for _, rev := range []int64{3, 4, 1 << 32, 1<<32 + 1, 1<<63 - 1} {
			w.same("after the last rev", seqs(w.read(r, chat.Query{AfterRev: &rev})), "")
		}
	}},
	{"an empty conversation has an empty page", func(w *world) {
		w.join(lobby, "ann")
		page := w.read(lobby, chat.Query{})
		w.same("page", seqs(page), "")
		w.same("head", []int64{page.Conversation.HeadSeq, page.Conversation.OldestSeq}, []int64{0, 1})
	}},
	{"there is no page of no conversation", func(w *world) {
		_, err := w.store.Read(w.ctx, lobby, chat.Query{Limit: 1})
		w.refused("read", err, chat.NotFound)
	}},
	{"a page stops before its bodies are too many bytes, but not before the first", func(w *world) {
		w.join(lobby, "ann")
		for i := range 5 {
			w.post(w.draft(lobby, "ann", chat.ClientID(fmt.Sprint(i)), strings.Repeat("ü", 50))) // 100 bytes
		}
		for _, c := range []struct {
			name string
			q    chat.Query
			want string
		}{
			{"newest in 250", chat.Query{MaxBytes: 250}, "4 5 …"},
			{"newest in 300", chat.Query{MaxBytes: 300}, "3 4 5 …"},
			{"newest in 1", chat.Query{MaxBytes: 1}, "5 …"},
			{"all in 500", chat.Query{MaxBytes: 500}, "1 2 3 4 5"},
			{"before 4 in 100", chat.Query{BeforeSeq: ptr[int64](4), MaxBytes: 100}, "3 …"},
			{"after 1 in 250", chat.Query{AfterSeq: ptr[int64](1), MaxBytes: 250}, "2 3 …"},
			{"after rev 2 in 250", chat.Query{AfterRev: ptr[int64](2), MaxBytes: 250}, "2 3 …"},
		} {
			w.same(c.name, seqs(w.read(lobby, c.q)), c.want)
		}
	}},
	{"a page after a rev has what has changed since, in the order of change", func(w *world) {
		w.join(lobby, "ann", "bob")    // revs 1, 2
		said := w.say(lobby, "ann", 5) // revs 3 to 7
		edit := func(m *chat.Message) { m.Body += "!" }
		w.amend(lobby, said[3].ID, edit) // rev 8
		w.amend(lobby, said[1].ID, edit) // rev 9
		w.ban(lobby, "bob", w.tick())    // rev 10
		w.join(lobby, "zoe")             // rev 11
		w.amend(lobby, said[3].ID, edit) // rev 12
		for _, c := range []struct {
			after  int64
			limit  int
			want   string
			people string
		}{
			{0, 200, "1 3 5 2 4", "ann bob zoe"},
			{0, 2, "1 3 …", "ann"},
			{7, 200, "2 4", "bob zoe"},
			{7, 1, "2 …", ""},
			{9, 200, "4", "bob zoe"},
			{9, 1, "4", "bob zoe"},
			{11, 200, "4", ""},
			{12, 200, "", ""},
			{99, 200, "", ""},
		} {
			page := w.read(lobby, chat.Query{AfterRev: &c.after, Limit: c.limit})
			name := fmt.Sprintf("%d after rev %d", c.limit, c.after)
			w.same(name, seqs(page), c.want)
			w.same("people, "+name, names(page.Participants), c.people)
			w.same("head, "+name, page.Conversation.Rev, int64(12))
		}
	}},
	{"following the revs page by page misses nothing", func(w *world) {
		w.join(lobby, "ann")
		said := w.say(lobby, "ann", 30)
		for i, m := range said {
			if i%3 == 0 {
				w.amend(lobby, m.ID, func(m *chat.Message) { m.Body += "!" })
			}
		}
		rev, got := int64(0), map[int64]chat.Message{}
		for more := true; more; {
			page := w.read(lobby, chat.Query{AfterRev: ptr(rev), Limit: 7})
			for _, m := range page.Messages {
				got[m.Seq], rev = m, max(rev, m.Rev)
			}
			more = page.More
		}
		for _, m := range w.read(lobby, chat.Query{}).Messages {
			w.same("message", got[m.Seq], m)
		}
		w.same("rev", rev, w.conversation(lobby).Rev)
	}},
}

// seqs returns the seqs of a page in their order, with "…" if there are more.
func seqs(p chat.Page) string {
	var s []string
	for _, m := range p.Messages {
		s = append(s, fmt.Sprint(m.Seq))
	}
	if p.More {
		s = append(s, "…")
	}
	return strings.Join(s, " ")
}

// names returns the ids of people in their order.
func names(people []chat.Participant) string {
	var s []string
	for _, p := range people {
		s = append(s, string(p.ID))
	}
	return strings.Join(s, " ")
}
