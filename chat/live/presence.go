package live

import (
	"strconv"
	"time"

	"planga/chat"
)

// maxPresent is how many presences of one conversation are told. In a larger room some are the sample, and others move up
// as they leave.
const maxPresent = 200

// The other nodes are asked who is there when a room fills, and again now and then, because their signals may be lost and
// they may die without one.
const (
	awayTimeout = 150 * time.Second // when the presences of a node that no longer answers are forgotten
	askEvery    = 60 * time.Second  // where others told of somebody
	askSeldom   = 5 * time.Minute   // where they did not
)

// presence is who is in a room beside its local members: those of other nodes, known by their signals.
type presence struct {
	told    int     // announced ones, local and away
	left    []being // announced ones that went since the last diff
	away    []away
	ask     bool // the other nodes are to be asked
	answer  bool // another node asked
	asked   time.Time
	waiting bool // among the hub's tasks
}

// being is one presence of one user, told of by the room's members once it is announced.
type being struct {
	user   chat.UserID
	ref    string
	online int64 // unix seconds
	local  bool
}

// away is a presence on another node.
type away struct {
	being
	node      string
	seen      time.Time
	announced bool
}

func (m *member) being() being {
	return being{user: m.user, ref: m.session.server.sign + strconv.FormatUint(m.ref, 36), online: m.online, local: true}
}

// arrive notes that m is there, and tells it who else is.
func (r *room) arrive(m *member) {
	m.ref, m.online = r.hub.refs.Add(1), r.hub.server.now().Unix()
	r.presence.ask = r.presence.ask || r.presence.asked.IsZero()
	r.presenceDue()
	if m.of2018 == nil {
		_ = m.ch.Push("presence_state", encode(r.beings()))
	}
}

// depart notes that m is gone. Who was not announced leaves no trace.
func (r *room) depart(m *member) {
	if m.announced {
		m.announced = false
		r.presence.told--
		r.presence.left = append(r.presence.left, m.being())
		r.presenceDue()
	}
}

// presenceDue has changes told soon.
func (r *room) presenceDue() {
	if !r.presence.waiting {
		r.presence.waiting = true
		r.hub.tasks.presence.add(r)
	}
}

// beings are all who are announced.
func (r *room) beings() wireBeings {
	all := make(wireBeings)
	for _, m := range r.members {
		if m.announced {
			all.put(m.being())
		}
	}
	for _, a := range r.presence.away {
		if a.announced {
			all.put(a.being)
		}
	}
	return all
}

// tellPresence sends what changed since the last time, and returns the signals for the other nodes.
func (r *room) tellPresence(now time.Time) []chat.Signal {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.presence
	p.waiting = false
	r.forgetSilent(now)
	diff := wireDiff{Joins: wireBeings{}, Leaves: wireBeings{}}
	var signals []chat.Signal
	for _, b := range p.left {
		diff.Leaves.put(b)
		if b.local {
			signals = append(signals, r.presenceSignal(chat.PresenceLeft, b, now))
		}
	}
	p.left = nil
	signals = append(signals, r.announce(diff.Joins, now)...)
	if p.ask {
		p.ask, p.asked = false, now
		signals = append(signals, r.presenceSignal(chat.PresenceAsk, being{}, now))
	}
	if len(diff.Joins)+len(diff.Leaves) > 0 {
		r.sendHint(newHint(r.id, "presence_diff", diff))
	}
	return signals
}

// announce moves up who is there and not announced, as far as there is room. The signals tell the other nodes of the local
// ones, and of all local ones if another node asked.
func (r *room) announce(joins wireBeings, now time.Time) (signals []chat.Signal) {
	p := &r.presence
	for _, m := range r.members {
		fresh := m.live && !m.announced && p.told < maxPresent
		if fresh {
			m.announced = true
			p.told++
			joins.put(m.being())
		}
		if fresh || p.answer && m.announced {
			signals = append(signals, r.presenceSignal(chat.PresenceJoin, m.being(), now))
		}
	}
	p.answer = false
	for i := range p.away {
		if a := &p.away[i]; !a.announced && p.told < maxPresent {
			a.announced = true
			p.told++
			joins.put(a.being)
		}
	}
	return signals
}

func (r *room) presenceSignal(k chat.SignalKind, b being, now time.Time) chat.Signal {
	at := now
	if k == chat.PresenceJoin {
		at = time.Unix(b.online, 0).UTC()
	}
	return chat.Signal{Kind: k, Room: r.id, User: chat.User{ID: b.user}, Node: r.hub.server.node, Ref: b.ref, At: at}
}
