package chat

import (
	"crypto/sha256"
	"time"
)

// MaxBody is the longest message body, in Unicode code points.
const MaxBody = 4096

// MessageKind tells what people wrote from what the system says.
type MessageKind string

// The kinds of message.
const (
	Text   MessageKind = "text"
	System MessageKind = "system"
)

// Author is who wrote a message, as they were when they wrote it.
type Author struct {
	User
	Role Role
}

// Attachment is a file that belongs to a message.
type Attachment struct {
	ID            string
	Name          string
	Type          string // media type, sniffed by the server
	Size          int64  // bytes
	Width, Height int    // pixels; 0 if it is not an image
}

// Message is one stored message. Times are UTC, cut to the millisecond. A zero time means "never".
type Message struct {
	ID          MessageID
	Seq         int64 // 1, 2, 3 … in its conversation, without gaps
	Rev         int64 // the conversation's rev when this message last changed
	ClientID    ClientID
	Author      Author
	Kind        MessageKind
	Body        string
	ReplyTo     MessageID // "" if it is no reply
	Mentions    []UserID
	Attachments []Attachment
	Reactions   map[string][]UserID
	SentAt      time.Time
	EditedAt    time.Time
	DeletedAt   time.Time
	HiddenAt    time.Time // hidden by a moderator; the content is sent to moderators only
}

// Size is roughly how many bytes the message takes: its words and the names of all who are in it.
func (m Message) Size() int {
	n := len(m.Body) + m.reactionSize()
	for _, u := range m.Mentions {
		n += len(u)
	}
	for _, a := range m.Attachments {
		n += len(a.Name) + len(a.ID)
	}
	return n
}

// Draft is a message on its way into the store.
type Draft struct {
	Room        Room
	ID          MessageID
	ClientID    ClientID
	Author      UserID
	Kind        MessageKind
	Body        string
	ReplyTo     MessageID
	Mentions    []UserID
	Attachments []Attachment
	SentAt      time.Time
	Announce    EventType // the outgoing event to record with it, "" if nobody listens
	Flaw        error     // why it may not be stored, if not; it may still be the repeat of one that is
}

// Fingerprint is equal for equal content. The store keeps it, so that a repeated client id can be told from a
// reused one even after the message was edited.
func (d Draft) Fingerprint() [sha256.Size]byte {
	h := sha256.New()
	write := func(s string) {
		h.Write([]byte{byte(len(s) >> 24), byte(len(s) >> 16), byte(len(s) >> 8), byte(len(s))})
		h.Write([]byte(s))
	}
	write(d.Body)
	write(string(d.ReplyTo))
	for _, a := range d.Attachments {
		write(a.ID)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Allowed says whether p may post d in c. The store calls it inside the storing transaction, so that no ban or
// read-only switch can slip in between check and commit. The error is the draft's flaw, [Banned], [ReadOnly] or [Forbidden].
func (d Draft) Allowed(c Conversation, p Participant) error {
	if d.Flaw != nil {
		return d.Flaw
	}
	return p.MayWrite(c, d.SentAt)
}

// Message returns the message that storing d yields, with the place that the store assigned.
func (d Draft) Message(by Participant, seq, rev int64) Message {
	return Message{
		ID: d.ID, Seq: seq, Rev: rev, ClientID: d.ClientID, Author: Author{User: by.User, Role: by.Role},
		Kind: d.Kind, Body: d.Body, ReplyTo: d.ReplyTo, Mentions: d.Mentions, Attachments: d.Attachments,
		SentAt: d.SentAt,
	}
}
