package live

import (
	"context"
	"slices"
	"time"

	"planga/chat"
)

// patience is how long a gap may last before it is read from the store.
const patience = 200 * time.Millisecond

// hear takes an event from the bus and sends what has its turn.
func (r *room) hear(e chat.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.empty():
	case e.Kind == chat.MessageRead:
		r.tellRead(e)
	case !r.known:
		r.hold(e)
	case e.Rev <= r.last:
	case e.Rev == r.last+1:
		r.advance(e)
		r.flushEarly()
	default:
		r.hold(e)
		r.noteGap()
	}
}

// advance sends the event that has its turn.
func (r *room) advance(e chat.Event) {
	r.last = e.Rev
	if e.Message != nil {
		r.headSeq = max(r.headSeq, e.Message.Seq)
	}
	r.send(e)
}

// hold keeps an event until its turn comes. When there are too many, the oldest are left to the store.
func (r *room) hold(e chat.Event) {
	at, found := slices.BinarySearchFunc(r.early, e.Rev, func(x chat.Event, rev int64) int { return int(x.Rev - rev) })
	if found {
		return
	}
	r.early = slices.Insert(r.early, at, e)
	if len(r.early) > maxEarly {
		r.early = slices.Delete(r.early, 0, 1)
	}
}

// flushEarly sends what of the held events has its turn now.
func (r *room) flushEarly() {
	n := 0
	for ; n < len(r.early) && r.early[n].Rev <= r.last+1; n++ {
		if e := r.early[n]; e.Rev == r.last+1 {
			r.advance(e)
		}
	}
	r.early = slices.Delete(r.early, 0, n)
	if len(r.early) == 0 {
		r.early, r.gapSince = nil, time.Time{}
		return
	}
	r.noteGap()
}

// noteGap has the gap healed unless it closes by itself.
func (r *room) noteGap() {
	if r.gapSince.IsZero() {
		r.gapSince = r.hub.server.now()
	}
	if !r.gapNoted {
		r.gapNoted = true
		r.hub.tasks.gaps.add(r)
	}
}

// gapDue reports whether there is a gap that is old enough to be healed. A younger one stays among the hub's tasks.
func (r *room) gapDue(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gapNoted = false
	if r.gapSince.IsZero() {
		return false
	}
	if now.Sub(r.gapSince) >= patience {
		return true
	}
	r.noteGap()
	return false
}

// behind reports whether the room has not sent all up to rev.
func (r *room) behind(rev int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known && !r.empty() && rev > r.last
}

// heal reads from the store what the room missed, and sends it. Changes that were overtaken by later ones of the same
// message are not among it: clients see a gap in the revs and read the rest themselves.
func (r *room) heal(ctx context.Context) error {
	r.hub.server.metrics.Healed.Inc()
	for {
		from, ok := r.position()
		if !ok {
			return nil
		}
		q := chat.Query{AfterRev: &from, Limit: chat.MaxPage, MaxBytes: chat.MaxPageBytes}
		page, err := r.hub.server.service.Conversations.Read(ctx, r.id, q)
		if err != nil {
			return err
		}
		r.takeIn(page)
		if now, _ := r.position(); !page.More || now == from {
			return nil
		}
	}
}

func (r *room) position() (rev int64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.known && !r.empty()
}

// takeIn sends what of a page has not been sent.
func (r *room) takeIn(page chat.Page) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.eventsOf(page) {
		if e.Rev > r.last {
			r.advance(e)
		}
	}
	if !page.More {
		r.last = max(r.last, page.Conversation.Rev)
		// An event is told after it is stored, so one that is far beyond the head just read is a lie.
		r.early = slices.DeleteFunc(r.early, func(e chat.Event) bool { return e.Rev > r.last+maxEarly })
	}
	r.gapSince = time.Time{}
	r.flushEarly()
}

// eventsOf tells a page as the events that were missed, in the order of their rev.
func (r *room) eventsOf(page chat.Page) []chat.Event {
	var events []chat.Event
	for i := range page.Messages {
		m := &page.Messages[i]
		kind := chat.MessageChanged
		if m.Seq > r.headSeq {
			kind = chat.MessagePosted
		}
		events = append(events, chat.Event{Room: r.id, Kind: kind, Rev: m.Rev, Message: m})
	}
	for i := range page.Participants {
		p := &page.Participants[i]
		events = append(events, chat.Event{Room: r.id, Kind: chat.ParticipantChanged, Rev: p.Rev, Participant: p})
	}
	slices.SortFunc(events, func(a, b chat.Event) int { return int(a.Rev - b.Rev) })
	return events
}
