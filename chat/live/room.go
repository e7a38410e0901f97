package live

import (
	"sync"
	"time"

	"planga/chat"
)

// Bounds of what a room holds back.
const (
	maxEarly   = 256 // events that came before their turn
	maxPending = 256 // events for a member that still catches up
)

// In a room of more than so many members, what grows with their square is told sparingly: read marks only to the reader's own
// channels, and somebody's typing now and then.
const (
	crowd       = 50
	crowdTyping = 500 * time.Millisecond
)

// room is one conversation on this node: who listens to it, and where its events stand. Events go out in the order of
// their rev; one that comes early waits for its turn, and what does not come is read from the store.
type room struct {
	hub   *hub
	place *place
	id    chat.Room

	mu       sync.Mutex // guards all that follows
	members  []*member
	watchers []*watcher

	known    bool  // last and headSeq are known
	last     int64 // rev of the last event that went out
	headSeq  int64
	early    []chat.Event // by rev, all beyond last+1
	gapSince time.Time    // when the gap before early opened; zero if there is none
	gapNoted bool         // among the hub's tasks
	stirred  time.Time    // when the last event went out
	typing   time.Time    // when somebody's typing was last told
	headDue  bool         // events went out since the last head
	// unreadDue tells that a watcher's line changed since it was last told.
	unreadDue bool

	presence presence
}

// add lets m listen: from now on nothing is lost for it.
func (r *room) add(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restIfEmpty()
	m.covered = -1
	if r.known {
		m.covered = r.last
	}
	m.at = len(r.members)
	r.members = append(r.members, m)
}

// empty reports whether nobody listens.
func (r *room) empty() bool { return len(r.members) == 0 && len(r.watchers) == 0 }

// restIfEmpty forgets where a room stands to which nobody listened: it was not looked after.
func (r *room) restIfEmpty() {
	if r.empty() {
		r.known, r.early, r.gapSince = false, nil, time.Time{}
	}
}

// welcome ends m's catching up: it has read the conversation as of c. False tells that this was before m began to listen,
// so that it must read again.
func (r *room) welcome(m *member, c chat.Conversation) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.learn(c)
	if c.Rev < m.covered || m.overrun {
		m.covered, m.pending, m.overrun = r.last, nil, false
		return false
	}
	m.from, m.live = c.Rev, true
	for _, e := range m.pending {
		r.deliver(m, newFrames(r.hub.server, e))
	}
	m.pending = nil
	r.arrive(m)
	return true
}

// knows reports whether the room knew where the conversation stood when m began to listen.
func (r *room) knows(m *member) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return m.covered >= 0
}

// learn tells where the conversation stands to a room that does not know yet.
func (r *room) learn(c chat.Conversation) {
	if r.known {
		return
	}
	r.known, r.last, r.headSeq = true, c.Rev, c.HeadSeq
	for _, m := range r.members {
		if m.covered < 0 {
			m.covered = c.Rev
		}
	}
	r.flushEarly()
}

// remove ends m's listening.
func (r *room) remove(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.at < 0 {
		return
	}
	end := len(r.members) - 1
	r.members[m.at] = r.members[end]
	r.members[m.at].at = m.at
	r.members[end] = nil
	r.members = r.members[:end]
	m.at = -1
	if m.live {
		r.depart(m)
	}
}

// send gives an event to all who listen.
func (r *room) send(e chat.Event) {
	if e.Kind == chat.ParticipantChanged {
		r.noteRole(*e.Participant)
	}
	f := newFrames(r.hub.server, e)
	for _, m := range r.members {
		switch {
		case m.live:
			r.deliver(m, f)
		case len(m.pending) < maxPending:
			m.pending = append(m.pending, e)
		default:
			m.overrun = true
		}
	}
	r.tellWatchers(e)
	r.stirred = r.hub.server.now()
	if !r.headDue {
		r.headDue = true
		r.hub.tasks.heads.add(r)
	}
}

// deliver gives an event to one member, unless it read it already.
func (r *room) deliver(m *member, f *frames) {
	if f.rev > 0 && f.rev <= m.from {
		return
	}
	f.sendTo(m)
	r.hub.server.metrics.Deliveries.Inc()
}

// noteRole lets a participant's sockets see what the new role may see.
func (r *room) noteRole(p chat.Participant) {
	for _, m := range r.members {
		if m.user == p.ID && p.Rev > m.roleRev {
			m.moderator, m.roleRev = p.Role == chat.Moderator, p.Rev
		}
	}
}

// meet takes note of a participant as the store has it.
func (r *room) meet(p chat.Participant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noteRole(p)
}

// tellHead tells the members where the conversation stands.
func (r *room) tellHead() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.headDue = false
	if !r.known {
		return
	}
	r.sendHint(newHint(r.id, "head", wireHead{Rev: r.last, HeadSeq: r.headSeq}))
}

// sense takes a signal about the room.
func (r *room) sense(s chat.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.Kind != chat.Typing {
		r.sensePresence(s)
		return
	}
	now := r.hub.server.now()
	if len(r.members) > crowd && now.Sub(r.typing) < crowdTyping {
		return
	}
	r.typing = now
	r.sendHint(newHint(r.id, string(chat.Typing), wireTyping{s.User.ID, s.User.Name}))
}

// tellRead tells a read mark, which is no change of the conversation and has no place in its order.
func (r *room) tellRead(e chat.Event) {
	f := newHint(r.id, string(e.Kind), wireRead{e.Participant.ID, e.Participant.ReadSeq})
	for _, m := range r.members {
		if m.live && (len(r.members) <= crowd || m.user == e.Participant.ID) {
			r.deliver(m, f)
		}
	}
	r.tellWatchers(e)
}

// sendHint gives all members something that is no change of the conversation.
func (r *room) sendHint(f *frames) {
	for _, m := range r.members {
		if m.live {
			r.deliver(m, f)
		}
	}
}
