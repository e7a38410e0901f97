package memory

import (
	"context"
	"fmt"
	"time"

	"planga/bus"
)

const (
	atOnce     = 4 // messages that one worker is given at once
	firstPause = 50 * time.Millisecond
	maxPause   = 10 * time.Second
)

// job is one try to have a message worked on.
type job struct {
	kind   bus.Kind
	data   []byte
	result chan error // has room for the one result, so a worker never waits for a publisher that left
}

// publishWork hands a message to workers, again and again, until one is done with it. The publisher waits
// itself, so there is no queue that could be lost or grow.
func (b *Bus) publishWork(ctx context.Context, kind bus.Kind, data []byte) error {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		failure, err := b.hand(ctx, job{kind, data, make(chan error, 1)})
		if err != nil || failure == nil {
			return err
		}
		if err := b.wait(ctx, pause); err != nil {
			return fmt.Errorf("%w; the last try failed: %w", err, failure)
		}
	}
}

// hand gives j to one worker. A failure is the worker's; an error says that no result came.
func (b *Bus) hand(ctx context.Context, j job) (failure, err error) {
	select {
	case b.jobs[j.kind] <- j:
	case <-ctx.Done():
		return nil, fmt.Errorf("nobody works on %s: %w", j.kind, ctx.Err())
	case <-b.open.Done():
		return nil, bus.ErrClosed
	}
	select {
	case failure := <-j.result:
		return failure, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("still working on %s: %w", j.kind, ctx.Err())
	}
}

func (b *Bus) wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-b.open.Done():
		return bus.ErrClosed
	}
}

// work does jobs one after the other until it is stopped or the bus closes.
func (b *Bus) work(jobs <-chan job, stopped <-chan struct{}, fn func(context.Context, bus.Message) error) {
	for {
		select {
		case <-stopped:
			return
		case <-b.open.Done():
			return
		case j := <-jobs:
			j.result <- b.do(j, fn)
		}
	}
}

// do decodes the message anew for each try, so that nothing a failed try did to it is left.
func (b *Bus) do(j job, fn func(context.Context, bus.Message) error) error {
	m, err := bus.Decode(j.kind, j.data)
	if err != nil {
		return err
	}
	return fn(b.open, m)
}
