package dashboard

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"planga/bus"
	"planga/chat"
)

// Run takes part in the conversation with the chat until ctx ends: it tells the apps, counts statistics, hears of first
// messages, and forgets what is old. It returns nil when ctx ends, and an error if the bus takes no workers.
func (d *Dashboard) Run(ctx context.Context) error {
	for kind, work := range map[bus.Kind]func(context.Context, bus.Message) error{
		bus.KindSettingsRequest: d.onSettingsRequest,
		bus.KindStatistics:      d.onStatistics,
		bus.KindOutgoing:        d.onOutgoing,
	} {
		stop, err := d.bus.Work(kind, work)
		if err != nil {
			return fmt.Errorf("work on %s: %w", kind, err)
		}
		defer stop()
	}
	var group sync.WaitGroup
	group.Go(func() { d.teller.run(ctx) })
	group.Go(func() { d.forget(ctx) })
	group.Wait()
	return nil
}

// onSettingsRequest answers a chat node that has just started or lost its way.
func (d *Dashboard) onSettingsRequest(context.Context, bus.Message) error {
	d.teller.tellAll()
	return nil
}

func (d *Dashboard) onStatistics(ctx context.Context, m bus.Message) error {
	s, ok := m.(bus.Statistics)
	if !ok {
		return fmt.Errorf("%T is no statistics", m)
	}
	return d.store.RecordStatistics(ctx, s.Statistics, d.now())
}

// onOutgoing keeps an app's first message. The chat tells of messages only until it is known, so plain chat pays nothing.
func (d *Dashboard) onOutgoing(ctx context.Context, m bus.Message) error {
	o, ok := m.(bus.Outgoing)
	if !ok {
		return fmt.Errorf("%T is no outgoing event", m)
	}
	if o.Type != chat.OnMessageCreated || o.Message == nil {
		return nil
	}
	first := FirstMessage{At: o.At, Author: o.Message.Author.Name, Conversation: o.Room.Conversation}
	if first.Author == "" {
		first.Author = string(o.Message.Author.ID)
	}
	if err := d.store.RecordFirst(ctx, o.Room.App, first); err != nil {
		return err
	}
	d.teller.nudge()
	return nil
}

// forget removes old statistics and sessions, at start and every hour.
func (d *Dashboard) forget(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		now := d.now()
		err := errors.Join(d.store.PruneStatistics(ctx, now), d.store.EndOldSessions(ctx, now.Add(-sessionLife), now.Add(-sessionIdle)))
		if err != nil && ctx.Err() == nil {
			d.log.Error("old data cannot be removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
