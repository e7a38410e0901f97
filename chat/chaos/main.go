// Command chaos shows that nothing that was acknowledged is ever lost, doubled or out of order, whatever happens to connections and
// servers. It runs a real server, kills it and starts it again, lays a proxy before it that cuts, truncates, half-closes, stalls and
// delays connections, and lets clients of two sites, whose users and conversations have the same names, chat through all that. They keep
// the client's side of the contract: one unacknowledged message in flight, repeated until it is answered; changes applied in the order of their
// rev; what is missing fetched.
//
//	go run ./chat/chaos -for 1h
//
// Everything that a client is told is at once held against what everybody else was told. In the end of each round the chaos stops, nobody
// reconnects any more, and then what every member has, what history answers and what is in the database must be the same: every
// acknowledged message once, seq and rev without gaps, every edit, deletion, reaction, hide and ban, read marks not before what was
// acknowledged, unread counts right. Nothing of one conversation is ever seen in another.
//
// The same seed makes the same plans; how they meet is up to the machine. What it does not show: that data survives the loss of power.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"
)

// noticing is how long a lost last event may stay unnoticed: 15 s between heads, 5 s between sweeps, and some to spare.
const noticing = 25 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o := options{noticing: noticing}
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.DurationVar(&o.length, "for", time.Minute, "how long; the round that has begun is finished")
	flags.DurationVar(&o.each, "round", 20*time.Second, "how long the chaos of one round lasts")
	flags.Uint64Var(&o.seed, "seed", 0, "of all that is drawn (default: a new one)")
	flags.IntVar(&o.clients, "clients", 24, "connections, spread over two apps")
	flags.IntVar(&o.rooms, "rooms", 3, "conversations of each app")
	flags.Float64Var(&o.kills, "kills", 12, "how often a minute the server is killed or stopped")
	flags.DurationVar(&o.pause, "pause", 4*time.Second, "mean time between two faults of one connection")
	flags.DurationVar(&o.pace, "pace", 300*time.Millisecond, "mean time between two messages of one client in one conversation")
	flags.DurationVar(&o.deeds, "deeds", 300*time.Millisecond, "mean time between two other deeds of one client in one conversation")
	flags.StringVar(&o.binary, "server", "", "the server's program (default: it is built)")
	flags.SetOutput(out)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	if o.clients < 2 || o.rooms < 1 || o.each <= 0 || o.pause <= 0 || o.pace <= 0 || o.deeds <= 0 {
		return errors.New("there must be at least two clients and one room, and all times must be positive")
	}
	if o.seed == 0 {
		o.seed = rand.Uint64N(1e9) + 1
	}
	dir, err := os.MkdirTemp("", "planga-chaos-")
	if err != nil {
		return err
	}
	if err := wreak(ctx, o, dir, out); err != nil {
		return fmt.Errorf("seed %d, data kept in %s: %w", o.seed, dir, err)
	}
	return os.RemoveAll(dir)
}

// wreak makes the world, lets it run and tells what came of it.
func wreak(ctx context.Context, o options, dir string, out io.Writer) error {
	fmt.Fprintf(out, "seed %d\n", o.seed)
	w, err := open(ctx, o, dir)
	if err != nil {
		return err
	}
	defer w.close()
	err = w.run(ctx)
	if errors.Is(err, context.Canceled) {
		err = nil // the operator has seen enough
	}
	fmt.Fprint(out, w.verdict())
	if err == nil {
		fmt.Fprintf(out, "All %d stored messages at %d revs are there exactly once and in order, and everybody saw the same.\n", w.stored, w.revs)
	} else {
		fmt.Fprintln(out, "The contract was broken.")
	}
	return err
}
