package live

import (
	"context"

	"planga/bus"
	"planga/chat"
)

// Carrier lets the deeds speak on a bus.
type Carrier struct{ Bus bus.Bus }

var (
	_ chat.Publisher = Carrier{}
	_ chat.Sender    = Carrier{}
)

// PublishEvent implements [chat.Publisher].
func (c Carrier) PublishEvent(ctx context.Context, e chat.Event) error {
	return c.Bus.Publish(ctx, bus.Event{Event: e})
}

// PublishSignal implements [chat.Publisher].
func (c Carrier) PublishSignal(ctx context.Context, s chat.Signal) error {
	return c.Bus.Publish(ctx, bus.Signal{Signal: s})
}

// SendOutgoing implements [chat.Sender].
func (c Carrier) SendOutgoing(ctx context.Context, o chat.Outgoing) error {
	return c.Bus.Publish(ctx, bus.Outgoing{Outgoing: o})
}

// SendStatistics implements [chat.Sender].
func (c Carrier) SendStatistics(ctx context.Context, s chat.Statistics) error {
	return c.Bus.Publish(ctx, bus.Statistics{Statistics: s})
}
