package storetest

import (
	"fmt"
	"sync"
	"time"

	"planga/chat"
)

// app is an app with everything set.
func app(id chat.AppID, revision int64) chat.App {
	return chat.App{
		ID: id, Name: "Äpp", Revision: revision,
		Keys: []chat.Key{
			{PublicID: "pk_2", Secret: "sk_second", PrivateKey: "cHJpdmF0ZSBrZXkgMTIzNA", Active: true},
			{PublicID: "pk_1", Secret: "sk_first", PrivateKey: ""},
		},
		Origins: []string{"https://b.example", "https://a.example:8443"}, Clients2018: true,
		Events: []chat.EventType{chat.OnMessageCreated, chat.OnParticipantJoined},
	}
}

var keepingApps = []promise{
	{"apps are kept with all they have", func(w *world) {
		deleted := chat.App{ID: 9, Revision: 1, Deleted: true}
		w.save(app(7, 3), deleted, app(1<<62, 1))
		w.keeps(app(7, 3), deleted, app(1<<62, 1))
		w.reopen()
		w.keeps(app(7, 3), deleted, app(1<<62, 1))
	}},
	{"a newer revision replaces all of an older one", func(w *world) {
		newer := chat.App{ID: 7, Revision: 4, Name: "new", Keys: []chat.Key{{PublicID: "pk_3", Secret: "sk_third"}}}
		w.save(app(7, 3), newer)
		w.keeps(newer)
	}},
	{"an older revision changes nothing, and the same one again neither", func(w *world) {
		older := chat.App{ID: 7, Revision: 2, Name: "old"}
		w.save(app(7, 3), older, app(7, 3))
		w.keeps(app(7, 3))
	}},
	{"a settings message of 2018 is the newest", func(w *world) {
		of2018 := chat.App{ID: 7, Name: "2018"}
		w.save(app(7, 3), of2018)
		w.keeps(of2018)
		w.save(app(7, 1))
		w.keeps(app(7, 1))
	}},
	{"another app with the same keys is another app", func(w *world) {
		w.save(app(7, 3), app(8, 3), chat.App{ID: 7, Revision: 4})
		w.keeps(chat.App{ID: 7, Revision: 4}, app(8, 3))
	}},
}

func (w *world) save(apps ...chat.App) {
	w.Helper()
	for _, a := range apps {
		if err := w.store.SaveApp(w.ctx, a); err != nil {
			w.Fatalf("save app %d: %v", a.ID, err)
		}
	}
}

// keeps fails the test unless exactly these apps are kept.
func (w *world) keeps(want ...chat.App) {
	w.Helper()
	apps, err := w.store.LoadApps(w.ctx)
	if err != nil {
		w.Fatalf("load apps: %v", err)
	}
	byID := func(apps []chat.App) map[chat.AppID]chat.App {
		m := map[chat.AppID]chat.App{}
		for _, a := range apps {
			m[a.ID] = a
		}
		return m
	}
	w.same("number of apps", len(apps), len(want))
	w.same("apps", byID(apps), byID(want))
}

var reopening = []promise{
	{"two stores in one place see what the other does, and make no gap", func(w *world) {
		w.join(lobby, "ann", "bob")
		other, err := w.home()
		if err != nil {
			w.Fatalf("open a second time: %v", err)
		}
		stores := []Store{w.store, other}
		defer func() {
			if err := other.Close(); err != nil {
				w.Errorf("close: %v", err)
			}
		}()
		d := w.draft(lobby, "ann", "once", "hello")
		m := w.post(d)
		if got, dup, err := other.Post(w.ctx, d); err != nil || !dup || got.ID != m.ID {
			w.Errorf("repeat in the other store: got %+v, %v, %v", got, dup, err)
		}
		var group sync.WaitGroup
		for i, by := range []chat.UserID{"ann", "bob"} {
			group.Go(func() {
				for n := range each {
					if _, _, err := stores[i].Post(w.ctx, w.draft(lobby, by, chat.ClientID(fmt.Sprint(n)), "hello")); err != nil {
						w.Errorf("post: %v", err)
					}
				}
			})
		}
		group.Wait()
		w.same("messages", len(w.all()), 2*each+1)
		w.gapless(lobby)
		w.ban(lobby, "bob", w.tick().Add(time.Hour))
		_, _, err = other.Post(w.ctx, w.draft(lobby, "bob", "banned", "hello"))
		w.refused("post after a ban in the other store", err, chat.Banned)
	}},
	{"opened again, a store has everything it had, and goes on where it stopped", func(w *world) {
		w.join(lobby, "ann", "bob")
		d := w.draft(lobby, "ann", "once", "hello")
		m := w.post(d)
		said := w.say(lobby, "ann", 5)
		w.amend(lobby, said[2].ID, func(m *chat.Message) { m.Body = "edited" })
		w.ban(lobby, "bob", w.tick())
		if _, _, err := w.store.MarkRead(w.ctx, lobby, "bob", 3); err != nil {
			w.Fatal(err)
		}
		page, bob, inbox := w.read(lobby, chat.Query{AfterRev: ptr[int64](0)}), w.participant(lobby, "bob"), w.inbox(1, "bob", 9)
		w.reopen()
		w.same("page", w.read(lobby, chat.Query{AfterRev: ptr[int64](0)}), page)
		w.same("bob", w.participant(lobby, "bob"), bob)
		w.same("inbox", w.inbox(1, "bob", 9), inbox)
		w.repeat(d, m)
		next := w.post(w.draft(lobby, "ann", "next", "hello"))
		w.same("the next message", []int64{next.Seq, next.Rev}, []int64{7, page.Conversation.Rev + 1})
	}},
}
