package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"planga/chat"
)

// settling is how long clients may take, once all is calm, to have everything acknowledged.
const settling = 60 * time.Second

// round is some time of chaos in conversations of its own, and then the reckoning.
type round struct {
	world    *world
	number   int
	rooms    []chat.Room
	clients  []*client
	evidence map[chat.Room]evidence // in the end
}

func (w *world) newRound(number int) *round {
	r := &round{world: w, number: number}
	for _, a := range w.sites {
		for i := range w.rooms {
			r.rooms = append(r.rooms, chat.Room{App: a.id, Conversation: chat.ConversationID(fmt.Sprintf("room %d.%d", number, i))})
		}
		devices := 0
		for i := range w.clients / len(w.sites) {
			if i%4 == 3 { // a second device of the one before
				devices++
			}
			r.clients = append(r.clients, r.newClient(a, i-devices, i))
		}
	}
	return r
}

// newClient makes a device of a user, who has a seat in two conversations. The first users moderate, so that each conversation has a
// moderator.
func (r *round) newClient(a site, user, device int) *client {
	w := r.world
	c := &client{
		site: a, user: fmt.Sprintf("user %d.%d", r.number, user), address: w.proxy.address(), witness: w.witness,
		moderator: user/w.rooms%3 == 0, wavering: user/w.rooms%3 == 1 && user%3 == 0,
		rng: rand.New(rand.NewPCG(w.seed, uint64(r.number)<<32|uint64(a.id)<<16|uint64(device))), pace: w.pace, deeds: w.deeds, steady: w.steady,
		errands: make(chan func()), pages: []int{0, 0, 1, 7, 50, 200},
	}
	c.name = fmt.Sprintf("device %d of %s in app %s", device, c.user, a.id)
	for i := range min(2, w.rooms) {
		room := chat.Room{App: a.id, Conversation: chat.ConversationID(fmt.Sprintf("room %d.%d", r.number, (user+i)%w.rooms))}
		c.seats = append(c.seats, &seat{
			client: c, room: room, topic: "conversation:" + string(room.Conversation), outbox: outbox{device: fmt.Sprint("device", device)},
		})
	}
	return c
}

// run returns the first violation. The server runs before and after.
func (r *round) run(ctx context.Context) error {
	views, heard, err := r.live(ctx)
	if err != nil {
		return err
	}
	return r.reckon(ctx, heard, views)
}

// live lets the clients live through the chaos and come to rest. It returns what they have then, and what history answers.
func (r *round) live(ctx context.Context) (views map[chat.Room][]finalView, heard map[chat.Room]kept, err error) {
	ctx, cancel := context.WithCancel(ctx)
	var people sync.WaitGroup
	defer people.Wait()
	defer cancel()
	if err := r.enterAuditors(ctx); err != nil {
		return nil, nil, err
	}
	for _, c := range r.clients {
		people.Go(func() { c.run(ctx) })
	}
	if err := r.world.rage(ctx); err != nil {
		return nil, nil, err
	}
	if err := r.calm(ctx); err != nil {
		return nil, nil, err
	}
	if heard, err = r.audit(ctx); err != nil {
		return nil, nil, err
	}
	views, err = r.agree(ctx, heard)
	return views, heard, err
}

// enterAuditors makes the auditors participants, so that their coming changes nothing later. A server that was just started may not
// know the apps yet.
func (r *round) enterAuditors(ctx context.Context) error {
	for _, room := range r.rooms {
		err := r.until(ctx, 5*time.Second, func() (bool, error) {
			u, joined, err := newAuditor(ctx, r.world.server.address, r.world.siteOf(room), room)
			if err != nil {
				return false, err
			}
			u.socket.close()
			r.world.witness.on(room, auditorName, nil, func(r *record) error { return r.sawPerson(joined.Me) })
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// calm waits until nobody has anything left to do.
func (r *round) calm(ctx context.Context) error {
	for _, c := range r.clients {
		c.do(ctx, func() { c.calm = true })
	}
	return r.until(ctx, settling, func() (done bool, err error) {
		for _, c := range r.clients {
			settled := false
			c.do(ctx, func() { settled = c.settled() })
			if !settled {
				return false, fmt.Errorf("stuck: %s %w", c.name, c.unsettled(ctx))
			}
		}
		return true, nil
	})
}

// until repeats try until it is done. Its last error is returned after the deadline.
func (r *round) until(ctx context.Context, patience time.Duration, try func() (bool, error)) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); ; {
		done, err := try()
		switch {
		case r.world.witness.err() != nil:
			return r.world.witness.err()
		case done:
			return nil
		case time.Now().After(deadline):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// unsettled tells what a client still has to do.
func (c *client) unsettled(ctx context.Context) (err error) {
	c.do(ctx, func() {
		text := fmt.Sprintf("is not done %s after the end: inbox of %d, %d unanswered", settling, len(c.inbox), len(c.asked))
		for _, s := range c.seats {
			text += fmt.Sprintf("; %s joined %v, rev %d of %d, from seq %d, %d to send, %d banned",
				s.topic, s.joined, s.view.last, s.view.target, s.view.floor, len(s.outbox.letters), len(s.banned()))
		}
		err = fmt.Errorf("%s\n  %v", text, c.diary.lines())
	})
	return err
}

// do runs something in the client's goroutine and waits for it.
func (c *client) do(ctx context.Context, what func()) {
	done := make(chan struct{})
	select {
	case c.errands <- func() { what(); close(done) }:
		<-done
	case <-ctx.Done():
	}
}

func (r *round) audit(ctx context.Context) (map[chat.Room]kept, error) {
	all := map[chat.Room]kept{}
	for _, room := range r.rooms {
		k, err := audit(ctx, r.world.server.address, r.world.siteOf(room), room)
		if err != nil {
			return nil, &violation{room: room, who: auditorName, err: err}
		}
		all[room] = k
	}
	return all, nil
}

// agree waits until what every member has is what is stored; nobody reconnects for it.
func (r *round) agree(ctx context.Context, heard map[chat.Room]kept) (views map[chat.Room][]finalView, err error) {
	err = r.until(ctx, r.world.noticing, func() (bool, error) {
		views = r.look(ctx)
		for room, all := range views {
			for _, v := range all {
				if err := v.agrees(heard[room]); err != nil {
					return false, &violation{room: room, who: v.who, err: err, diary: v.diary}
				}
			}
		}
		return true, nil
	})
	return views, err
}

// look returns what every member has now.
func (r *round) look(ctx context.Context) map[chat.Room][]finalView {
	views := map[chat.Room][]finalView{}
	for _, c := range r.clients {
		c.do(ctx, func() {
			for _, s := range c.seats {
				v := finalView{
					who: c.name, user: c.user, moderator: c.moderator, view: s.view, line: c.inbox[string(s.room.Conversation)],
					diary: c.diary.lines(),
				}
				v.view.messages, v.view.people = maps.Clone(s.view.messages), maps.Clone(s.view.people)
				views[s.room] = append(views[s.room], v)
			}
		})
	}
	return views
}

// reckon stops the server, reads its database and holds everything against each other.
func (r *round) reckon(ctx context.Context, heard map[chat.Room]kept, views map[chat.Room][]finalView) error {
	w := r.world
	if err := w.server.stop(); err != nil {
		return err
	}
	disk, err := readDisk(ctx, w.server.data, r.rooms)
	if err != nil {
		return fmt.Errorf("the database cannot be read: %w", err)
	}
	r.evidence = map[chat.Room]evidence{}
	for _, room := range r.rooms {
		e := evidence{record: w.witness.rooms[room], heard: heard[room], disk: disk[room], views: views[room]}
		if who, err := e.check(); err != nil {
			return &violation{room: room, who: who, err: err}
		}
		r.evidence[room] = e
		w.stored += len(e.disk.messages)
		w.revs += e.disk.rev
	}
	if text := w.server.said.panicked(); text != "" {
		return fmt.Errorf("the server panicked: %s\n%s", text, w.server.said.String())
	}
	w.witness.forget()
	return w.server.start()
}
