package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"planga/chat"
)

// AccountID identifies an account. Positive.
type AccountID int64

// Account is a person who may sign in to the dashboard.
type Account struct {
	ID           AccountID
	Email        string // as [CheckEmail] returns it; unique
	PasswordHash string // see [Passwords]
	CreatedAt    time.Time
}

// Initials are the one or two letters that stand for the account.
func (a Account) Initials() string {
	letters := []rune(strings.ToUpper(a.Email))
	return string(letters[:min(2, len(letters))])
}

// Digest is the SHA-256 sum of a token. Only the digest is kept, so that whoever reads the database cannot sign in.
type Digest [sha256.Size]byte

// newToken returns 32 random bytes as text, and their digest.
func newToken() (string, Digest) {
	var raw [32]byte
	rand.Read(raw[:])
	token := base64.RawURLEncoding.EncodeToString(raw[:])
	return token, digestOf(token)
}

func digestOf(token string) Digest { return sha256.Sum256([]byte(token)) }

// Session is one signed-in browser.
type Session struct {
	Token     Digest
	Account   AccountID
	CreatedAt time.Time
	SeenAt    time.Time // of the last page, to the minute
	Browser   string    // in words, such as "Firefox on Linux"; "" if it was not kept
	Address   string    // that it signed in from; "" if it was not kept
}

// ID names the session among its account's, on pages. It is of no use to sign in with.
func (s Session) ID() string { return hex.EncodeToString(s.Token[:8]) }

// Accounts keeps accounts and sessions. All methods may be called at once from many goroutines and processes. A
// change is durable when its method returns.
type Accounts interface {
	// OfferSetup makes token the one with which the first account can be made, until expires; earlier ones are
	// void. It returns false, and changes nothing, if there is an account already.
	OfferSetup(ctx context.Context, token Digest, expires time.Time) (bool, error)

	// SetupOpen tells whether the first account can be made with token at that time.
	SetupOpen(ctx context.Context, token Digest, at time.Time) (bool, error)

	// RedeemSetup makes the first account and the first app, and voids the token: however many try at once,
	// one succeeds. The others get [chat.Forbidden].
	RedeemSetup(ctx context.Context, token Digest, first Account, app App) (Account, App, error)

	// HasAccounts tells whether there is an account.
	HasAccounts(ctx context.Context) (bool, error)

	// ListAccounts returns all accounts, in the order of their addresses.
	ListAccounts(ctx context.Context) ([]Account, error)

	// AccountByEmail returns an account. [chat.NotFound] if there is none.
	AccountByEmail(ctx context.Context, email string) (Account, error)

	// OfferPassword makes token the one with which the account's password can be chosen anew, until expires; an
	// earlier one is void.
	OfferPassword(ctx context.Context, account AccountID, token Digest, expires time.Time) error

	// PasswordOffered returns the account whose password can be chosen with token at that time. [chat.NotFound] if
	// there is none.
	PasswordOffered(ctx context.Context, token Digest, at time.Time) (Account, error)

	// RedeemPassword sets the password's hash, voids the token, and ends all sessions of the account: however many
	// try at once, one succeeds. The others get [chat.Forbidden].
	RedeemPassword(ctx context.Context, token Digest, hash string, at time.Time) error

	// ChangePassword replaces the password's hash, ends all sessions of the account, and voids its link if there is
	// one. [chat.Conflict] if the hash is no longer from.
	ChangePassword(ctx context.Context, account AccountID, from, to string) error

	// StartSession keeps a session, and ends the account's oldest ones beyond keep. [chat.Conflict] if the hash of the
	// account's password is not the given one, so that no session outlives the password it was opened with.
	StartSession(ctx context.Context, s Session, hash string, keep int) error

	// Session returns a session and its account, unless it was created before born or seen before seen.
	// [chat.NotFound] if there is none such.
	Session(ctx context.Context, token Digest, born, seen time.Time) (Session, Account, error)

	// ListSessions returns an account's sessions, the one seen last first, without those created before born or seen
	// before seen.
	ListSessions(ctx context.Context, account AccountID, born, seen time.Time) ([]Session, error)

	// TouchSession notes that the session was seen.
	TouchSession(ctx context.Context, token Digest, at time.Time) error

	// EndSession forgets a session. Ending what is not there changes nothing.
	EndSession(ctx context.Context, token Digest) error

	// EndOtherSessions forgets all sessions of an account but one.
	EndOtherSessions(ctx context.Context, account AccountID, keep Digest) error

	// EndOldSessions forgets sessions created before born or seen before seen.
	EndOldSessions(ctx context.Context, born, seen time.Time) error
}

// maxEmail is the longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, less the brackets).
const maxEmail = 254

// CheckEmail returns the address as it is kept: without surrounding spaces, in lower case. The error is
// [chat.Invalid] with a sentence that says what to write.
func CheckEmail(text string) (string, error) {
	email := strings.ToLower(strings.TrimSpace(text))
	if email == "" {
		return "", chat.Errorf(chat.Invalid, "Write your e-mail address, such as sana@wheelhouse.example.")
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > maxEmail || strings.ContainsFunc(email, oddInEmail) {
		return "", chat.Errorf(chat.Invalid, "Write an address like sana@wheelhouse.example, without a name or spaces.")
	}
	return email, nil
}

// oddInEmail refuses what no mail system in use gives out, and what looks like another letter.
func oddInEmail(r rune) bool {
	return r > unicode.MaxASCII || unicode.IsControl(r) || strings.ContainsRune("\"<>()[],;:\\ ", r)
}
