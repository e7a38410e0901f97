package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// load posts for the run's duration, while every connection sends its heartbeat each 30 s.
func (r *run) load(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.Duration)
	defer cancel()
	var beats sync.WaitGroup
	beats.Go(func() { r.beat(ctx) })
	switch {
	case r.Rate > 0:
		r.openLoop(ctx)
	case r.Senders > 0:
		r.closedLoop(ctx)
	}
	<-ctx.Done()
	beats.Wait()
}

// beat spreads the heartbeats evenly, so that they do not come as a storm.
func (r *run) beat(ctx context.Context) {
	gap := 30 * time.Second / time.Duration(len(r.clients))
	tick := time.NewTicker(max(gap, time.Millisecond))
	defer tick.Stop()
	due := 0.0
	last := time.Now()
	for i := 0; ; {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for due += float64(now.Sub(last)) / float64(gap); due >= 1; due-- {
				_ = r.clients[i%len(r.clients)].heartbeat() // a lost connection shows in its reader
				i++
			}
			last = now
		}
	}
}

// openLoop posts each message when it is due. A few writers share the work, so one blocked socket delays only its own.
func (r *run) openLoop(ctx context.Context) {
	const writers = 4
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			gap := time.Second * writers / time.Duration(r.Rate)
			for n := 0; ; n++ {
				due := gap*time.Duration(n) + gap*time.Duration(w)/writers
				if due >= r.Duration || !sleepUntil(ctx, r.start.Add(due)) {
					return
				}
				// Consecutive posts go to different rooms, and over time to every member.
				k := n*writers + w
				r.post(ctx, (k*7919)%len(r.clients), due)
			}
		})
	}
	all.Wait()
}

// closedLoop keeps Senders posts under way: each sender posts again when it was answered.
func (r *run) closedLoop(ctx context.Context) {
	var all sync.WaitGroup
	for s := range min(r.Senders, len(r.clients)) {
		all.Go(func() {
			for ctx.Err() == nil {
				r.post(ctx, s, time.Since(r.start))
				select {
				case <-r.turns[s]:
				case <-ctx.Done():
				}
			}
		})
	}
	all.Wait()
}

func (r *run) post(ctx context.Context, i int, due time.Duration) {
	if err := r.clients[i].post(due, fmt.Sprintf("b%d", r.serial.Add(1))); err != nil {
		if ctx.Err() == nil {
			r.refuse([]byte("post: " + err.Error()))
		}
		return
	}
	r.posted.Add(1)
}

// settle waits until everything posted was answered and delivered, at most 10 s.
func (r *run) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		answered := r.acks.count.Load() + r.refused.Load()
		if answered >= r.posted.Load() && r.delivered.count.Load() >= r.acks.count.Load()*int64(r.Members) {
			return
		}
		if !sleepUntil(ctx, time.Now().Add(20*time.Millisecond)) {
			return
		}
	}
}

func sleepUntil(ctx context.Context, t time.Time) bool {
	wait := time.Until(t)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
