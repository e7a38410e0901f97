package chat

import (
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// What is accepted, and nothing else: RFC 7515 (signed) and RFC 7516 (encrypted) in compact form.
var (
	signatures  = []jose.SignatureAlgorithm{jose.HS256}
	wrappings   = []jose.KeyAlgorithm{jose.A128GCMKW, jose.DIRECT}
	encryptions = []jose.ContentEncryption{jose.A128GCM}
)

// signedHeader checks the header of a JWT before any cryptography, and returns the public id of its key.
func signedHeader(raw []byte) (kid string, flaw *Refused) {
	h, ok := jsonObject(raw)
	if !ok {
		return "", badHeader
	}
	for name := range h {
		if name != "alg" && name != "typ" && name != "kid" {
			return "", foreignHeader
		}
	}
	if alg, ok := jsonText(h["alg"]); !ok || alg != string(jose.HS256) {
		return "", wrongAlgorithm
	}
	if typ, ok := jsonText(h["typ"]); h["typ"] != nil && (!ok || typ != "JWT" && typ != "jwt") {
		return "", foreignHeader
	}
	kid, ok = jsonText(h["kid"])
	if !ok || kid == "" {
		return "", noKey
	}
	return kid, nil
}

// sealedHeader checks the header of a JWE, and the lengths of its parts, before any cryptography.
func sealedHeader(parts [][]byte) *Refused {
	h, ok := jsonObject(parts[0])
	if !ok {
		return badHeader
	}
	for name := range h {
		switch name {
		case "alg", "enc", "iv", "tag", "typ", "cty", "kid":
		default:
			return foreignHeader
		}
	}
	alg, _ := jsonText(h["alg"])
	enc, _ := jsonText(h["enc"])
	key, iv, tag := parts[1], parts[2], parts[4]
	wrapped := alg == string(jose.A128GCMKW) && len(key) == 16 && partOf(h["iv"], 12) && partOf(h["tag"], 16)
	direct := alg == string(jose.DIRECT) && len(key) == 0 && h["iv"] == nil && h["tag"] == nil
	if enc != string(jose.A128GCM) || !wrapped && !direct || len(iv) != 12 || len(tag) != 16 {
		return wrongEncryption
	}
	return nil
}

// partOf reports whether raw is a JSON string that holds n bytes in base64url.
func partOf(raw json.RawMessage, n int) bool {
	s, ok := jsonText(raw)
	if !ok {
		return false
	}
	parts, flaw := splitToken(s, 1)
	return flaw == nil && len(parts[0]) == n
}

// verify returns the claims of a JWT that the key has signed.
func (h *holding) verify(token string) ([]byte, *Refused) {
	switch {
	case !h.active:
		return nil, disabledKey
	case h.secret == nil:
		return nil, noSecret
	}
	signed, err := jose.ParseSignedCompact(token, signatures)
	if err != nil {
		return nil, badSignature
	}
	claims, err := signed.Verify(h.secret)
	if err != nil {
		return nil, badSignature
	}
	return claims, nil
}

// decrypt returns what was encrypted for the key.
func (h *holding) decrypt(sealed string) ([]byte, *Refused) {
	switch {
	case !h.active:
		return nil, disabledKey
	case h.private == nil:
		return nil, noSecret
	}
	box, err := jose.ParseEncryptedCompact(sealed, wrappings, encryptions)
	if err != nil {
		return nil, badSeal
	}
	claims, err := box.Decrypt(h.private)
	if err != nil {
		return nil, badSeal
	}
	return claims, nil
}
