package live

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"planga/bus"
	"planga/chat"
)

// lingering is how long a place is followed after its last visitor left: most come back, as when a page is reloaded.
const lingering = 10 * time.Second

// hub knows the places that this node follows on the bus. A place is a conversation's room or a user's mailbox.
//
// Locks are taken in this order: inbox.mu, stripe, hub.mu; and room.mu, tasks.
type hub struct {
	server *Server
	refs   atomic.Uint64 // numbers presences
	tasks  tasks

	// stripes order following and unfollowing of one address, without one slow address holding up all others.
	stripes [64]sync.Mutex
	seed    maphash.Seed

	mu     sync.Mutex // guards places and their visitors
	places map[bus.Address]*place
}

// place is one followed address.
type place struct {
	address bus.Address
	room    *room    // of a conversation
	mailbox *mailbox // of a user

	visitors   int       // guarded by hub.mu
	emptySince time.Time // guarded by hub.mu
	followed   bool      // guarded by the address's stripe
}

func (h *hub) init(s *Server) {
	h.server = s
	h.seed = maphash.MakeSeed()
	h.places = make(map[bus.Address]*place)
	h.tasks.init()
}

// room returns the room of a conversation, to which the bus listens by then. The visitor must release its place.
func (h *hub) room(ctx context.Context, r chat.Room) (*room, error) {
	p, err := h.visit(ctx, bus.ConversationAddress(r))
	if err != nil {
		return nil, err
	}
	return p.room, nil
}

// visit returns the place at an address, to which the bus listens by then.
func (h *hub) visit(ctx context.Context, a bus.Address) (*place, error) {
	stripe := h.stripe(a)
	stripe.Lock()
	defer stripe.Unlock()
	p := h.enter(a)
	if p.followed {
		return p, nil
	}
	if err := h.server.ear.Follow(ctx, a); err != nil {
		h.release(p)
		return nil, &chat.Error{Code: chat.Busy, RetryAfter: time.Second, Cause: err,
			Message: "The conversation cannot be followed right now."}
	}
	p.followed = true
	return p, nil
}

func (h *hub) enter(a bus.Address) *place {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.places[a]
	if p == nil {
		p = &place{address: a}
		if a.User != "" {
			p.mailbox = &mailbox{}
		} else {
			p.room = &room{hub: h, place: p, id: chat.Room{App: a.App, Conversation: a.Conversation}}
		}
		h.places[a] = p
		h.server.metrics.Rooms.Set(float64(len(h.places)))
	}
	p.visitors++
	return p
}

// release ends one visit.
func (h *hub) release(p *place) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p.visitors--; p.visitors == 0 {
		p.emptySince = h.server.now()
	}
}

// at returns the place at an address, nil if it is not followed.
func (h *hub) at(a bus.Address) *place {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.places[a]
}

// rooms returns all rooms that somebody is in.
func (h *hub) rooms() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*room, 0, len(h.places))
	for _, p := range h.places {
		if p.room != nil && p.visitors > 0 {
			all = append(all, p.room)
		}
	}
	return all
}

// abandonEmpty stops following the places that have been empty for a while.
func (h *hub) abandonEmpty(now time.Time) {
	for _, p := range h.emptyFor(now, lingering) {
		stripe := h.stripe(p.address)
		stripe.Lock()
		if h.drop(p) {
			h.server.ear.Unfollow(p.address)
		}
		stripe.Unlock()
	}
}

func (h *hub) emptyFor(now time.Time, d time.Duration) []*place {
	h.mu.Lock()
	defer h.mu.Unlock()
	var empty []*place
	for _, p := range h.places {
		if p.visitors == 0 && now.Sub(p.emptySince) >= d {
			empty = append(empty, p)
		}
	}
	return empty
}

// drop forgets a place unless somebody came meanwhile.
func (h *hub) drop(p *place) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p.visitors > 0 {
		return false
	}
	delete(h.places, p.address)
	h.server.metrics.Rooms.Set(float64(len(h.places)))
	return true
}

func (h *hub) stripe(a bus.Address) *sync.Mutex {
	return &h.stripes[maphash.Comparable(h.seed, a)%uint64(len(h.stripes))]
}

// hear takes an event from the bus.
func (h *hub) hear(e chat.Event) {
	if p := h.at(bus.ConversationAddress(e.Room)); p != nil && p.room != nil {
		p.room.hear(e)
	}
}

// sense takes a signal from the bus.
func (h *hub) sense(s chat.Signal) {
	p := h.at(bus.Signal{Signal: s}.Address())
	switch {
	case p == nil:
	case p.mailbox != nil:
		p.mailbox.sense(h, s)
	default:
		p.room.sense(s)
	}
}

// doubt looks after all rooms at once, because events may have been lost.
func (h *hub) doubt() {
	h.tasks.doubtful.Store(true)
	h.tasks.sweepNow()
}
