package live

import (
	"context"
	"sync"
	"sync/atomic"
)

// list holds rooms that want to be looked at. A room adds itself once and is taken out with all others.
type list struct {
	mu    sync.Mutex
	rooms []*room
}

func (l *list) add(r *room) {
	l.mu.Lock()
	l.rooms = append(l.rooms, r)
	l.mu.Unlock()
}

// take empties the list.
func (l *list) take() []*room {
	l.mu.Lock()
	defer l.mu.Unlock()
	rooms := l.rooms
	l.rooms = nil
	return rooms
}

// tasks is what the hub is to do soon, so that no room needs a timer of its own.
type tasks struct {
	presence list // rooms where somebody came or went
	unread   list // rooms with watchers to be told
	heads    list // rooms where events went out since the last head
	gaps     list // rooms with a gap
	sweep    chan struct{}
	doubtful atomic.Bool                // the next sweep leaves out no room
	errands  chan func(context.Context) // reads of the store that no visitor waits for
}

func (t *tasks) init() {
	t.sweep = make(chan struct{}, 1)
	t.errands = make(chan func(context.Context), 1024)
}

// sweepNow has all rooms compared with the store.
func (t *tasks) sweepNow() {
	select {
	case t.sweep <- struct{}{}:
	default: // it is due already
	}
}

// errand has do called soon. Where too many wait it is dropped: the next sweep, or the client's next join, finds what is amiss.
func (t *tasks) errand(do func(context.Context)) {
	select {
	case t.errands <- do:
	default:
	}
}
