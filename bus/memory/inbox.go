package memory

import (
	"sync"

	"planga/bus"
)

// What may wait for one subscription: some tenths of a second of a busy node. Beyond it, hints are dropped.
const (
	maxWaiting      = 8192
	maxWaitingBytes = 16 << 20
)

// letter is an encoded hint. Nobody changes data.
type letter struct {
	kind bus.Kind
	from bus.Address
	data []byte
}

// inbox holds what waits for one subscription. Putting in never blocks.
type inbox struct {
	ready chan struct{} // has a value when there is something to take

	mu      sync.Mutex
	letters []letter // guarded by mu, like all below
	bytes   int
	lost    bool // a letter was dropped since the last take
}

// put adds l, or drops it if too much waits already.
func (i *inbox) put(l letter) {
	i.mu.Lock()
	if len(i.letters) < maxWaiting && i.bytes+len(l.data) <= maxWaitingBytes {
		i.letters = append(i.letters, l)
		i.bytes += len(l.data)
	} else {
		i.lost = true
	}
	i.mu.Unlock()
	select {
	case i.ready <- struct{}{}:
	default: // it has been told already
	}
}

// take returns what waits, and whether something was dropped after it. The inbox goes on with the room of
// done, which the caller no longer needs.
func (i *inbox) take(done []letter) (letters []letter, lost bool) {
	clear(done)
	i.mu.Lock()
	defer i.mu.Unlock()
	letters, lost = i.letters, i.lost
	i.letters, i.bytes, i.lost = done[:0], 0, false
	return letters, lost
}
