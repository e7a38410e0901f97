package dashboard

import (
	"context"
	"log/slog"
	"time"

	"planga/bus"
	"planga/chat"
)

// teller tells the chat what the apps are: all of them at start and when a node asks, and each that changes. It looks at the
// store rather than at who changed it, so that changes by another process count as well as those by a page.
type teller struct {
	apps  Apps
	bus   bus.Bus
	log   *slog.Logger
	every time.Duration

	nudges chan struct{} // buffered by one: look now
	all    chan struct{} // buffered by one: tell all again
}

func newTeller(apps Apps, b bus.Bus, log *slog.Logger, every time.Duration) *teller {
	return &teller{apps: apps, bus: b, log: log, every: every, nudges: make(chan struct{}, 1), all: make(chan struct{}, 1)}
}

// nudge makes the teller look at once. It never blocks.
func (t *teller) nudge() { signal(t.nudges) }

// tellAll makes the teller tell every app again. It never blocks.
func (t *teller) tellAll() { signal(t.all) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting already, and will see this too
	}
}

// run tells until ctx ends. It owns the newest revision told.
func (t *teller) run(ctx context.Context) {
	tick := time.NewTicker(t.every)
	defer tick.Stop()
	told := t.tell(ctx, 0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.all:
			told = t.tell(ctx, 0)
		case <-t.nudges:
			told = t.tell(ctx, told)
		case <-tick.C:
			told = t.tell(ctx, told)
		}
	}
}

// tell publishes what is newer than told, the earliest change first, and returns the newest revision published.
// After a failure the rest is tried again at the next look.
func (t *teller) tell(ctx context.Context, told int64) int64 {
	apps, err := t.apps.Settings(ctx, told)
	if err != nil && ctx.Err() == nil {
		t.log.Error("settings cannot be read", "error", err)
	}
	for _, app := range apps {
		if err := t.publish(ctx, app); err != nil {
			if ctx.Err() == nil {
				t.log.Error("settings cannot be published", "app", app.ID, "error", err)
			}
			return told
		}
		told = max(told, app.Revision)
	}
	return told
}

func (t *teller) publish(ctx context.Context, app chat.App) error {
	return t.bus.Publish(ctx, bus.Settings{App: app})
}
