package phoenix

import (
	"sync"
	"time"
)

// shards is into how many parts the open connections are divided, so that the
// sweeper holds a lock only briefly.
const shards = 16

// rounds is how often the sweeper looks at each connection in the time after
// which a silent one is closed.
const rounds = 12

// registry holds the open connections.
type registry struct {
	shards [shards]shard

	mu     sync.Mutex
	closed bool
}

// shard is a list of connections, linked through themselves.
type shard struct {
	mu    sync.Mutex
	first *Conn
}

// add calls begin and enters a connection, unless the registry is closed.
func (r *registry) add(c *Conn, begin func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	s := &r.shards[c.id%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	begin()
	c.next = s.first
	if c.next != nil {
		c.next.prev = c
	}
	s.first = c
	return true
}

// remove takes a connection out.
func (r *registry) remove(c *Conn) {
	s := &r.shards[c.id%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.next != nil {
		c.next.prev = c.prev
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		s.first = c.next
	}
	c.next, c.prev = nil, nil
}

// close lets nobody in any more.
func (r *registry) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

func (r *registry) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// all lists the open connections.
func (r *registry) all() []*Conn {
	var all []*Conn
	for i := range r.shards {
		all = r.shards[i].list(all)
	}
	return all
}

// list appends the connections of a shard.
func (s *shard) list(to []*Conn) []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := s.first; c != nil; c = c.next {
		to = append(to, c)
	}
	return to
}

// silent appends those of a shard from which nothing came since the time
// given, in Unix nanoseconds.
func (s *shard) silent(since int64, to []*Conn) []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := s.first; c != nil; c = c.next {
		if c.seen.Load() < since {
			to = append(to, c)
		}
	}
	return to
}

// sweep closes silent connections, a shard at a time, until stop is closed:
// one timer for all of them.
func (e *Endpoint) sweep(stop <-chan struct{}) {
	defer close(e.swept)
	tick := time.NewTicker(max(e.options.HeartbeatTimeout/(rounds*shards), time.Millisecond))
	defer tick.Stop()
	var silent []*Conn
	for i := 0; ; i = (i + 1) % shards {
		select {
		case <-stop:
			return
		case now := <-tick.C:
			silent = e.registry.shards[i].silent(now.Add(-e.options.HeartbeatTimeout).UnixNano(), silent[:0])
			for _, c := range silent {
				c.timeOut(now)
			}
			clear(silent)
		}
	}
}

// timeOut closes a silent connection, or cuts one whose closing takes longer
// than it may.
func (c *Conn) timeOut(now time.Time) {
	c.mu.Lock()
	closing := c.closing
	c.mu.Unlock()
	if closing == nil {
		c.endpoint.stats.timedOut.Add(1)
		c.Close(closeGoingAway, "no heartbeat")
		return
	}
	if now.Sub(closing.at) > 2*closeGrace {
		c.link.cut()
	}
}
