package phoenix

import (
	"runtime"
	"sync"
)

// writers write to the sockets that have something waiting. There are at most
// as many as processors, and none when nothing waits. They never wait for a
// client: whom the kernel takes no more from gets a goroutine of its own until
// it does. So a broadcast to thousands starts no thousands of goroutines, and
// what comes while a socket stands in the queue goes out with the same write.
type writers struct {
	mu     sync.Mutex
	queue  []*socket
	next   int
	active int
}

// add queues a socket whose outbox has been claimed, and reports whether the
// caller must start another writer.
func (w *writers) add(s *socket) (start bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, s)
	if w.active >= runtime.GOMAXPROCS(0) {
		return false
	}
	w.active++
	return true
}

// take hands over the socket that has waited longest, or nil, which ends the
// writer. It is one at a time, because a writer may itself be made to wait, by
// the operating system, with whatever it has taken.
func (w *writers) take() *socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == len(w.queue) {
		w.active--
		if w.queue, w.next = w.queue[:0], 0; cap(w.queue) > keepSockets {
			w.queue = nil
		}
		return nil
	}
	s := w.queue[w.next]
	w.queue[w.next] = nil
	if w.next++; w.next > len(w.queue)/2 && w.next > keepSockets {
		w.queue, w.next = append(w.queue[:0], w.queue[w.next:]...), 0
	}
	return s
}

// keepSockets is how long a queue is kept when it is empty.
const keepSockets = 1 << 14

// write is one writer.
func (e *Endpoint) write() {
	defer e.running.Done()
	try := newAttempt()
	for s := e.writers.take(); s != nil; s = e.writers.take() {
		s.drainNow(try)
	}
}
