package phoenix

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
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
	// Channels is how many topics one connection may have joined. Default 1000.
	Channels int
	// OutboxFrames and OutboxBytes bound what waits to be written to one
	// client. Who lets more pile up is closed with 1013. Default 256 and 1 MiB.
	OutboxFrames int
	OutboxBytes  int
	// HeartbeatTimeout closes a connection from which nothing came for so
	// long. Default 60 s; it may take up to a twelfth longer.
	HeartbeatTimeout time.Duration
	// PollWindow is how long a long-poll request waits for something to
	// answer. Default 10 s.
	PollWindow time.Duration
	// DrainOver is the time over which Drain spreads the closing. Default 5 s.
	DrainOver time.Duration
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

// Endpoint accepts connections for one Application.
type Endpoint struct{}

// New makes an endpoint and starts its sweeper of silent connections, which
// Drain stops.
func New(app Application, o Options) *Endpoint { return &Endpoint{} }

// ServeWebSocket is the handler of /socket/websocket.
func (e *Endpoint) ServeWebSocket(w http.ResponseWriter, r *http.Request) {}

// ServeLongPoll is the handler of /socket/longpoll.
func (e *Endpoint) ServeLongPoll(w http.ResponseWriter, r *http.Request) {}

// Register mounts both handlers at prefix/websocket and prefix/longpoll.
func (e *Endpoint) Register(mux *http.ServeMux, prefix string) {}

// Drain refuses new connections with 503 and closes the open ones with 1012,
// in batches spread over Options.DrainOver, so that their clients do not all
// return at once. It returns when all are gone. When ctx ends first the
// remaining ones are cut, waited for, and ctx's error is returned. A second
// call does the same for what is left.
func (e *Endpoint) Drain(ctx context.Context) error { return nil }

// Stats reads the counters.
func (e *Endpoint) Stats() Stats { return Stats{} }
