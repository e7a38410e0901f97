// Package bus is the contract between chat nodes and the dashboard: the kinds of message, their bytes, and what a
// carrier promises. The carriers are bus/memory and, for several machines, bus/rabbitmq.
//
// There are two classes of delivery. A hint (conversation event, signal, app settings) reaches every subscribed node at
// most once; what is lost is healed from the store, or asked for again. Work (settings request, statistics, outgoing
// event) reaches one worker at least once, and is acknowledged when the worker is done.
package bus

import (
	"context"
	"errors"

	"planga/chat"
)

// Message is one of the kinds: [Settings], [SettingsRequest], [Event], [Signal], [Statistics], [Outgoing].
type Message interface {
	// Kind tells which of the kinds it is.
	Kind() Kind
}

// Kind names a kind of message.
type Kind string

// The kinds.
const (
	KindSettings        Kind = "app_settings"
	KindSettingsRequest Kind = "app_settings_request"
	KindEvent           Kind = "conversation_event"
	KindSignal          Kind = "signal"
	KindStatistics      Kind = "statistics"
	KindOutgoing        Kind = "outgoing_event"
)

// Work reports whether the kind is delivered at least once to one worker; else it is a hint to every subscriber.
func (k Kind) Work() bool {
	return k == KindSettingsRequest || k == KindStatistics || k == KindOutgoing
}

// Settings tells every chat node what an app is now. Hint; idempotent by revision.
type Settings struct{ App chat.App }

// SettingsRequest asks the dashboard to publish the settings of all apps. Work.
type SettingsRequest struct{ Node string }

// Event tells the nodes that follow its room what happened in it. Hint.
type Event struct{ chat.Event }

// Signal tells the nodes that follow its address something fleeting. Hint.
type Signal struct{ chat.Signal }

// Statistics tells the dashboard what a node saw. Work; idempotent by node and interval.
type Statistics struct{ chat.Statistics }

// Outgoing tells the dashboard an event for webhooks, moderation and audit. Work; idempotent by event id.
type Outgoing struct{ chat.Outgoing }

// Kind implements [Message].
func (Settings) Kind() Kind { return KindSettings }

// Kind implements [Message].
func (SettingsRequest) Kind() Kind { return KindSettingsRequest }

// Kind implements [Message].
func (Event) Kind() Kind { return KindEvent }

// Kind implements [Message].
func (Signal) Kind() Kind { return KindSignal }

// Kind implements [Message].
func (Statistics) Kind() Kind { return KindStatistics }

// Kind implements [Message].
func (Outgoing) Kind() Kind { return KindOutgoing }

// Address is what a subscriber follows: one conversation, or one user. Comparable.
type Address struct {
	App          chat.AppID
	Conversation chat.ConversationID // or
	User         chat.UserID
}

// ConversationAddress is where a conversation's events and signals go.
func ConversationAddress(r chat.Room) Address {
	return Address{App: r.App, Conversation: r.Conversation}
}

// UserAddress is where signals to one user go.
func UserAddress(app chat.AppID, user chat.UserID) Address { return Address{App: app, User: user} }

// Address returns where the signal goes.
func (s Signal) Address() Address {
	if s.ToUser {
		return UserAddress(s.Room.App, s.User.ID)
	}
	return ConversationAddress(s.Room)
}

// Handler receives the hints of one subscription. Its functions are called one at a time, in the order of sending per
// publisher and address, and must not block for long; nil ones are not called. What they get is theirs to keep.
type Handler struct {
	Settings func(chat.App)
	Event    func(chat.Event)
	Signal   func(chat.Signal)
	// Lost is called when hints may have been lost (overload, a reconnection), so that the receiver heals at once
	// instead of at its next sweep, and asks for the settings again.
	Lost func()
}

// Subscription is one node's ear. Settings come to every subscription; events and signals only from followed addresses.
type Subscription interface {
	// Follow starts delivery from the address. When it returns, everything published after that is delivered (as a hint).
	// Following what is followed changes nothing.
	Follow(ctx context.Context, a Address) error
	// Unfollow ends delivery from the address. Unfollowing what is not followed changes nothing.
	Unfollow(a Address)
	// Close ends the subscription and waits for its handler to return. Safe to call twice, not from the handler.
	Close() error
}

// ErrClosed is the error of a bus, or a subscription, that has been closed.
var ErrClosed = errors.New("the bus is closed")

// Bus carries messages. All methods may be called at once from many goroutines.
type Bus interface {
	// Publish sends m. For a hint it returns when m is handed over, and drops rather than blocks. For work it returns nil only
	// when losing this process no longer loses m: when the carrier has confirmed it, or (in-process) when a worker is done
	// with it. Work without a worker waits for one until ctx ends. The message is encoded before Publish returns, so
	// the caller may change it afterwards. A message that cannot be encoded within the bounds is an error.
	Publish(ctx context.Context, m Message) error

	// Subscribe starts a node's ear.
	Subscribe(h Handler) (Subscription, error)

	// Work gives work of one kind to fn, a few at once, until stop is called; stop waits for running ones. An error from fn gives
	// the message back, to be tried again after a growing pause. Several workers of a kind share its messages.
	Work(kind Kind, fn func(context.Context, Message) error) (stop func(), err error)

	// Close stops delivery and waits for handlers and workers. Publish then fails. Safe to call twice.
	Close() error
}
