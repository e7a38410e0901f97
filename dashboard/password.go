package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"planga/chat"
)

// Cost of one hash: the OWASP password storage cheat sheet's second choice for argon2id, which fits a small server.
const (
	hashPasses  = 2
	hashKiB     = 19 * 1024
	hashThreads = 1
	hashAtOnce  = 2  // hashes at once, so that sign-ins take at most 38 MiB
	hashQueue   = 32 // more than these waiting are told to come back
)

// Bounds of a password.
const (
	minPassword = 10   // code points
	maxPassword = 1024 // bytes
)

// Passwords hashes and checks passwords with argon2id (RFC 9106), a few at once. An accented letter is the same whether a
// keyboard sends it whole or in two parts (RFC 8265, section 4.2). Safe for use by many goroutines.
type Passwords struct {
	places chan struct{} // queued and running
	slots  chan struct{} // running
	decoy  string        // what an unknown account's password is compared with
}

// NewPasswords returns a hasher.
func NewPasswords() *Passwords {
	p := &Passwords{places: make(chan struct{}, hashQueue), slots: make(chan struct{}, hashAtOnce)}
	p.decoy = encodeHash(make([]byte, 16), make([]byte, 32))
	return p
}

// Hash returns the text to keep for a password: parameters, salt and hash. The error is [chat.Busy] when too many wait.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	sum, err := p.sum(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return encodeHash(salt, sum), nil
}

// Check tells whether the password is the one that was hashed to kept. With "" for kept, as for an unknown account, it
// takes as long and says no. The error is [chat.Busy] when too many wait.
func (p *Passwords) Check(ctx context.Context, password, kept string) (bool, error) {
	known := kept != ""
	if !known {
		kept = p.decoy
	}
	salt, want, err := decodeHash(kept)
	if err != nil {
		return false, err
	}
	if len(password) > maxPassword {
		password, known = password[:maxPassword], false
	}
	sum, err := p.sum(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, want) == 1 && known, nil
}

func (p *Passwords) sum(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	default:
		return nil, &chat.Error{Code: chat.Busy, RetryAfter: 5 * time.Second, Message: "Many people are signing in just now. Try again in 5 seconds."}
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, hashPasses, hashKiB, hashThreads, 32), nil
}

// encodeHash writes the PHC string format.
func encodeHash(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashKiB, hashPasses, hashThreads,
		b64.EncodeToString(salt), b64.EncodeToString(sum))
}

func decodeHash(kept string) (salt, sum []byte, err error) {
	prefix := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, hashKiB, hashPasses, hashThreads)
	rest, ours := strings.CutPrefix(kept, prefix)
	saltText, sumText, two := strings.Cut(rest, "$")
	if !ours || !two {
		return nil, nil, fmt.Errorf("password hash of another kind: %.24q", kept)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(saltText); err != nil {
		return nil, nil, fmt.Errorf("salt of a password hash: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(sumText); err != nil {
		return nil, nil, fmt.Errorf("sum of a password hash: %w", err)
	}
	return salt, sum, nil
}

// CheckPassword tells whether a password is fit to be chosen by the person with that address. The error is [chat.Invalid] with a
// sentence that says what to write.
func CheckPassword(password, email string) error {
	name, _, _ := strings.Cut(email, "@")
	plain := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return chat.Errorf(chat.Invalid, "Write a password of letters, digits, signs and spaces.")
	case utf8.RuneCountInString(password) < minPassword:
		return chat.Errorf(chat.Invalid, "Write at least %d characters. Four random words are fine.", minPassword)
	case len(password) > maxPassword:
		return chat.Errorf(chat.Invalid, "Write at most %d characters.", maxPassword)
	case commonPassword(plain):
		return chat.Errorf(chat.Invalid, "This password is among the first a guesser tries. Four random words are fine.")
	case plain == email, len(name) > 3 && strings.Trim(plain, "0123456789!.") == name:
		return chat.Errorf(chat.Invalid, "This is your own address, which a guesser tries first. Four random words are fine.")
	}
	return nil
}

// guessedFirst are words that most lists of leaked passwords are made of; with digits and signs around them, or
// repeated, they are still guessed within a second.
var guessedFirst = []string{
	"password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "wachtwoord", "motdepasse", "contraseña", "qwerty", "qwertyuiop",
	"asdfghjkl", "zxcvbnm", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "iloveyou", "princess", "sunshine", "football", "baseball",
	"superman", "starwars", "letmein", "welcome", "dragon", "monkey", "master", "shadow", "michael", "jennifer", "trustno1",
	"administrator", "admin", "root", "changeme", "secret", "default", "planga", "dashboard", "bicycle", "abcdefghij",
	"abcdefghijkl", "qazwsxedc", "correcthorsebatterystaple", "correct horse battery staple",
}

func commonPassword(plain string) bool {
	core := strings.Trim(plain, "0123456789!?.,@#$%&*_- ")
	for _, word := range guessedFirst {
		if core == word || plain == word || strings.ReplaceAll(plain, word, "") == "" {
			return true
		}
	}
	return core == "" && sequence(plain)
}

// sequence tells whether a password of digits and signs walks in equal steps, such as 1234567890 or 1111111111.
func sequence(plain string) bool {
	steps := map[byte]bool{}
	for i := 1; i < len(plain); i++ {
		steps[plain[i]-plain[i-1]] = true
	}
	return len(steps) <= 3
}
