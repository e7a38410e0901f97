// Package bench loads a running Planga server from outside, through real sockets, and says what it bore.
//
// Posts are due at fixed times whether or not earlier ones were answered (an open loop), and latency counts from when a
// message was due, so a server that stalls cannot hide it. Run it on a machine of its own for absolute figures; on
// one machine the CPU seconds per message are the fairest figure.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options says which load to make.
type Options struct {
	URL          string                                          // of the server: http(s)://host[:port]
	Token        func(user, conversation string) (string, error) // signs a visitor's token; called once per connection
	MetricsToken string                                          // for /metrics if the server is not on loopback
	Rooms        int                                             // conversations
	Members      int                                             // connections in each
	Rate         int                                             // posts per second over all; 0: closed loop, as fast as answers come
	Senders      int                                             // closed loop: how many post at once
	Duration     time.Duration
	Out          io.Writer
}

// Result is what a run measured.
type Result struct {
	Connections   int
	Connecting    time.Duration
	Posted        int64
	Acked         int64
	Refused       int64
	FirstRefusal  string
	Delivered     int64
	Expected      int64 // deliveries
	Elapsed       time.Duration
	Ack, Delivery struct{ P50, P99, Max time.Duration }
	ConnectCPU    float64 // server CPU seconds per connection
	ServerCPU     float64 // server CPU seconds in the run; negative if /metrics could not be read
	ClientCPU     float64
	IdleBytes     float64 // server memory per connection before the posts
}

type run struct {
	Options
	start     time.Time
	clients   []*client
	acks      latencies
	delivered latencies
	posted    atomic.Int64
	refused   atomic.Int64
	refusal   atomic.Pointer[string]
	serial    atomic.Int64
	turns     []chan struct{} // closed loop: an answer gives its sender the next turn
	readers   sync.WaitGroup
	closing   atomic.Bool // by us, not by the server
}

// Run makes the load and returns what it measured. It stops early when ctx ends.
func Run(ctx context.Context, o Options) (Result, error) {
	r := &run{Options: o}
	if err := r.check(); err != nil {
		return Result{}, err
	}
	before, metricsErr := serverUsage(ctx, o.URL, o.MetricsToken)
	began := time.Now()
	err := r.connect(ctx)
	defer r.close()
	if err != nil {
		return Result{}, err
	}
	res := Result{Connections: len(r.clients), Connecting: time.Since(began), ServerCPU: -1}
	idle, _ := serverUsage(ctx, o.URL, o.MetricsToken)

	r.start = time.Now()
	r.readAll()
	ownBefore := ownCPU()
	r.load(ctx)
	r.settle(ctx)
	res.Elapsed = time.Since(r.start)
	res.ClientCPU = (ownCPU() - ownBefore).Seconds()
	after, _ := serverUsage(context.WithoutCancel(ctx), o.URL, o.MetricsToken)
	r.close()
	r.readers.Wait()

	r.fill(&res)
	if metricsErr == nil {
		n := float64(len(r.clients))
		res.ConnectCPU = (idle.cpu - before.cpu) / n
		res.IdleBytes = (idle.resident - before.resident) / n
		res.ServerCPU = after.cpu - idle.cpu
		if o.Rate == 0 && o.Senders == 0 { // nothing but heartbeats: what it costs to be there
			res.IdleBytes = (after.resident - before.resident) / n
		}
	}
	return res, nil
}

func (r *run) check() error {
	r.URL = strings.TrimSuffix(r.URL, "/")
	if !strings.HasPrefix(r.URL, "http://") && !strings.HasPrefix(r.URL, "https://") {
		return fmt.Errorf("the address must begin with http:// or https://, not %q", r.URL)
	}
	if r.Rooms < 1 || r.Members < 1 || r.Duration <= 0 {
		return errors.New("rooms, members and duration must be at least 1")
	}
	return nil
}

func (r *run) fill(res *Result) {
	res.Posted, res.Acked, res.Refused = r.posted.Load(), r.acks.count.Load(), r.refused.Load()
	if f := r.refusal.Load(); f != nil {
		res.FirstRefusal = *f
	}
	res.Delivered, res.Expected = r.delivered.count.Load(), res.Acked*int64(r.Members)
	res.Ack.P50, res.Ack.P99, res.Ack.Max = r.acks.quantile(.5), r.acks.quantile(.99), r.acks.max()
	res.Delivery.P50, res.Delivery.P99, res.Delivery.Max = r.delivered.quantile(.5), r.delivered.quantile(.99), r.delivered.max()
}

// connect opens rooms × members connections, 32 at a time.
func (r *run) connect(ctx context.Context) error {
	socket := r.URL + "/socket/websocket?vsn=2.0.0"
	r.clients = make([]*client, r.Rooms*r.Members)
	r.turns = make([]chan struct{}, len(r.clients))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tag := fmt.Sprintf("%x", time.Now().UnixNano()&0xffffff)
	next := make(chan int)
	var workers sync.WaitGroup
	for range 32 {
		workers.Go(func() {
			for i := range next {
				if err := r.connectOne(ctx, socket, tag, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range r.clients {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

func (r *run) connectOne(ctx context.Context, socket, tag string, i int) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conversation := fmt.Sprintf("bench-%s-%d", tag, i%r.Rooms)
	token, err := r.Token(fmt.Sprintf("bench-%d", i), conversation)
	if err != nil {
		return err
	}
	c, err := dial(ctx, socket, token, conversation)
	if err != nil {
		return fmt.Errorf("connection %d: %w", i+1, err)
	}
	r.turns[i] = make(chan struct{}, 1)
	r.clients[i] = c
	return nil
}

func (r *run) close() {
	r.closing.Store(true)
	for _, c := range r.clients {
		if c != nil {
			c.socket.conn.Close()
		}
	}
}

func (r *run) readAll() {
	for i, c := range r.clients {
		r.readers.Go(func() {
			err := c.read(func(due time.Duration) {
				r.acks.add(time.Since(r.start) - due)
				r.turn(i)
			}, func(due time.Duration) {
				r.delivered.add(time.Since(r.start) - due)
			}, func(frame []byte) {
				r.refuse(frame)
				r.turn(i)
			})
			if !r.closing.Load() {
				r.refuse([]byte("connection lost: " + err.Error()))
			}
		})
	}
}

func (r *run) refuse(frame []byte) {
	r.refused.Add(1)
	text := fmt.Sprintf("%.300s", frame)
	r.refusal.CompareAndSwap(nil, &text)
}

func (r *run) turn(i int) {
	select {
	case r.turns[i] <- struct{}{}:
	default:
	}
}
