package main

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// link is one connection through the proxy: end 0 is the client, end 1 the server.
type link struct {
	proxy   *proxy
	ends    [2]*net.TCPConn
	rng     *rand.Rand // used by suffer alone
	done    chan struct{}
	once    sync.Once
	wounded atomic.Bool // must not outlive hostility

	stalled [2]atomic.Int64 // by the end that is read: unix nanoseconds until which nothing is passed on
	slow    atomic.Int64    // unix nanoseconds until which every piece is delayed
	short   [2]atomic.Bool  // the next piece is cut short
}

// reset ends the link at once; what was on its way is lost.
func (l *link) reset() {
	l.once.Do(func() {
		close(l.done)
		for _, end := range l.ends {
			_ = end.SetLinger(0)
			_ = end.Close()
		}
	})
}

// pump passes on what comes from one end.
func (l *link) pump(from int) {
	source, sink := l.ends[from], l.ends[1-from]
	buffer := make([]byte, 4<<10)
	for {
		n, err := source.Read(buffer)
		if n > 0 && !l.pass(from, sink, buffer[:n]) {
			l.reset()
			return
		}
		if err == io.EOF {
			_ = sink.CloseWrite()
			l.rest(3 * time.Second) // the other direction may go on for so long
		}
		if err != nil {
			l.reset()
			return
		}
	}
}

// pass writes one piece as the link's state demands. False ends the link.
func (l *link) pass(from int, sink *net.TCPConn, piece []byte) bool {
	if !l.rest(time.Until(time.Unix(0, l.stalled[from].Load()))) {
		return false
	}
	if l.short[from].Load() {
		_, _ = sink.Write(piece[:len(piece)/2])
		l.rest(5 * time.Millisecond) // so that the part arrives before the reset
		return false
	}
	for len(piece) > 0 {
		bit := piece
		if time.Now().UnixNano() < l.slow.Load() {
			bit = piece[:min(len(piece), 100)]
			if !l.rest(3 * time.Millisecond) {
				return false
			}
		}
		if _, err := sink.Write(bit); err != nil {
			return false
		}
		piece = piece[len(bit):]
	}
	return true
}

// rest waits, and reports whether the link still lives.
func (l *link) rest(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-l.done:
		return false
	case <-timer.C:
		return true
	}
}

// suffer brings faults over the link until it ends.
func (l *link) suffer() {
	for {
		kind, after := l.proxy.next(l)
		if !l.rest(after + time.Millisecond) {
			return
		}
		if l.proxy.isHostile() {
			l.proxy.faults[kind].Add(1)
			l.strike(kind)
		}
	}
}

func (l *link) strike(kind fault) {
	direction := l.rng.IntN(2)
	switch kind {
	case cut:
		l.reset()
	case truncate:
		l.wounded.Store(true)
		l.short[direction].Store(true)
	case halfClose:
		l.wounded.Store(true)
		_ = l.ends[direction].CloseWrite()
	case stall:
		l.wounded.Store(true)
		l.stalled[direction].Store(time.Now().Add(l.upTo(4 * time.Second)).UnixNano())
	case delay:
		l.wounded.Store(true)
		l.slow.Store(time.Now().Add(l.upTo(2 * time.Second)).UnixNano())
	}
}

func (l *link) upTo(d time.Duration) time.Duration { return time.Duration(l.rng.Int64N(int64(d))) }
