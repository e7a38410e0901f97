package chat

import (
	"context"
	"log/slog"
	"time"
)

// Sender carries work to the dashboard: at least once. Send methods return nil only when losing this process no longer
// loses what was sent; until then they wait, no longer than ctx.
type Sender interface {
	SendOutgoing(ctx context.Context, o Outgoing) error
	SendStatistics(ctx context.Context, s Statistics) error
}

// Bounds of the relay.
const (
	relayBatch    = 100
	relayTimeout  = 30 * time.Second
	relayMaxPause = 5 * time.Second
)

// RelayOutbox moves what the outbox holds to the bus, oldest first and each at least once, until ctx ends. While the bus
// takes nothing, the events stay in the outbox and are tried again.
func RelayOutbox(ctx context.Context, box Outbox, to Sender, log *slog.Logger) {
	var pause time.Duration
	for ctx.Err() == nil {
		moved, err := relayOnce(ctx, box, to)
		if err != nil && ctx.Err() == nil {
			pause = min(max(2*pause, 50*time.Millisecond), relayMaxPause)
			log.Warn("outgoing events wait", "error", err, "retry_in", pause)
			rest(ctx, pause, nil)
			continue
		}
		pause = 0
		if moved < relayBatch {
			rest(ctx, relayMaxPause, box.Ready())
		}
	}
}

// relayOnce hands over one batch and forgets what was taken.
func relayOnce(ctx context.Context, box Outbox, to Sender) (int, error) {
	waiting, err := box.Waiting(ctx, relayBatch)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	var sent []string
	for _, o := range waiting {
		if err = to.SendOutgoing(ctx, o); err != nil {
			break
		}
		sent = append(sent, o.ID)
	}
	if len(sent) > 0 {
		// What was sent is forgotten even when the time is up, or it would be sent again for nothing.
		if forget := box.Done(context.WithoutCancel(ctx), sent); err == nil {
			err = forget
		}
	}
	return len(sent), err
}

// rest waits for d, ctx or wake, whichever is first.
func rest(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-wake:
	case <-ctx.Done():
	}
}
