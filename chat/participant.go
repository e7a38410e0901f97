package chat

import "time"

// User is a person as the host site describes them.
type User struct {
	ID     UserID
	Name   string // what others see; at most 255 bytes
	Avatar string // an https address, or ""
}

// Role is what a participant may do in a conversation. The zero value is an ordinary member.
type Role string

// The roles.
const (
	Member    Role = ""
	Moderator Role = "moderator"
	Reader    Role = "reader" // may read, may not post
)

// Check returns an [Invalid] error unless r is one of the roles.
func (r Role) Check() error {
	switch r {
	case Member, Moderator, Reader:
		return nil
	}
	return Errorf(Invalid, `The role must be "", "moderator" or "reader".`)
}

// Participant is a user's place in one conversation. There is one for everybody who ever entered it.
type Participant struct {
	User
	Role        Role
	BannedUntil time.Time // zero: not banned
	ReadSeq     int64     // everything up to this seq was read; never goes back
	LastSeen    time.Time // zero: never connected
	Rev         int64     // of the last durable change; a read mark or LastSeen is not one
	JoinedAt    time.Time
}

// BannedAt reports whether the participant is banned at t.
func (p Participant) BannedAt(t time.Time) bool { return t.Before(p.BannedUntil) }

// MayWrite says whether the participant may post, edit, delete or react in c at that time. The error is [Banned], [ReadOnly]
// or [Forbidden].
func (p Participant) MayWrite(c Conversation, at time.Time) error {
	switch {
	case p.BannedAt(at):
		return &Error{Code: Banned, Message: "You are banned from this conversation until " +
			p.BannedUntil.UTC().Format("2 January 2006 15:04") + " UTC.", RetryAfter: p.BannedUntil.Sub(at)}
	case p.Role == Reader:
		return Errorf(Forbidden, "You can read this conversation, but not write in it.")
	case c.ReadOnly && p.Role != Moderator:
		return Errorf(ReadOnly, "This conversation is closed for new messages.")
	}
	return nil
}
