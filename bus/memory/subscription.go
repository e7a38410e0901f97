package memory

import (
	"context"
	"log/slog"
	"sync"

	"planga/bus"
)

// Subscription is one node's ear. One goroutine calls its handler.
type Subscription struct {
	bus     *Bus
	handler bus.Handler
	inbox   inbox
	quit    chan struct{} // closed by Close
	once    sync.Once
	ended   chan struct{} // closed when the handler has returned for the last time

	mu      sync.RWMutex
	follows map[bus.Address]struct{} // guarded by mu
}

func newSubscription(b *Bus, h bus.Handler) *Subscription {
	return &Subscription{
		bus: b, handler: h, inbox: inbox{ready: make(chan struct{}, 1)},
		quit: make(chan struct{}), ended: make(chan struct{}),
		follows: make(map[bus.Address]struct{}),
	}
}

// Follow implements [bus.Subscription].
func (s *Subscription) Follow(_ context.Context, a bus.Address) error {
	if s.closed() {
		return bus.ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.follows[a] = struct{}{}
	return nil
}

// Unfollow implements [bus.Subscription]. What waits in the inbox from a is not delivered any more.
func (s *Subscription) Unfollow(a bus.Address) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.follows, a)
}

// Close implements [bus.Subscription].
func (s *Subscription) Close() error {
	s.once.Do(func() {
		s.bus.forget(s)
		close(s.quit)
	})
	<-s.ended
	return nil
}

func (s *Subscription) closed() bool {
	select {
	case <-s.quit:
		return true
	default:
		return false
	}
}

func (s *Subscription) hears(l letter) bool {
	if l.kind == bus.KindSettings {
		return true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, follows := s.follows[l.from]
	return follows
}

// listen calls the handler with what comes in until the subscription closes.
func (s *Subscription) listen() {
	defer close(s.ended)
	var letters []letter
	for {
		select {
		case <-s.quit:
			return
		case <-s.inbox.ready:
		}
		var lost bool
		letters, lost = s.inbox.take(letters)
		for _, l := range letters {
			if s.closed() {
				return
			}
			lost = !s.deliver(l) || lost
		}
		if lost && s.handler.Lost != nil && !s.closed() {
			s.handler.Lost()
		}
	}
}

// deliver reports whether l could be read. That it was unfollowed meanwhile is no loss.
func (s *Subscription) deliver(l letter) bool {
	if !s.hears(l) {
		return true
	}
	m, err := bus.Decode(l.kind, l.data)
	if err != nil {
		slog.Error("bus message lost", "error", err)
		return false
	}
	switch m := m.(type) {
	case bus.Settings:
		if s.handler.Settings != nil {
			s.handler.Settings(m.App)
		}
	case bus.Event:
		if s.handler.Event != nil {
			s.handler.Event(m.Event)
		}
	case bus.Signal:
		if s.handler.Signal != nil {
			s.handler.Signal(m.Signal)
		}
	}
	return true
}
