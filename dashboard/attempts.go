package dashboard

import (
	"net/netip"
	"sync"
	"time"
)

// Bounds of guessing.
const (
	triesPerAccount = 5                // with one e-mail address from one network, before a pause
	triesPerNetwork = 50               // with any address from one network, before a pause
	firstPause      = time.Minute      // doubles with each further failure
	longestPause    = 30 * time.Minute // and never exceeds this
	forgetAfter     = time.Hour        // after the last failure
	maxWatched      = 10_000           // pairs and networks remembered; beyond, the oldest are forgotten
)

// Attempts counts failed sign-ins per e-mail address and network, and per network alone. It does not care whether the address
// belongs to anybody, so it gives nothing away, and nobody can lock out somebody elsewhere. Safe for use by many goroutines.
type Attempts struct {
	now func() time.Time

	mu      sync.Mutex // guards what follows
	watched map[watch]*failures
}

// watch is what failures are counted for; email is "" for the network alone.
type watch struct {
	email   string
	network netip.Prefix
}

type failures struct {
	count int
	last  time.Time
	until time.Time // no try before this
}

// NewAttempts returns an empty count.
func NewAttempts(now func() time.Time) *Attempts {
	return &Attempts{now: now, watched: make(map[watch]*failures)}
}

// Begin counts a try before it is made, so that tries made at once are all counted. It returns how many are left
// afterwards, or, if none is allowed, when the next one is.
func (a *Attempts) Begin(email string, from netip.Addr) (left int, pausedUntil time.Time) {
	now := a.now()
	network := networkOf(from)
	a.mu.Lock()
	defer a.mu.Unlock()
	pair, alone := a.at(watch{email, network}, now), a.at(watch{"", network}, now)
	for _, f := range []*failures{pair, alone} {
		if now.Before(f.until) {
			return 0, f.until
		}
	}
	pair.fail(now, triesPerAccount)
	alone.fail(now, triesPerNetwork)
	return max(0, min(triesPerAccount-pair.count, triesPerNetwork-alone.count)), time.Time{}
}

// Succeed forgets the failures of a sign-in that succeeded, and takes its try back from the network's count.
func (a *Attempts) Succeed(email string, from netip.Addr) {
	network := networkOf(from)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.watched, watch{email, network})
	if f := a.watched[watch{"", network}]; f != nil && f.count > 0 {
		f.count--
		f.until = time.Time{}
	}
}

// Forgive forgets the failures of an address from one network, because its owner has shown up in another way.
func (a *Attempts) Forgive(email string, from netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.watched, watch{email, networkOf(from)})
}

func (f *failures) fail(now time.Time, allowed int) {
	f.count++
	f.last = now
	if over := f.count - allowed; over >= 0 {
		f.until = now.Add(min(longestPause, firstPause<<min(over, 10)))
	}
}

// at returns the failures of w, forgetting what is old. The caller holds mu.
func (a *Attempts) at(w watch, now time.Time) *failures {
	f := a.watched[w]
	if f == nil || now.Sub(f.last) > forgetAfter {
		if len(a.watched) >= maxWatched {
			a.makeRoom(now)
		}
		f = &failures{last: now}
		a.watched[w] = f
	}
	return f
}

// makeRoom forgets what is old, or else what is oldest.
func (a *Attempts) makeRoom(now time.Time) {
	var oldest watch
	first := now
	for w, f := range a.watched {
		if now.Sub(f.last) > forgetAfter {
			delete(a.watched, w)
		} else if !f.last.After(first) {
			oldest, first = w, f.last
		}
	}
	if len(a.watched) >= maxWatched {
		delete(a.watched, oldest)
	}
}

// networkOf returns the address, or for IPv6 the /64 that one subscriber usually holds.
func networkOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address is known: all such share one count
	}
	return prefix
}
