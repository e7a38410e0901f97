package bus

import (
	"context"
	"log/slog"
	"time"

	"planga/chat"
)

// askTimeout is how long one request for settings waits for the dashboard to answer.
const askTimeout = 10 * time.Second

// LearnApps hands every app that the dashboard tells of to apply, until ctx ends. It asks for all of them at the start, and
// again when messages may have been lost. While the dashboard is away the node works with what it knows.
func LearnApps(ctx context.Context, b Bus, node string, apply func(context.Context, chat.App) error, log *slog.Logger) error {
	lost := make(chan struct{}, 1)
	lost <- struct{}{}
	ear, err := b.Subscribe(Handler{
		Settings: func(a chat.App) {
			if err := apply(ctx, a); err != nil {
				log.Warn("settings of an app were taken over but not kept", "app", a.ID, "error", err)
			}
		},
		Lost: func() {
			select {
			case lost <- struct{}{}:
			default:
			}
		},
	})
	if err != nil {
		return err
	}
	defer ear.Close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-lost:
			askSettings(ctx, b, node, log)
		}
	}
}

func askSettings(ctx context.Context, b Bus, node string, log *slog.Logger) {
	for ctx.Err() == nil {
		asking, cancel := context.WithTimeout(ctx, askTimeout)
		err := b.Publish(asking, SettingsRequest{Node: node})
		cancel()
		if err == nil {
			return
		}
		log.Info("the dashboard does not answer; working with the apps already known", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
