package chat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestHostileOptionsAreRefused(t *testing.T) {
	good := seal(t, testKey, map[string]any{"conversation_id": "c", "current_user_id": "ann", "current_user_name": "Ann"})
	part := func(i int, with string) string {
		parts := strings.Split(good, ".")
		parts[i] = with
		return strings.Join(parts, ".")
	}
	head := func(h string) string { return part(0, b64([]byte(h))) }
	direct := sealDirect(t, testKey, `{"conversation_id":"c","current_user_id":"ann","current_user_name":"Ann"}`)
	app := bikes()
	app.Clients2018 = true
	d := newDirectory(t, app, boats())
	for _, sealed := range []string{good, direct} {
		if _, err := d.Authenticate(testNow, Credential{PublicID: "pk_bikes", EncryptedOptions: sealed}); err != nil {
			t.Fatalf("the good options: %v", err)
		}
	}
	const wrapped = `{"alg":"A128GCMKW","enc":"A128GCM","iv":"AAAAAAAAAAAAAAAA","tag":"AAAAAAAAAAAAAAAAAAAAAA"`
	table := []struct{ name, id, sealed, claim string }{
		{"no public id", "", good, "kid"},
		{"the public id of another app", "pk_boats", good, "signature"},
		{"an unknown public id", "pk_x", good, "kid"},
		{"four parts", "pk_bikes", good[:strings.LastIndex(good, ".")], "form"},
		{"a JWT", "pk_bikes", forge(testKey.Secret, goodHeader, goodClaims()), "form"},
		{"an empty key", "pk_bikes", part(1, ""), "header"},
		{"a short key", "pk_bikes", part(1, "AAAA"), "header"},
		{"another key", "pk_bikes", part(1, b64(make([]byte, 16))), "signature"},
		{"no iv", "pk_bikes", part(2, ""), "header"},
		{"an iv of 16 bytes", "pk_bikes", part(2, b64(make([]byte, 16))), "header"},
		{"another iv", "pk_bikes", part(2, b64(make([]byte, 12))), "signature"},
		{"no ciphertext", "pk_bikes", part(3, ""), "signature"},
		{"no tag", "pk_bikes", part(4, ""), "header"},
		{"a tag of 4 bytes", "pk_bikes", part(4, "AAAAAA"), "header"},
		{"a tag of 17 bytes", "pk_bikes", part(4, b64(make([]byte, 17))), "header"},
		{"another tag", "pk_bikes", part(4, b64(make([]byte, 16))), "signature"},
		{"a foreign wrapping", "pk_bikes", head(wrapped + "}"), "signature"},
		{"a tag of 4 bytes in the header", "pk_bikes", head(`{"alg":"A128GCMKW","enc":"A128GCM","iv":"AAAAAAAAAAAAAAAA","tag":"AAAAAA"}`), "header"},
		{"no iv in the header", "pk_bikes", head(`{"alg":"A128GCMKW","enc":"A128GCM","tag":"AAAAAAAAAAAAAAAAAAAAAA"}`), "header"},
		{"alg none", "pk_bikes", head(`{"alg":"none","enc":"A128GCM"}`), "header"},
		{"alg HS256", "pk_bikes", head(`{"alg":"HS256","enc":"A128GCM"}`), "header"},
		{"alg RSA1_5", "pk_bikes", head(`{"alg":"RSA1_5","enc":"A128GCM"}`), "header"},
		{"dir with another enc", "pk_bikes", head(`{"alg":"dir","enc":"A128CBC-HS256"}`), "header"},
		{"dir with a key", "pk_bikes", head(`{"alg":"dir","enc":"A128GCM"}`), "header"},
		{"2^31 rounds of PBES2", "pk_bikes", head(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483648,"p2s":"AAAA"}`), "header"},
		{"p2c beside a good alg", "pk_bikes", head(wrapped + `,"p2c":2147483648}`), "header"},
		{"zip", "pk_bikes", head(wrapped + `,"zip":"DEF"}`), "header"},
		{"crit", "pk_bikes", head(wrapped + `,"crit":["zip"]}`), "header"},
		{"epk", "pk_bikes", head(wrapped + `,"epk":{}}`), "header"},
		{"header empty", "pk_bikes", part(0, ""), "header"},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			_, err := d.Authenticate(testNow, Credential{PublicID: row.id, EncryptedOptions: row.sealed})
			refusedFor(t, err, row.claim)
		})
	}
}

// sealDirect encrypts with the private key itself (alg dir), without the library under test.
func sealDirect(t testing.TB, k Key, payload string) string {
	t.Helper()
	key, err := base64.RawURLEncoding.DecodeString(k.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	head, iv := b64([]byte(`{"alg":"dir","enc":"A128GCM"}`)), bytes.Repeat([]byte{7}, 12)
	box := gcm.Seal(nil, iv, []byte(payload), []byte(head))
	n := len(box) - 16
	return strings.Join([]string{head, "", b64(iv), b64(box[:n]), b64(box[n:])}, ".")
}

func TestRoleOutsideTheCiphertextCountsForNothing(t *testing.T) {
	sealed := seal(t, testKey, map[string]any{"conversation_id": "c", "current_user_id": "ann", "current_user_name": "Ann", "role": "moderator"})
	app := bikes()
	app.Clients2018 = true
	got, err := newDirectory(t, app).Authenticate(testNow, Credential{PublicID: "pk_bikes", EncryptedOptions: sealed})
	if err != nil || got.Role != nil {
		t.Errorf("got role %v, %v; want none", got.Role, err)
	}
}

func TestOptionsThatAreWrongAreNamed(t *testing.T) {
	app := bikes()
	app.Clients2018 = true
	d := newDirectory(t, app)
	someone := func(id, name any) []any { return []any{map[string]any{"id": id, "name": name}} }
	for name, row := range map[string]struct {
		claim string
		value any
	}{
		"no conversation":              {"conversation_id", nil},
		"several conversations":        {"conversation_id", []string{"a", "b"}},
		"one conversation in a list":   {"conversation_id", []string{"a"}},
		"no user":                      {"current_user_id", nil},
		"no name":                      {"current_user_name", nil},
		"role admin":                   {"current_user_role", "admin"},
		"exp past":                     {"exp", testNow.Add(-time.Hour).Unix()},
		"exp a string":                 {"exp", "never"},
		"others an object":             {"other_users", map[string]string{}},
		"others with null":             {"other_users", []any{nil}},
		"others without an id":         {"other_users", someone(nil, "Bob")},
		"others without a name":        {"other_users", someone(5, "")},
		"others with a name of number": {"other_users", someone(5, 6)},
		"101 others":                   {"other_users", make([]map[string]string, MaxOthers+1)},
	} {
		t.Run(name, func(t *testing.T) {
			options := map[string]any{"conversation_id": "c", "current_user_id": "ann", "current_user_name": "Ann", row.claim: row.value}
			_, err := d.Authenticate(testNow, Credential{PublicID: "pk_bikes", EncryptedOptions: seal(t, testKey, options)})
			refusedFor(t, err, row.claim)
		})
	}
}
