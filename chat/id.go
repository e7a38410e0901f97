package chat

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// AppID identifies an app: one customer site, the boundary of everything a tenant can name. Positive.
type AppID int64

// String returns the id in decimal.
func (id AppID) String() string { return strconv.FormatInt(int64(id), 10) }

// ConversationID is the host site's own name for a conversation, unique within its app: 1 to 255 bytes of
// printable UTF-8. Compared byte by byte.
type ConversationID string

// UserID is the host site's own name for a user, unique within its app: 1 to 255 bytes of printable UTF-8.
type UserID string

// MessageID identifies a message: a UUID version 7 in its canonical text form (RFC 9562). Order comes from
// [Message.Seq], never from ids.
type MessageID string

// ClientID is the sender's own name for a message, unique per conversation and sender for ever: 1 to 64 bytes of
// printable UTF-8. It makes repeating a post safe.
type ClientID string

// Room names a conversation among all apps. Comparable, so it serves as a map key.
type Room struct {
	App          AppID
	Conversation ConversationID
}

// String returns "app/conversation", for logs.
func (r Room) String() string { return r.App.String() + "/" + strconv.Quote(string(r.Conversation)) }

// Bounds of identifiers, in bytes.
const (
	MaxConversationID = 255
	MaxUserID         = 255
	MaxClientID       = 64
)

// NewMessageID returns a fresh id.
func NewMessageID() MessageID { return MessageID(uuid.Must(uuid.NewV7()).String()) }

// Check returns an [Invalid] error if the id is empty, too long or not printable.
func (id ConversationID) Check() error {
	return checkID("conversation id", string(id), MaxConversationID)
}

// Check returns an [Invalid] error if the id is empty, too long or not printable.
func (id UserID) Check() error { return checkID("user id", string(id), MaxUserID) }

// Check returns an [Invalid] error if the id is empty, too long or not printable.
func (id ClientID) Check() error { return checkID("client_id", string(id), MaxClientID) }

func checkID(what, id string, limit int) error {
	switch {
	case id == "":
		return Errorf(Invalid, "The %s is missing.", what)
	case len(id) > limit:
		return Errorf(Invalid, "The %s is longer than %d bytes.", what, limit)
	case !printable(id):
		return Errorf(Invalid, "The %s has characters that cannot be printed.", what)
	}
	return nil
}

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
