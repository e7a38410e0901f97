package live

import (
	"context"
	"time"

	"planga/chat"
)

// The paces of a server.
const (
	tickPace  = 100 * time.Millisecond // gaps, presences, unread marks
	sweepPace = 5 * time.Second        // rooms against the store, expired credentials, empty places
	headPace  = 15 * time.Second       // heads to clients
)

// Bounds of a sweep, in rooms.
const (
	sweepIdle  = 1000 // taken at random from those where nothing happens
	sweepBatch = 500  // asked of the store at once
	stirring   = time.Minute
)

// tend does what is due, for all rooms and connections, so that none of them needs a timer.
func (s *Server) tend() {
	tick, sweep, head := time.NewTicker(tickPace), time.NewTicker(sweepPace), time.NewTicker(headPace)
	defer tick.Stop()
	defer sweep.Stop()
	defer head.Stop()
	for {
		select {
		case <-s.ending.Done():
			return
		case <-tick.C:
			s.tendRooms()
		case <-head.C:
			s.tellHeads()
		case <-sweep.C:
			s.closeExpired()
			s.posts.forgetRested(s.now())
			s.typed.forgetRested(s.now())
			s.hub.abandonEmpty(s.now())
			s.hub.tasks.sweepNow()
		}
	}
}

// tellHeads tells clients where the conversations stand in which something happened since the last time.
func (s *Server) tellHeads() {
	for _, r := range s.hub.tasks.heads.take() {
		r.tellHead()
	}
}

func (s *Server) tendRooms() {
	now, t := s.now(), &s.hub.tasks
	for _, r := range t.presence.take() {
		for _, signal := range r.tellPresence(now) {
			if err := s.service.Publisher.PublishSignal(s.ending, signal); err != nil {
				s.log.Debug("presence not published", "room", r.id.String(), "error", err)
			}
		}
	}
	for _, r := range t.unread.take() {
		r.tellUnread()
	}
	for _, r := range t.gaps.take() {
		if r.gapDue(now) {
			t.errand(func(ctx context.Context) { s.hub.heal(ctx, r) })
		}
	}
}

// runErrands reads from the store what was missed, of rooms with a gap and of those that a sweep finds behind, and what else
// is asked for.
func (h *hub) runErrands() {
	ctx := h.server.ending
	for {
		select {
		case <-ctx.Done():
			return
		case do := <-h.tasks.errands:
			do(ctx)
		case <-h.tasks.sweep:
			h.sweep(ctx)
		}
	}
}

func (h *hub) heal(ctx context.Context, r *room) {
	if err := r.heal(ctx); err != nil && ctx.Err() == nil {
		h.server.log.Warn("a room could not be healed; the next sweep tries again", "room", r.id.String(), "error", err)
	}
}

// sweep compares the rooms where something happens, and some of the others, with the store. It notices what nothing else
// does: that the last event was lost.
func (h *hub) sweep(ctx context.Context) {
	chosen := h.choose(h.server.now(), h.tasks.doubtful.Swap(false))
	for len(chosen) > 0 && ctx.Err() == nil {
		batch := chosen[:min(len(chosen), sweepBatch)]
		chosen = chosen[len(batch):]
		h.sweepBatch(ctx, batch)
	}
}

// choose returns the rooms to be compared; all of them where events may have been lost.
func (h *hub) choose(now time.Time, all bool) []*room {
	var chosen []*room
	idle := 0
	for _, r := range h.rooms() { // in no order
		r.reviewPresence(now)
		if !r.stirredSince(now.Add(-stirring)) {
			if idle++; idle > sweepIdle && !all {
				continue
			}
		}
		chosen = append(chosen, r)
	}
	return chosen
}

func (h *hub) sweepBatch(ctx context.Context, batch []*room) {
	names := make([]chat.Room, len(batch))
	by := make(map[chat.Room]*room, len(batch))
	for i, r := range batch {
		names[i], by[r.id] = r.id, r
	}
	heads, err := h.server.service.Conversations.Heads(ctx, names)
	if err != nil {
		if ctx.Err() == nil {
			h.server.log.Warn("rooms could not be compared with the store", "error", err)
		}
		return
	}
	for _, c := range heads {
		if r := by[c.Room]; r != nil && r.behind(c.Rev) {
			h.heal(ctx, r)
		}
	}
}

func (r *room) stirredSince(t time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stirred.After(t)
}
