// Package memory carries the bus within one process.
//
// It carries the contract's bytes: a message is encoded once when it is published, and decoded once by each
// subscription that hears it, so publisher and receivers share nothing, and a program that works on this carrier works
// on one between machines. Nothing is kept: when the process ends, work that has not been done is lost, but
// then its Publish has not returned, and whoever published it still has it.
package memory

import (
	"context"
	"fmt"
	"sync"

	"planga/bus"
)

// Bus is a [bus.Bus] within this process.
type Bus struct {
	open  context.Context // ends when the bus closes
	close context.CancelFunc
	jobs  map[bus.Kind]chan job // work, handed from publisher to worker

	mu      sync.RWMutex
	ears    map[*Subscription]struct{} // guarded by mu
	workers sync.WaitGroup             // added to with mu held, and only while the bus is open
}

var _ bus.Bus = (*Bus)(nil)

// New returns a bus that is ready.
func New() *Bus {
	b := &Bus{jobs: make(map[bus.Kind]chan job), ears: make(map[*Subscription]struct{})}
	b.open, b.close = context.WithCancel(context.Background())
	for _, kind := range []bus.Kind{bus.KindSettingsRequest, bus.KindStatistics, bus.KindOutgoing} {
		b.jobs[kind] = make(chan job)
	}
	return b
}

// Publish implements [bus.Bus]. For work it returns when a worker is done with m.
func (b *Bus) Publish(ctx context.Context, m bus.Message) error {
	if b.open.Err() != nil {
		return bus.ErrClosed
	}
	data, err := bus.Append(make([]byte, 0, 640), m) // room for a usual chat message
	if err != nil {
		return err
	}
	kind := m.Kind()
	if kind.Work() {
		return b.publishWork(ctx, kind, data)
	}
	b.tell(letter{kind: kind, from: addressOf(m), data: data})
	return nil
}

// addressOf returns whose followers hear m; settings, which everybody hears, have none.
func addressOf(m bus.Message) bus.Address {
	switch m := m.(type) {
	case bus.Event:
		return bus.ConversationAddress(m.Room)
	case bus.Signal:
		return m.Address()
	}
	return bus.Address{}
}

// tell puts l into the inbox of everybody who hears it.
func (b *Bus) tell(l letter) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for ear := range b.ears {
		if ear.hears(l) {
			ear.inbox.put(l)
		}
	}
}

// Subscribe implements [bus.Bus].
func (b *Bus) Subscribe(h bus.Handler) (bus.Subscription, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open.Err() != nil {
		return nil, bus.ErrClosed
	}
	s := newSubscription(b, h)
	b.ears[s] = struct{}{}
	go s.listen()
	return s, nil
}

func (b *Bus) forget(s *Subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.ears, s)
}

// Work implements [bus.Bus]. The context that fn gets ends when the bus closes.
func (b *Bus) Work(kind bus.Kind, fn func(context.Context, bus.Message) error) (stop func(), err error) {
	if !kind.Work() {
		return nil, fmt.Errorf("%s is not work but a hint", kind)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open.Err() != nil {
		return nil, bus.ErrClosed
	}
	stopped := make(chan struct{})
	var running sync.WaitGroup
	for range atOnce {
		running.Add(1)
		b.workers.Go(func() {
			defer running.Done()
			b.work(b.jobs[kind], stopped, fn)
		})
	}
	return sync.OnceFunc(func() {
		close(stopped)
		running.Wait()
	}), nil
}

// Close implements [bus.Bus].
func (b *Bus) Close() error {
	for _, s := range b.shut() {
		s.Close()
	}
	b.workers.Wait()
	return nil
}

// shut closes the bus for newcomers and returns who still listens.
func (b *Bus) shut() []*Subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.close()
	var all []*Subscription
	for s := range b.ears {
		all = append(all, s)
	}
	return all
}
