package live

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"planga/bus"
	"planga/chat"
	"planga/chat/phoenix"
)

// Authenticator vouches for visitors. [chat.Directory] is one.
type Authenticator interface {
	// Authenticate verifies a credential. Its error may be shown to the visitor; the cause, a [chat.Refused], may not.
	Authenticate(now time.Time, c chat.Credential) (chat.Identity, error)
	// Vouches reports whether the identity would still be given: its app exists, its key is active.
	Vouches(chat.Identity) bool
	// App returns an app that exists.
	App(chat.AppID) (chat.App, bool)
	// Watch has tell called after each change of an app.
	Watch(tell func(chat.App))
}

// Options are what a [Server] needs. All but URL, Limits and Metrics are required.
type Options struct {
	Service *chat.Service
	Gate    Authenticator
	Bus     bus.Bus
	Node    string // names this node among all; new with each start
	URL     string // the server's own address, "https://chat.example.com": its pages may always connect
	Limits  Limits
	Metrics *Metrics
	Log     *slog.Logger
	Now     func() time.Time
}

// Server puts chat on the wire: a [phoenix.Application] whose channels are conversations and users' inboxes.
type Server struct {
	service *chat.Service
	gate    Authenticator
	bus     bus.Bus
	node    string
	sign    string // precedes this node's presence references
	url     string
	limits  Limits
	metrics *Metrics
	log     *slog.Logger
	now     func() time.Time

	ear   bus.Subscription
	hub   hub
	posts *allowances
	typed *allowances // signs of typing

	refused2018 atomic.Int64 // open connections that were accepted only to be told no

	connections *register

	stop   context.CancelFunc
	ending context.Context // ends when Close is called
	done   sync.WaitGroup
}

var _ phoenix.Application = (*Server)(nil)

// Open starts a server: it listens to the bus and looks after its rooms until Close.
func Open(o Options) (*Server, error) {
	s := &Server{
		service: o.Service, gate: o.Gate, bus: o.Bus, node: o.Node, url: o.URL, limits: o.Limits.orDefault(),
		metrics: o.Metrics, log: o.Log, now: o.Now, connections: newRegister(),
	}
	s.sign = s.node[:min(8, len(s.node))] + "."
	if s.metrics == nil {
		s.metrics = NewMetrics()
	}
	s.posts, s.typed = newAllowances(s.limits.Posts, s.limits.PostBurst), newAllowances(1/typingPause.Seconds(), 1)
	s.ending, s.stop = context.WithCancel(context.Background())
	s.hub.init(s)
	ear, err := o.Bus.Subscribe(bus.Handler{Event: s.hub.hear, Signal: s.hub.sense, Lost: s.hub.doubt})
	if err != nil {
		return nil, fmt.Errorf("listen to the bus: %w", err)
	}
	s.ear = ear
	s.gate.Watch(s.closeRevoked)
	s.done.Go(s.tend)
	s.done.Go(s.hub.runErrands)
	return s, nil
}

// Close stops listening and looking after the rooms. The connections are the endpoint's: drain it before.
func (s *Server) Close() error {
	s.stop()
	err := s.ear.Close()
	s.done.Wait()
	return err
}
