package storetest

import (
	"sync"

	"planga/chat"
)

var entering = []promise{
	{"the first to enter creates the conversation", func(w *world) {
		e := w.entry(lobby, "ann")
		e.User.Avatar, e.Role = "https://example.com/a.png", ptr(chat.Moderator)
		in := w.enter(e)
		p := chat.Participant{User: e.User, Role: chat.Moderator, Rev: 1, JoinedAt: e.At}
		w.same("entered", in, chat.Entered{
			Conversation: chat.Conversation{Room: lobby, Epoch: in.Conversation.Epoch, Rev: 1, OldestSeq: 1, CreatedAt: e.At},
			Participant:  p, Created: true, Changed: []chat.Participant{p},
		})
		if in.Conversation.Epoch == "" {
			w.Error("there is no epoch")
		}
		w.same("stored", w.participant(lobby, "ann"), p)
		w.same("the head", w.conversation(lobby), in.Conversation)
	}},
	{"who comes back changes nothing", func(w *world) {
		w.join(lobby, "ann", "bob")
		w.say(lobby, "ann", 2)
		w.untouched(lobby, func() {
			in := w.enter(w.entry(lobby, "bob"))
			w.same("changed", in.Changed, []chat.Participant(nil))
			w.same("created", in.Created, false)
			w.same("participant", in.Participant, w.participant(lobby, "bob"))
			w.same("head", in.Conversation, w.conversation(lobby))
		})
	}},
	{"somebody new has read everything so far", func(w *world) {
		w.join(lobby, "ann")
		w.say(lobby, "ann", 3)
		e := w.entry(lobby, "bob")
		e.Others = []chat.User{user("zoe")}
		w.same("bob's mark", w.enter(e).Participant.ReadSeq, int64(3))
		w.same("zoe's mark", w.participant(lobby, "zoe").ReadSeq, int64(3))
	}},
	{"a new name, avatar or role takes one rev", func(w *world) {
		w.join(lobby, "ann")
		e := w.entry(lobby, "ann")
		for i, change := range []func(){
			func() { e.User.Name = "Ann" },
			func() { e.User.Avatar = "https://example.com/a.png" },
			func() { e.Role = ptr(chat.Moderator) },
			func() { e.User.Name, e.User.Avatar, e.Role = "A", "", ptr(chat.Member) },
		} {
			change()
			in := w.enter(e)
			w.same("rev", []int64{in.Conversation.Rev, in.Participant.Rev}, []int64{int64(i + 2), int64(i + 2)})
			w.same("changed", in.Changed, []chat.Participant{in.Participant})
			w.same("user", in.Participant.User, e.User)
			w.same("stored", w.participant(lobby, "ann"), in.Participant)
		}
		w.same("role", w.participant(lobby, "ann").Role, chat.Member)
	}},
	{"without a role the role stays", func(w *world) {
		e := w.entry(lobby, "ann")
		e.Role = ptr(chat.Moderator)
		w.enter(e)
		e.Role = nil
		w.same("role", w.enter(e).Participant.Role, chat.Moderator)
		w.same("rev", w.conversation(lobby).Rev, int64(1))
	}},
	{"others are added where missing and otherwise left alone", func(w *world) {
		w.join(lobby, "zoe")
		zoe := w.participant(lobby, "zoe")
		e := w.entry(lobby, "ann")
		e.Others = []chat.User{{ID: "zoe", Name: "Another Zoe"}, user("bob"), user("bob"), user("ann"), user("cat")}
		in := w.enter(e)
		var order []chat.UserID
		for i, p := range in.Changed {
			order = append(order, p.ID)
			w.same("rev of "+string(p.ID), p.Rev, int64(i+2))
			w.same("stored "+string(p.ID), w.participant(lobby, p.ID), p)
		}
		w.same("changed", order, []chat.UserID{"ann", "bob", "cat"})
		w.same("head", in.Conversation.Rev, int64(4))
		w.same("zoe", w.participant(lobby, "zoe"), zoe)
		w.untouched(lobby, func() { w.same("changed", len(w.enter(e).Changed), 0) })
	}},
	{"others are added when somebody comes back as well", func(w *world) {
		w.join(lobby, "ann")
		e := w.entry(lobby, "ann")
		e.Others = []chat.User{user("bob")}
		in := w.enter(e)
		w.same("changed", in.Changed, []chat.Participant{w.participant(lobby, "bob")})
		w.same("participant", in.Participant, w.participant(lobby, "ann"))
	}},
	{"without admission nothing comes to be", func(w *world) {
		e := w.entry(lobby, "ann")
		e.Admit = false
		_, err := w.store.Enter(w.ctx, e)
		w.refused("a conversation that is missing", err, chat.NotFound)
		_, err = w.store.Read(w.ctx, lobby, chat.Query{Limit: 1})
		w.refused("read", err, chat.NotFound)
		w.join(lobby, "bob")
		w.untouched(lobby, func() {
			_, err := w.store.Enter(w.ctx, e)
			w.refused("a participant who is missing", err, chat.NotFound)
		})
	}},
	{"without admission a participant is still brought up to date", func(w *world) {
		w.join(lobby, "ann")
		e := w.entry(lobby, "ann")
		e.Admit, e.User.Name = false, "Ann"
		w.same("name", w.enter(e).Participant.Name, "Ann")
		w.same("stored", w.participant(lobby, "ann").Name, "Ann")
	}},
	{"a ban and a read mark outlive coming back", func(w *world) {
		w.join(lobby, "ann", "bob")
		w.say(lobby, "bob", 2)
		until := w.tick()
		w.ban(lobby, "ann", until)
		if _, _, err := w.store.MarkRead(w.ctx, lobby, "ann", 1); err != nil {
			w.Fatal(err)
		}
		e := w.entry(lobby, "ann")
		e.User.Name = "Ann"
		p := w.enter(e).Participant
		w.same("ban", p.BannedUntil, until)
		w.same("read mark", p.ReadSeq, int64(1))
		w.same("stored", w.participant(lobby, "ann"), p)
	}},
	{"entering twice at once is entering once", func(w *world) {
		var group sync.WaitGroup
		var mu sync.Mutex
		created, joined := 0, 0
		for range 32 {
			group.Go(func() {
				in, err := w.store.Enter(w.ctx, w.entry(lobby, "ann"))
				if err != nil {
					w.Errorf("enter: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				joined += len(in.Changed)
				if in.Created {
					created++
				}
			})
		}
		group.Wait()
		w.same("created and joined", []int{created, joined}, []int{1, 1})
		w.same("rev", w.conversation(lobby).Rev, int64(1))
	}},
}
