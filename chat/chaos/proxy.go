package main

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// proxy lies between clients and server and treats connections badly as long as it is hostile. Seeded.
type proxy struct {
	listener net.Listener
	target   string
	pause    time.Duration // mean time between two faults of one connection
	done     chan struct{}
	running  sync.WaitGroup
	faults   [faultKinds]atomic.Int64

	mu      sync.Mutex // guards what follows
	rng     *rand.Rand
	hostile bool
	links   map[*link]struct{}
}

// fault is what can happen to a connection.
type fault int

const (
	cut       fault = iota // reset in both directions
	truncate               // reset after a part of what came next
	halfClose              // one direction ends, the other goes on for a while
	stall                  // one direction stands still for a while
	delay                  // every piece takes longer for a while, and comes in small bits
	faultKinds
)

var faultNames = [faultKinds]string{"cut", "truncated", "half-closed", "stalled", "delayed"}

// newProxy listens on a free loopback port.
func newProxy(target string, seed uint64, pause time.Duration) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{
		listener: listener, target: target, pause: pause, done: make(chan struct{}),
		rng: rand.New(rand.NewPCG(seed, 1)), links: make(map[*link]struct{}),
	}
	p.running.Go(p.accept)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// close ends all connections and waits for them.
func (p *proxy) close() {
	close(p.done)
	p.listener.Close()
	p.each(func(l *link) { l.reset() })
	p.running.Wait()
}

// be makes the proxy hostile or honest. When it becomes honest, what it has wounded is cut, so that nothing comes late.
func (p *proxy) be(hostile bool) {
	p.mu.Lock()
	p.hostile = hostile
	p.mu.Unlock()
	if !hostile {
		p.each(func(l *link) {
			if l.wounded.Load() {
				l.reset()
			}
		})
	}
}

func (p *proxy) each(do func(*link)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		do(l)
	}
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.carry(client.(*net.TCPConn)) })
	}
}

// small makes a connection hold little of what its dialler does not read, so that a client who reads nothing is soon felt by the
// server. Where the system does not take it, that takes longer.
func small(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10)
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1400)
	})
}

func (p *proxy) carry(client *net.TCPConn) {
	_ = client.SetWriteBuffer(8 << 10)
	dialer := net.Dialer{Timeout: 2 * time.Second, Control: small}
	conn, err := dialer.DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	l := &link{proxy: p, ends: [2]*net.TCPConn{client, conn.(*net.TCPConn)}, done: make(chan struct{})}
	p.mu.Lock()
	l.rng = rand.New(rand.NewPCG(p.rng.Uint64(), 2))
	p.links[l] = struct{}{}
	p.mu.Unlock()
	select {
	case <-p.done: // nobody else will end this one
		l.reset()
	default:
	}
	var pumps sync.WaitGroup
	pumps.Go(func() { l.pump(0) })
	pumps.Go(func() { l.pump(1) })
	pumps.Go(l.suffer)
	pumps.Wait()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// next draws what happens to a connection, and when; false while the proxy is honest.
func (p *proxy) next(l *link) (f fault, after time.Duration) {
	return fault(l.rng.IntN(int(faultKinds))), time.Duration(l.rng.ExpFloat64() * float64(p.pause))
}

func (p *proxy) isHostile() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hostile
}
