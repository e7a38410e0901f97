package phoenix

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the limits of an Endpoint. Zero values mean the defaults named.
type Options struct {
	// Logger gets what an operator should know; it is never given tokens or
	// payloads. Default: slog.Default().
	Logger *slog.Logger
	// RemoteAddr finds the client's address, so that a server behind trusted
	// proxies can look at their headers. Default: the TCP peer.
	RemoteAddr func(*http.Request) netip.Addr

	// FrameBytes is the longest message taken from a client. Default 64 KiB.
	FrameBytes int
	// FramesPerSecond is how many messages and pings are taken from one client,
	// after a burst of as many. Who sends faster is read no faster, and sends
	// into a full buffer in the end. Default 2000.
	FramesPerSecond int
	// Channels is how many topics one connection may have joined. Default 1000.
	Channels int
	// OutboxFrames and OutboxBytes bound what waits to be written to one
	// client. Who lets more pile up is closed with 1013. Default 256 and 1 MiB.
	OutboxFrames int
	OutboxBytes  int
	// HeartbeatTimeout closes a connection from which no message came for so
	// long. Default 60 s; it may take up to a twelfth longer.
	HeartbeatTimeout time.Duration
	// PollWindow is how long a long-poll request waits for something to
	// answer. Default 10 s.
	PollWindow time.Duration
	// DrainOver is the time over which Drain spreads the closing. Default 5 s.
	DrainOver time.Duration
}

// withDefaults fills in what is zero.
func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.RemoteAddr == nil {
		o.RemoteAddr = remoteAddr
	}
	orInt := func(n *int, byDefault int) {
		if *n <= 0 {
			*n = byDefault
		}
	}
	orTime := func(d *time.Duration, byDefault time.Duration) {
		if *d <= 0 {
			*d = byDefault
		}
	}
	orInt(&o.FrameBytes, 64<<10)
	orInt(&o.FramesPerSecond, 2000)
	orInt(&o.Channels, 1000)
	orInt(&o.OutboxFrames, 256)
	orInt(&o.OutboxBytes, 1<<20)
	orTime(&o.HeartbeatTimeout, time.Minute)
	orTime(&o.PollWindow, 10*time.Second)
	orTime(&o.DrainOver, 5*time.Second)
	return o
}

// Stats counts what an Endpoint did since it was made.
type Stats struct {
	// Connections are open now, over both transports.
	Connections int64
	// Opened connections, and handshakes that Connect refused.
	Opened, Refused int64
	// Joined counts joins answered with ok.
	Joined int64
	// FramesIn were taken from clients, FramesOut written to them.
	FramesIn, FramesOut int64
	// Overflows are connections closed with 1013, TimedOut those that sent no
	// heartbeat, Panics those closed with 1011.
	Overflows, TimedOut, Panics int64
}

// counters are Stats while they count.
type counters struct {
	connections, opened, refused, joined atomic.Int64
	framesIn, framesOut                  atomic.Int64
	overflows, timedOut, panics          atomic.Int64
}

// Endpoint accepts connections for one Application. Its methods may be called
// by many goroutines at once.
type Endpoint struct {
	app      Application
	options  Options
	registry registry
	polls    polls
	writers  writers
	stats    counters
	ids      atomic.Uint64

	// running counts the goroutines of connections.
	running sync.WaitGroup
	stop    func()
	swept   chan struct{}
}

// New makes an endpoint and starts its sweeper of silent connections, which
// Drain stops.
func New(app Application, o Options) *Endpoint {
	stop := make(chan struct{})
	e := &Endpoint{
		app:     app,
		options: o.withDefaults(),
		stop:    sync.OnceFunc(func() { close(stop) }),
		swept:   make(chan struct{}),
	}
	go e.sweep(stop)
	return e
}

// Register mounts both handlers at prefix/websocket and prefix/longpoll.
func (e *Endpoint) Register(mux *http.ServeMux, prefix string) {
	prefix = strings.TrimSuffix(prefix, "/")
	mux.HandleFunc(prefix+"/websocket", e.ServeWebSocket)
	mux.HandleFunc(prefix+"/longpoll", e.ServeLongPoll)
}

// Stats reads the counters.
func (e *Endpoint) Stats() Stats {
	s := &e.stats
	return Stats{
		Connections: s.connections.Load(), Opened: s.opened.Load(), Refused: s.refused.Load(),
		Joined: s.joined.Load(), FramesIn: s.framesIn.Load(), FramesOut: s.framesOut.Load(),
		Overflows: s.overflows.Load(), TimedOut: s.timedOut.Load(), Panics: s.panics.Load(),
	}
}

// Drain refuses new connections with 503 and closes the open ones with 1012,
// in batches spread over Options.DrainOver, so that their clients do not all
// return at once. It returns when all are gone. When ctx ends first the
// remaining ones are cut, waited for, and ctx's error is returned. A second
// call does the same for what is left.
func (e *Endpoint) Drain(ctx context.Context) error {
	e.registry.close()
	e.closeInBatches(ctx)
	done := make(chan struct{})
	go func() {
		e.running.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
		for _, c := range e.registry.all() {
			c.Close(closeRestart, "restart")
			c.link.cut()
		}
		<-done
	}
	e.stop()
	<-e.swept
	return err
}

// closeInBatches closes all connections, a hundredth of them at a time.
func (e *Endpoint) closeInBatches(ctx context.Context) {
	const batches = 100
	all := e.registry.all()
	if len(all) == 0 {
		return
	}
	size := (len(all) + batches - 1) / batches
	tick := time.NewTicker(max(e.options.DrainOver/batches, 1))
	defer tick.Stop()
	for i, c := range all {
		if i > 0 && i%size == 0 {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		c.Close(closeRestart, "restart")
	}
}

// newConn makes the connection that a handshake is about.
func (e *Endpoint) newConn(h *Handshake) *Conn {
	c := &Conn{
		id: e.ids.Add(1), endpoint: e,
		version: h.Version, transport: h.Transport, addr: h.RemoteAddr,
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// open makes a connection live. It fails when the endpoint is draining.
func (e *Endpoint) open(c *Conn, session Session, l link) bool {
	c.seen.Store(time.Now().UnixNano())
	c.session = session
	kick := false
	ok := e.registry.add(c, func() {
		e.running.Add(1)
		e.stats.opened.Add(1)
		e.stats.connections.Add(1)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.link = l
		if c.closing != nil { // closed while it was connecting
			l.closing()
			kick = c.outbox.claim()
		}
	})
	c.afterQueue(kick)
	return ok
}

// close forgets a connection that has finished.
func (e *Endpoint) close(c *Conn) {
	e.registry.remove(c)
	e.stats.connections.Add(-1)
	e.running.Done()
}
