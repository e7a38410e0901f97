package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// The floor: decoding the signature and one HMAC over the rest, without looking at what it says.
func BenchmarkBareHMAC(b *testing.B) {
	token := forge(testKey.Secret, goodHeader, goodClaims())
	dot := strings.LastIndexByte(token, '.')
	for b.Loop() {
		given, _ := base64.RawURLEncoding.DecodeString(token[dot+1:])
		mac := hmac.New(sha256.New, []byte(testKey.Secret))
		mac.Write([]byte(token[:dot]))
		if !hmac.Equal(mac.Sum(nil), given) {
			b.Fatal("the signature does not fit")
		}
	}
}

func BenchmarkAuthenticateToken(b *testing.B) {
	benchmarkAuthenticate(b, Credential{Token: forge(testKey.Secret, goodHeader, goodClaims())})
}

func BenchmarkAuthenticateOptions(b *testing.B) {
	options := map[string]any{"conversation_id": 1, "current_user_id": 1, "current_user_name": "Ann"}
	benchmarkAuthenticate(b, Credential{PublicID: "pk_bikes", EncryptedOptions: seal(b, testKey, options)})
}

func benchmarkAuthenticate(b *testing.B, c Credential) {
	app := bikes()
	app.Clients2018 = true
	d := newDirectory(b, app)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Authenticate(testNow, c); err != nil {
			b.Fatal(err)
		}
	}
}
