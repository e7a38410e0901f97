package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"planga/chat"
)

// People in a crowd, and how much each says.
const (
	crowd = 64
	each  = 8
)

var crowds = []promise{
	{"64 people at once make no gap and no double in seq and rev", func(w *world) {
		ids := w.gather()
		answers := make([][]chat.Message, crowd)
		w.together(func(i int) {
			for n := range each {
				m, _, err := w.store.Post(w.ctx, w.draft(lobby, ids[i], chat.ClientID(fmt.Sprint(n)), fmt.Sprint(i, " ", n)))
				if err != nil {
					w.Errorf("post: %v", err)
					return
				}
				answers[i] = append(answers[i], m)
			}
		})
		all := w.all()
		w.same("messages", len(all), crowd*each)
		for i, m := range all {
			w.same("seq", m.Seq, int64(i+1))
			w.same("rev", m.Rev, int64(crowd+i+1))
		}
		for _, own := range answers {
			for i, m := range own {
				w.same("the answer", all[m.Seq-1], m)
				if i > 0 && own[i-1].Seq >= m.Seq {
					w.Errorf("a message came before one that was answered earlier: %d, then %d", own[i-1].Seq, m.Seq)
				}
			}
		}
	}},
	{"all kinds of change at once make no gap in rev", func(w *world) {
		ids := w.gather()
		said := w.say(lobby, ids[0], 8)
		w.together(func(i int) { w.changeSomething(ids, said, i) })
		w.gapless(lobby)
	}},
	{"many sending the same message at once store it once", func(w *world) {
		w.join(lobby, "ann")
		d := w.draft(lobby, "ann", "1", "hello")
		var fresh atomic.Int64
		w.together(func(int) {
			d := d
			d.ID = chat.NewMessageID()
			m, dup, err := w.store.Post(w.ctx, d)
			if err != nil || m.Seq != 1 {
				w.Errorf("post: got seq %d, %v, want 1", m.Seq, err)
			}
			if !dup {
				fresh.Add(1)
			}
		})
		w.same("answers that are no repeat", fresh.Load(), int64(1))
		w.same("head", w.conversation(lobby).HeadSeq, int64(1))
	}},
	{"no reaction is lost when many react at once", func(w *world) {
		ids := w.gather()
		m := w.say(lobby, ids[0], 1)[0]
		w.together(func(i int) {
			_, _, err := w.store.Amend(w.ctx, lobby, m.ID, "", func(m *chat.Message) error {
				if m.Reactions == nil {
					m.Reactions = map[string][]chat.UserID{}
				}
				m.Reactions["👍"] = append(m.Reactions["👍"], ids[i])
				return nil
			})
			if err != nil {
				w.Errorf("react: %v", err)
			}
		})
		got := w.all()[0].Reactions["👍"]
		slices.Sort(got)
		w.same("who reacted", got, ids)
	}},
	{"nothing is stored of the banned once the ban is answered", func(w *world) {
		w.join(lobby, "ann", "bob")
		posting := make(chan struct{}, crowd*each)
		var banned chat.Participant
		var group sync.WaitGroup
		for i := range crowd {
			group.Go(func() {
				for n := range each {
					_, _, err := w.store.Post(w.ctx, w.draft(lobby, "bob", chat.ClientID(fmt.Sprint(i, " ", n)), "spam"))
					if err != nil && chat.CodeOf(err) != chat.Banned {
						w.Errorf("post: %v", err)
					}
					posting <- struct{}{}
				}
			})
		}
		<-posting
		banned = w.ban(lobby, "bob", w.tick().Add(time.Hour))
		group.Wait()
		for _, m := range w.all() {
			if m.Rev > banned.Rev {
				w.Errorf("a message has rev %d, but its author was banned at %d", m.Rev, banned.Rev)
			}
		}
	}},
	{"what is read belongs together, whatever is written meanwhile", func(w *world) {
		ids := w.gather()
		said := w.say(lobby, ids[0], 8)
		ctx, stop := context.WithCancel(w.ctx)
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for ctx.Err() == nil {
					w.consistent(ctx)
				}
			})
		}
		w.together(func(i int) { w.changeSomething(ids, said, i) })
		stop()
		readers.Wait()
	}},
	{"a cancelled post may have happened, and can be repeated", func(w *world) {
		w.join(lobby, "ann")
		for n := range 50 {
			ctx, cancel := context.WithCancel(w.ctx)
			d := w.draft(lobby, "ann", chat.ClientID(fmt.Sprint(n)), "hello")
			done := make(chan struct{})
			go func() {
				defer close(done)
				w.store.Post(ctx, d) // whether it happened shows below
			}()
			cancel()
			<-done
			if _, _, err := w.store.Post(w.ctx, d); err != nil {
				w.Fatalf("repeat: %v", err)
			}
		}
		w.same("messages", len(w.all()), 50)
		w.gapless(lobby)
	}},
	{"after the context has ended nothing is begun", func(w *world) {
		w.join(lobby, "ann")
		ctx, cancel := context.WithCancel(w.ctx)
		cancel()
		w.untouched(lobby, func() {
			if _, _, err := w.store.Post(ctx, w.draft(lobby, "ann", "1", "hello")); !errors.Is(err, context.Canceled) {
				w.Errorf("post: got %v, want context.Canceled", err)
			}
			if _, err := w.store.Read(ctx, lobby, chat.Query{Limit: 1}); !errors.Is(err, context.Canceled) {
				w.Errorf("read: got %v, want context.Canceled", err)
			}
		})
	}},
}

// gather lets a crowd into the lobby and returns their ids, sorted.
func (w *world) gather() []chat.UserID {
	w.Helper()
	var ids []chat.UserID
	for i := range crowd {
		ids = append(ids, chat.UserID(fmt.Sprintf("user %02d", i)))
	}
	w.join(lobby, ids...)
	return ids
}

// together does something once for each of the crowd, all at once.
func (w *world) together(do func(i int)) {
	var group sync.WaitGroup
	for i := range crowd {
		group.Go(func() { do(i) })
	}
	group.Wait()
}

// changeSomething is what the i-th of the crowd does when all kinds of change are wanted.
func (w *world) changeSomething(ids []chat.UserID, said []chat.Message, i int) {
	var err error
	for n := range each {
		switch (i + n) % 4 {
		case 0, 1:
			_, _, err = w.store.Post(w.ctx, w.draft(lobby, ids[i], chat.ClientID(fmt.Sprint("c", n)), "hello"))
		case 2:
			_, _, err = w.store.Amend(w.ctx, lobby, said[n].ID, "", func(m *chat.Message) error { m.Body += "!"; return nil })
		case 3:
			e := w.entry(lobby, ids[i])
			e.User.Name = fmt.Sprint("Name ", n)
			_, err = w.store.Enter(w.ctx, e)
		}
		if err != nil {
			w.Errorf("change: %v", err)
		}
	}
}

// all returns all messages of the lobby.
func (w *world) all() []chat.Message {
	w.Helper()
	var all []chat.Message
	for after := int64(0); ; after = all[len(all)-1].Seq {
		page := w.read(lobby, chat.Query{AfterSeq: ptr(after)})
		all = append(all, page.Messages...)
		if !page.More || len(page.Messages) == 0 {
			return all
		}
	}
}

// gapless fails the test if the seqs of a room have gaps, if two of its messages and participants have the same rev, or if
// none has the head's.
func (w *world) gapless(r chat.Room) {
	w.Helper()
	revs := map[int64]bool{}
	take := func(rev int64) {
		if revs[rev] {
			w.Errorf("rev %d was given twice", rev)
		}
		revs[rev] = true
	}
	for i, m := range w.all() {
		w.same("seq", m.Seq, int64(i+1))
		take(m.Rev)
	}
	people, err := w.store.Participants(w.ctx, r, chat.MaxPage)
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range people {
		take(p.Rev)
	}
	if head := w.conversation(r).Rev; !revs[head] {
		w.Errorf("nothing has the head's rev %d", head)
	}
}

// consistent reads pages and fails the test if one of them contradicts itself.
func (w *world) consistent(ctx context.Context) {
	newest, err := w.store.Read(ctx, lobby, chat.Query{Limit: 20})
	if ctx.Err() != nil {
		return
	}
	if err != nil || len(newest.Messages) == 0 {
		w.Errorf("read: got %d messages, %v", len(newest.Messages), err)
		return
	}
	c := newest.Conversation
	if last := newest.Messages[len(newest.Messages)-1]; last.Seq != c.HeadSeq {
		w.Errorf("the newest message has seq %d, but the head is %d", last.Seq, c.HeadSeq)
	}
	changed, err := w.store.Read(ctx, lobby, chat.Query{AfterRev: ptr(c.Rev - 5), Limit: chat.MaxPage})
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		w.Errorf("read: %v", err)
		return
	}
	last := int64(0)
	for _, m := range changed.Messages {
		last = max(last, m.Rev)
	}
	for _, p := range changed.Participants {
		last = max(last, p.Rev)
	}
	if !changed.More && last != changed.Conversation.Rev {
		w.Errorf("the last change has rev %d, but the head is %d", last, changed.Conversation.Rev)
	}
}
