package live

import "sync"

// register is all open connections, so that those whose credential ends can be closed, and nobody has too many.
type register struct {
	mu      sync.Mutex // guards what follows
	open    map[*session]struct{}
	persons map[person]int // how many connections each has
}

func newRegister() *register {
	return &register{open: make(map[*session]struct{}), persons: make(map[person]int)}
}

// add notes a connection unless its user has limit already.
func (r *register) add(c *session, limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := c.person()
	if r.persons[p] >= limit {
		return false
	}
	r.persons[p]++
	r.open[c] = struct{}{}
	return true
}

// remove forgets a connection.
func (r *register) remove(c *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := c.person()
	delete(r.open, c)
	if r.persons[p]--; r.persons[p] <= 0 {
		delete(r.persons, p)
	}
}

// where returns the connections that fit.
func (r *register) where(fits func(*session) bool) []*session {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []*session
	for c := range r.open {
		if fits(c) {
			found = append(found, c)
		}
	}
	return found
}
