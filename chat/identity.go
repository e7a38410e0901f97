package chat

import (
	"slices"
	"time"
)

// Identity is what a verified credential says: who the visitor is and where they may go. Only verification makes one.
type Identity struct {
	App           AppID
	Key           string // public id of the key that vouched
	User          User
	Role          *Role            // nil: leave as it is
	Conversations []ConversationID // those the credential names; it admits to them
	Others        []User           // further people of the one conversation (encrypted options)
	Expires       time.Time        // zero: never (2018 only)
	Locale        string
	Encrypted     bool // made by encrypted options instead of a JWT
}

// Admits reports whether the credential names the conversation. Where it does not, the user must already
// participate.
func (i Identity) Admits(id ConversationID) bool { return slices.Contains(i.Conversations, id) }
