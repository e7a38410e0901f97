package chat

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4/json"
)

// Credential is what a visitor presents: a JWT, or the encrypted options of 2018 with the public id of their key.
type Credential struct {
	Token            string
	PublicID         string
	EncryptedOptions string
}

// Bounds of credentials.
const (
	MaxCredential    = 8 << 10        // bytes
	MaxTokenLife     = 24 * time.Hour // how far ahead exp may lie
	ClockSkew        = time.Minute    // how much the site's clock may differ from ours
	MaxConversations = 100            // that one token names
	MaxOthers        = 100            // other_users in encrypted options

	minSecret       = 32 // bytes: RFC 7518 section 3.2
	privateKeyBytes = 16 // AES-128
)

// Refused says why a credential was refused: for the app's owner, never for whoever presented it. The sentences hold
// no secrets and nothing that differs from visitor to visitor, so refusals can be counted by them.
type Refused struct {
	App    AppID  // 0 if the key is unknown
	KeyID  string // public id of the key, "" if the key is unknown
	Claim  string // what failed: "form", "header", "kid", "signature", or the name of a claim
	Reason string // a sentence that says what is wrong
	Mend   string // a sentence that says what to do about it
}

// Error returns the claim and the reason.
func (r *Refused) Error() string { return r.Claim + ": " + r.Reason }

// refuse wraps a refusal in the one error that the outside sees.
func refuse(r *Refused) error {
	return &Error{
		Code: Unauthorized, Cause: r,
		Message: "The chat could not verify who you are. Reload the page to try again.",
	}
}

// The refusals that concern the credential as a whole.
var (
	noCredential = &Refused{Claim: "form", Reason: "No token was given.",
		Mend: "Sign a token on your server and give it to the page."}
	tooLong = &Refused{Claim: "form", Reason: "The token is longer than 8 KiB.",
		Mend: "Name fewer conversations and leave out claims that Planga does not know."}
	wrongForm = &Refused{Claim: "form", Reason: "This is neither a JWT (three parts) nor encrypted options (five parts).",
		Mend: "Give the token as the signing code prints it, without quotes, spaces or line breaks."}
	badEncoding = &Refused{Claim: "form", Reason: "A part of the token is not base64url without padding.",
		Mend: "Use base64url (- and _ instead of + and /) and remove the = signs at the end."}
	badHeader = &Refused{Claim: "header", Reason: "The header is not a JSON object with each name once.",
		Mend: `Use the header {"alg":"HS256","typ":"JWT","kid":"<public id of the key>"}.`}
	foreignHeader = &Refused{Claim: "header", Reason: "The header has a field that Planga does not accept.",
		Mend: "Keep only alg, typ and kid in the header of a JWT; alg, enc, iv and tag in that of encrypted options."}
	wrongAlgorithm = &Refused{Claim: "header", Reason: "The algorithm is not HS256.",
		Mend: "Sign with HS256 and the key's secret."}
	wrongEncryption = &Refused{Claim: "header", Reason: "The algorithms are not A128GCMKW (or dir) with A128GCM.",
		Mend: "Encrypt with A128GCMKW and A128GCM and the key's private key."}
	noKey = &Refused{Claim: "kid", Reason: "The token does not name its key.",
		Mend: "Put the public id of the key into the header as kid."}
	unknownKey = &Refused{Claim: "kid", Reason: "There is no key with this public id.",
		Mend: "Use the public id that the dashboard shows under API keys."}
	disabledKey = &Refused{Claim: "kid", Reason: "The key is disabled.",
		Mend: "Enable the key in the dashboard, or sign with another one."}
	noSecret = &Refused{Claim: "kid", Reason: "The key has no secret that fits this kind of token.",
		Mend: "Create a new key in the dashboard and sign with its secret."}
	wrongSecret = &Refused{Claim: "secret", Reason: "The secret does not fit the key.",
		Mend: "Use the secret that was shown when the key was created."}
	badSignature = &Refused{Claim: "signature", Reason: "The signature does not fit the key's secret.",
		Mend: "Sign with the whole secret, from sk_ to its end, as text: it must not be decoded first."}
	badSeal = &Refused{Claim: "signature", Reason: "The options cannot be decrypted with the key's private key.",
		Mend: "Encrypt with the private key (decoded from base64url, 16 bytes) of the key whose public id you send."}
	badClaims = &Refused{Claim: "form", Reason: "The claims are not a JSON object in UTF-8 with each name once.",
		Mend: "Encode the claims as one JSON object, and give each claim once."}
)

// open finds the key that a credential names and returns the claims that this key vouches for.
func (d *Directory) open(c Credential) (*holding, []byte, *Refused) {
	switch {
	case c.Token == "" && c.EncryptedOptions == "":
		return nil, nil, noCredential
	case c.Token != "" && c.EncryptedOptions != "":
		return nil, nil, wrongForm
	case c.Token != "":
		return d.openToken(c.Token)
	}
	return d.openSealed(c.PublicID, c.EncryptedOptions)
}

// openToken verifies a JWT with the key that its header names.
func (d *Directory) openToken(token string) (*holding, []byte, *Refused) {
	parts, flaw := splitToken(token, 3)
	if flaw != nil {
		return nil, nil, flaw
	}
	kid, flaw := signedHeader(parts[0])
	if flaw != nil {
		return nil, nil, flaw
	}
	held, known := d.holding(kid)
	if !known {
		return nil, nil, unknownKey
	}
	claims, flaw := held.verify(token)
	if flaw != nil {
		return nil, nil, held.blame(flaw)
	}
	return held, claims, nil
}

// openSealed decrypts encrypted options, or a request of the 2018 API, with the named key.
func (d *Directory) openSealed(publicID, sealed string) (*holding, []byte, *Refused) {
	parts, flaw := splitToken(sealed, 5)
	if flaw != nil {
		return nil, nil, flaw
	}
	if flaw := sealedHeader(parts); flaw != nil {
		return nil, nil, flaw
	}
	held, known := d.holding(publicID)
	if !known {
		return nil, nil, unknownKey
	}
	claims, flaw := held.decrypt(sealed)
	if flaw != nil {
		return nil, nil, held.blame(flaw)
	}
	return held, claims, nil
}

// splitToken decodes the parts of a token in compact form. It accepts one spelling only, so that no two different texts
// are the same token.
func splitToken(token string, n int) ([][]byte, *Refused) {
	switch {
	case len(token) > MaxCredential:
		return nil, tooLong
	case strings.Count(token, ".") != n-1:
		return nil, wrongForm
	case strings.ContainsAny(token, "\r\n"): // which the decoder would skip
		return nil, badEncoding
	}
	parts := make([][]byte, 0, n)
	for part := range strings.SplitSeq(token, ".") {
		decoded, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return nil, badEncoding
		}
		parts = append(parts, decoded)
	}
	return parts, nil
}

// jsonObject decodes a JSON object in UTF-8 whose names are all different.
func jsonObject(b []byte) (map[string]json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	if !utf8.Valid(b) || json.Unmarshal(b, &fields) != nil {
		return nil, false
	}
	return fields, fields != nil
}

// jsonText decodes a JSON string. A lone surrogate or a replacement character is refused: it could stand for anything.
func jsonText(raw json.RawMessage) (string, bool) {
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, !strings.ContainsRune(s, utf8.RuneError)
}
