package chat

import (
	"context"
	"time"
)

// Conversation is the head of a conversation.
type Conversation struct {
	Room      Room
	Epoch     string // differs after a restore from an older backup; clients then start afresh
	Rev       int64  // of the last durable change; 0 before the first
	HeadSeq   int64  // of the newest message; 0 if there is none
	OldestSeq int64  // of the oldest message that is still kept; HeadSeq+1 if there is none
	ReadOnly  bool
	Topic     string
	CreatedAt time.Time
}

// Entry is somebody stepping into a conversation.
type Entry struct {
	Room     Room
	User     User
	Role     *Role  // nil leaves the role as it is
	Others   []User // further people who belong to it, added if missing
	Admit    bool   // create the conversation and the participant where missing
	At       time.Time
	Announce Announcements
}

// Announcements says which outgoing events of an entry somebody listens to.
type Announcements struct{ Created, Joined bool }

// Entered is the outcome of an [Entry]. Changed lists the participants who are new or differ from before, in the
// order of their rev; it is empty when somebody merely comes back.
type Entered struct {
	Conversation Conversation
	Participant  Participant
	Created      bool
	Changed      []Participant
}

// Query asks for a page of a conversation. At most one of BeforeSeq, AfterSeq and AfterRev is set; with none, the
// page holds the newest messages.
type Query struct {
	BeforeSeq *int64 // messages with a smaller seq, the newest of them
	AfterSeq  *int64 // messages with a larger seq, the oldest of them
	AfterRev  *int64 // messages and participants changed since, in the order of their rev
	Limit     int    // messages, 1 to MaxPage
	MaxBytes  int    // stop before the messages' sizes exceed this; at least one is returned; 0 for no bound
	People    int    // with the newest messages: also up to so many participants, the most recently joined
}

// MaxPage is the largest page, in messages.
const MaxPage = 200

// Page is one consistent picture of a conversation: what it holds belongs together, whatever is written meanwhile.
// Messages ascend by seq, or by rev for [Query.AfterRev]. More tells that the limit cut the page short. For AfterRev,
// Participants holds those changed since (with rev up to the last message's if More), for a page of the newest messages those of
// [Query.People] in the order of joining.
type Page struct {
	Conversation Conversation
	Messages     []Message
	Participants []Participant
	More         bool

	// Quoted is what replies among Messages answer and the page does not hold. [Service] adds it, as of a moment later.
	Quoted []Message
}

// Unread is one line of a user's inbox.
type Unread struct {
	Conversation Conversation
	Participant  Participant
	Last         *Message // the newest message, nil if there is none
}

// Count is how many messages wait: those after the read mark.
func (u Unread) Count() int64 { return max(0, u.Conversation.HeadSeq-u.Participant.ReadSeq) }

// Conversations keeps conversations, their participants and messages. All methods may be called at once from many
// goroutines. A method that changes something returns only after the change is durable; a failed or cancelled one
// may or may not have happened, and repeating it is safe. A store that cannot write answers [StorageUnavailable]
// and recovers by itself. Seq and rev are assigned in the storing transaction, without gaps.
type Conversations interface {
	// Enter makes sure of the conversation and the participant, and brings name, avatar and role up to date.
	// A new participant has read everything so far. It writes nothing (and takes no rev) when nothing differs.
	// Each changed or new participant takes one rev. Without Admit, [NotFound] if either is missing.
	Enter(ctx context.Context, e Entry) (Entered, error)

	// Post stores d and moves the author's read mark to it. A repeat of (room, author, client id) with the same
	// fingerprint returns the stored message as it is now and dup true, also when posting is no longer allowed;
	// another fingerprint is [ClientIDConflict]. The author must be a participant ([Forbidden] otherwise) and
	// [Draft.Allowed]. [NotFound] if the conversation, or the message replied to, does not exist in this room.
	Post(ctx context.Context, d Draft) (m Message, dup bool, err error)

	// Amend changes a message: it hands change a copy of the message as it is, and stores the outcome under the next rev.
	// change must be pure: it may run several times, and its error is returned as it is, with nothing stored.
	// Identity, seq, client id, author and sent time are kept whatever change does. If nothing differs, changed is
	// false and no rev is taken. [NotFound] if there is no such message in this room.
	Amend(ctx context.Context, r Room, id MessageID, announce EventType, change func(*Message) error) (m Message, changed bool, err error)

	// AmendParticipant changes a participant's role or ban in the same way. [NotFound] if there is none.
	AmendParticipant(ctx context.Context, r Room, id UserID, announce EventType, change func(*Participant) error) (p Participant, changed bool, err error)

	// MarkRead moves the read mark forward to seq, but never back and never beyond the head, and returns where it
	// stands; moved tells whether it moved. It takes no rev. [NotFound] if there is no such participant.
	MarkRead(ctx context.Context, r Room, id UserID, seq int64) (at int64, moved bool, err error)

	// Read returns a page. [NotFound] if the conversation does not exist.
	Read(ctx context.Context, r Room, q Query) (Page, error)

	// Message returns one message. [NotFound] if there is none in this room.
	Message(ctx context.Context, r Room, id MessageID) (Message, error)

	// Participant returns one participant. [NotFound] if there is none.
	Participant(ctx context.Context, r Room, id UserID) (Participant, error)

	// Participants returns up to limit participants, the most recently joined last. [NotFound] if the
	// conversation does not exist.
	Participants(ctx context.Context, r Room, limit int) ([]Participant, error)

	// Heads returns the heads of those rooms that exist, in any order.
	Heads(ctx context.Context, rooms []Room) ([]Conversation, error)

	// Inbox returns up to limit conversations in which the user participates, the most recently changed first.
	Inbox(ctx context.Context, app AppID, user UserID, limit int) ([]Unread, error)
}
