package chat

import (
	"context"
	"time"
)

// EventKind names what a broadcast event tells; the values are the event names of the wire.
type EventKind string

// The kinds of event. All but MessageRead carry a rev.
const (
	MessagePosted      EventKind = "message"
	MessageChanged     EventKind = "message_changed"
	ParticipantChanged EventKind = "participant_changed"
	MessageRead        EventKind = "read" // takes no rev
)

// Event is something that happened in a conversation, told to all nodes with listeners. A hint: it may be lost,
// and then the store heals it by rev.
type Event struct {
	Room        Room
	Kind        EventKind
	Rev         int64        // 0 for MessageRead
	Message     *Message     // for MessagePosted and MessageChanged
	Participant *Participant // for ParticipantChanged; for MessageRead only ID and ReadSeq
}

// SignalKind names a fleeting thing.
type SignalKind string

// The kinds of signal.
const (
	Typing       SignalKind = "typing"
	PresenceJoin SignalKind = "presence_join"
	PresenceLeft SignalKind = "presence_leave"
	PresenceAsk  SignalKind = "presence_ask" // a node asks the others who is there
	Invited      SignalKind = "invited"      // to a user: a conversation has been added to the inbox
	Kicked       SignalKind = "kicked"       // to a user: their sockets in this conversation close
)

// Signal is fleeting: typing, presence, a nudge to one user. It is never stored and may be lost.
type Signal struct {
	Kind   SignalKind
	Room   Room   // the conversation it is about
	User   User   // whom it is about
	ToUser bool   // addressed to User's own topic instead of the conversation
	Node   string // the sending node
	Ref    string // presence: one connection's reference
	At     time.Time
}

// Publisher carries events and signals to all nodes. Both are hints: an error or a loss harms nobody for long. They return
// when the message is handed over, not when it has arrived, and never block for long. Called at once from many goroutines.
type Publisher interface {
	PublishEvent(ctx context.Context, e Event) error
	PublishSignal(ctx context.Context, s Signal) error
}

// EventType names an outgoing event: what webhooks and the moderation queue are told.
type EventType string

// The outgoing events.
const (
	OnMessageCreated      EventType = "message.created"
	OnMessageEdited       EventType = "message.edited"
	OnMessageDeleted      EventType = "message.deleted"
	OnMessageHidden       EventType = "message.hidden"
	OnMessageReported     EventType = "message.reported"
	OnConversationCreated EventType = "conversation.created"
	OnParticipantJoined   EventType = "participant.joined"
	OnParticipantBanned   EventType = "participant.banned"
	OnParticipantUnbanned EventType = "participant.unbanned"
)

// Outgoing is an event on its way to the dashboard. The store records it in the transaction of what it tells, and keeps it
// until the bus has it safely: at least once, idempotent by ID.
type Outgoing struct {
	ID          string // UUID v7
	Type        EventType
	At          time.Time
	Room        Room
	Message     *Message
	Participant *Participant
}

// Outbox holds the outgoing events that still wait. One consumer at a time.
type Outbox interface {
	// Waiting returns up to limit events, oldest first.
	Waiting(ctx context.Context, limit int) ([]Outgoing, error)
	// Done forgets events that have been handed over. Unknown ids are ignored.
	Done(ctx context.Context, ids []string) error
	// Ready has a value whenever an event may have been recorded since the last Waiting. Never closed.
	Ready() <-chan struct{}
}
