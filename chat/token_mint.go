package chat

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Claims are what a site says about a visitor in a token.
type Claims struct {
	User          User
	Conversations []ConversationID // that it admits to
	Role          *Role            // nil: leave as it is
	Locale        string
	IssuedAt      time.Time // zero: now
}

// Mint signs a JWT with the key's secret, valid for ttl, at most [MaxTokenLife]. Sites do the same in their own
// language; this is for the command line, the demo and tests. A user without a name is called by their id. The claims
// are not checked.
func Mint(k Key, c Claims, ttl time.Duration) (string, error) {
	at := c.IssuedAt
	if at.IsZero() {
		at = time.Now()
	}
	claims := map[string]any{
		"sub": c.User.ID, "name": cmp.Or(c.User.Name, string(c.User.ID)), "iat": at.Unix(), "exp": at.Add(ttl).Unix(),
	}
	if len(c.Conversations) > 0 {
		claims["conversation_id"] = c.Conversations
	}
	if c.Role != nil {
		claims["role"] = *c.Role
	}
	if c.User.Avatar != "" {
		claims["avatar"] = c.User.Avatar
	}
	if c.Locale != "" {
		claims["locale"] = c.Locale
	}
	return signClaims(k, claims)
}

// signClaims signs any claims as a JWT.
func signClaims(k Key, claims any) (string, error) {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", k.PublicID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(k.Secret)}, options)
	if err != nil {
		return "", fmt.Errorf("key %s: %w", k.PublicID, err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed.CompactSerialize()
}

// Seal encrypts v, as JSON, for the key's private key, the way sites of 2018 do: A128GCMKW and A128GCM.
func Seal(k Key, v any) (string, error) {
	held := hold(&App{}, k)
	if held.private == nil {
		return "", fmt.Errorf("key %s: no private key of 16 bytes", k.PublicID)
	}
	to := jose.Recipient{Algorithm: jose.A128GCMKW, Key: held.private}
	box, err := jose.NewEncrypter(jose.A128GCM, to, nil)
	if err != nil {
		return "", fmt.Errorf("key %s: %w", k.PublicID, err)
	}
	payload, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("options: %w", err)
	}
	sealed, err := box.Encrypt(payload)
	if err != nil {
		return "", fmt.Errorf("encrypt options: %w", err)
	}
	return sealed.CompactSerialize()
}
