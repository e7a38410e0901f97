package live

import (
	"slices"
	"time"

	"planga/chat"
)

// sensePresence takes a signal of another node.
func (r *room) sensePresence(s chat.Signal) {
	if s.Node == r.hub.server.node {
		return
	}
	p := &r.presence
	switch s.Kind {
	case chat.PresenceAsk:
		p.answer = true
	case chat.PresenceJoin:
		r.noteAway(s)
	case chat.PresenceLeft:
		r.forgetAway(func(a away) bool { return a.node == s.Node && a.ref == s.Ref })
	default:
		return
	}
	r.presenceDue()
}

// noteAway remembers a presence of another node, or that it is still there.
func (r *room) noteAway(s chat.Signal) {
	p, now := &r.presence, r.hub.server.now()
	for i := range p.away {
		if a := &p.away[i]; a.node == s.Node && a.ref == s.Ref {
			a.seen = now
			return
		}
	}
	if len(p.away) < maxPresent {
		b := being{user: s.User.ID, ref: s.Ref, online: s.At.Unix()}
		p.away = append(p.away, away{being: b, node: s.Node, seen: now})
	}
}

// forgetAway forgets presences of other nodes.
func (r *room) forgetAway(gone func(away) bool) {
	p := &r.presence
	p.away = slices.DeleteFunc(p.away, func(a away) bool {
		if !gone(a) {
			return false
		}
		if a.announced {
			p.told--
			p.left = append(p.left, a.being)
		}
		return true
	})
}

// forgetSilent forgets the presences of nodes from which nothing was heard for long.
func (r *room) forgetSilent(now time.Time) {
	r.forgetAway(func(a away) bool { return now.Sub(a.seen) > awayTimeout })
}

// reviewPresence asks the other nodes again when it is time to.
func (r *room) reviewPresence(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pace := askSeldom
	if len(r.presence.away) > 0 {
		pace = askEvery
	}
	if now.Sub(r.presence.asked) >= pace {
		r.presence.ask = true
		r.presenceDue()
	}
}
