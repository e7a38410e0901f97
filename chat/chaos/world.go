package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"planga/chat"
)

// options say how wild it gets.
type options struct {
	length time.Duration // of everything
	each   time.Duration // of a round
	seed   uint64
	// clients are spread evenly over two apps, which have rooms conversations each, of the same names.
	clients, rooms int
	kills          float64       // per minute, on average; a fifth of them with SIGTERM
	pause          time.Duration // mean time between two faults of one connection
	pace           time.Duration // mean time between two messages of one client in one conversation
	deeds          time.Duration // the same of anything else that it does
	steady         bool          // clients never leave, nap or reconnect of their own accord
	noticing       time.Duration // how long a lost last event may stay unnoticed
	binary         string        // "" builds it
}

// world is a server, a proxy before it, and what is known of both.
type world struct {
	options
	sites   []site
	server  *server
	proxy   *proxy
	witness *witness
	rng     *rand.Rand

	killed, stopped, rounds int
	slowest                 time.Duration // stop under load
	stored                  int
	revs                    int64
}

// open builds the program if need be, and starts it on an empty data directory below dir.
func open(ctx context.Context, o options, dir string) (w *world, err error) {
	w = &world{options: o, rng: rand.New(rand.NewPCG(o.seed, 0)), witness: newWitness()}
	if o.binary == "" {
		if w.binary, err = build(ctx, dir); err != nil {
			return nil, err
		}
	}
	w.server = &server{binary: w.binary, data: dir + "/data"}
	if w.server.address, err = freeAddress(); err != nil {
		return nil, err
	}
	for _, name := range []string{"Wheelhouse", "Orchard"} {
		a, err := w.server.createApp(ctx, name)
		if err != nil {
			return nil, err
		}
		w.sites = append(w.sites, a)
	}
	if w.proxy, err = newProxy(w.server.address, o.seed, o.pause); err != nil {
		return nil, err
	}
	if err = w.server.start(); err != nil {
		w.proxy.close()
	}
	return w, err
}

func (w *world) close() {
	w.proxy.close()
	_ = w.server.kill() // whether it still runs or not
}

func (w *world) siteOf(room chat.Room) site {
	for _, a := range w.sites {
		if a.id == room.App {
			return a
		}
	}
	panic("a room of no app")
}

// run goes on until the time is up, and returns the first violation.
func (w *world) run(ctx context.Context) error {
	for end := time.Now().Add(w.length); ctx.Err() == nil && (w.rounds == 0 || time.Now().Before(end)); {
		if err := w.server.ready(ctx); err != nil {
			return err
		}
		w.witness.note("round %d", w.rounds+1)
		if err := w.newRound(w.rounds + 1).run(ctx); err != nil {
			return err
		}
		w.rounds++
	}
	return ctx.Err()
}

// rage lets the proxy and the killer loose for one round.
func (w *world) rage(ctx context.Context) error {
	w.proxy.be(true)
	defer w.proxy.be(false)
	over := time.NewTimer(w.each)
	defer over.Stop()
	for {
		next := time.NewTimer(w.untilKill())
		select {
		case <-next.C:
			if err := w.strike(ctx); err != nil {
				return err
			}
			continue
		case <-w.witness.failed:
			next.Stop()
			return w.witness.err()
		case <-ctx.Done():
		case <-over.C:
		}
		next.Stop()
		return errors.Join(ctx.Err(), w.server.ready(ctx))
	}
}

func (w *world) untilKill() time.Duration {
	if w.kills <= 0 {
		return w.length + time.Hour
	}
	return time.Duration(w.rng.ExpFloat64() * float64(time.Minute) / w.kills)
}

// strike ends the server and starts it again.
func (w *world) strike(ctx context.Context) error {
	if w.rng.IntN(5) == 0 {
		if err := w.server.ready(ctx); err != nil {
			return err
		}
		w.stopped++
		w.witness.note("SIGTERM")
		began := time.Now()
		if err := w.server.stop(); err != nil {
			return err
		}
		w.slowest = max(w.slowest, time.Since(began))
	} else {
		w.killed++
		w.witness.note("kill -9")
		if err := w.server.kill(); err != nil {
			return err
		}
	}
	w.witness.note("started again")
	return w.server.start()
}

// verdict is one paragraph about what was done and found.
func (w *world) verdict() string {
	var b strings.Builder
	n := &w.witness.counts
	fmt.Fprintf(&b, "seed %d: %d rounds in %s. %d clients of two apps connected %d times and joined %d times; the server was killed %d times "+
		"and stopped %d times (the slowest took %s; %d connections sent away with 1012, %d closed as too slow with 1013); connections were",
		w.seed, w.rounds, time.Since(w.witness.began).Round(time.Second), w.clients, n.connected.Load(), n.joined.Load(), w.killed, w.stopped,
		w.slowest.Round(time.Millisecond), n.restarted.Load(), n.slow.Load())
	for i, name := range faultNames {
		fmt.Fprintf(&b, " %s %d times,", name, w.proxy.faults[i].Load())
	}
	fmt.Fprintf(&b, " %d messages were acknowledged, %d repeats answered, %d deeds done, %d marks set, %d requests refused, %d pages fetched, "+
		"%d events heard. ", n.acked.Load(), n.repeats.Load(), n.deeds.Load(), n.marks.Load(), n.refused.Load(), n.fetched.Load(), n.heard.Load())
	return b.String()
}
