package chat

import (
	"strings"
	"testing"
)

// Whatever arrives, the answer is an identity of the right app or the one error; nothing panics.
func FuzzAuthenticate(f *testing.F) {
	good := forge(testKey.Secret, goodHeader, goodClaims())
	sealed := sealDirect(f, testKey, `{"conversation_id":1,"current_user_id":1,"current_user_name":"Ann"}`)
	app := bikes()
	app.Clients2018 = true
	d := newDirectory(f, app, boats())
	for _, s := range []string{
		// Shapes that have made other parsers panic, swell or toil (CVE-2026-34986, 2025-27144, 2024-28180, 2024-21664, 2025-30204).
		b64([]byte(`{"alg":"A128GCMKW","enc":"A128GCM","iv":"","tag":""}`)) + "....",
		b64([]byte(`{"alg":"A128KW","enc":"A128GCM"}`)) + "..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA",
		b64([]byte(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AA"}`)) + ".AA.AA.AA.AA",
		b64([]byte(`{"alg":"A128GCMKW","enc":"A128GCM","zip":"DEF"}`)) + ".AA.AA.AA.AA",
		b64([]byte(goodHeader)) + strings.Repeat(".", 8000),
		good, sealed, "", "....", "..", strings.Repeat("a.", 4) + "a", good[:len(good)-2]} {
		f.Add(s, "pk_bikes")
	}
	f.Fuzz(func(t *testing.T, token, publicID string) {
		for _, c := range []Credential{{Token: token}, {PublicID: publicID, EncryptedOptions: token}} {
			i, err := d.Authenticate(testNow, c)
			if err != nil && CodeOf(err) != Unauthorized {
				t.Fatalf("got %v, want unauthorized", err)
			}
			if err == nil && token != good && token != sealed {
				t.Fatalf("another text was accepted for %+v: %q", i, token)
			}
		}
		InspectToken(d, 1, token, testNow)
	})
}

// Whatever claims a key signs, an identity that comes out of them is fit for the store.
func FuzzClaims(f *testing.F) {
	for _, s := range []string{goodClaims(), claimsWith(`"conversation_id":["a",1]`), claimsWith(`"role":null,"avatar":""`), "null", `{"sub":{}}`} {
		f.Add(s)
	}
	d := newDirectory(f, bikes())
	f.Fuzz(func(t *testing.T, payload string) {
		i, err := d.Authenticate(testNow, Credential{Token: forge(testKey.Secret, goodHeader, payload)})
		if err != nil {
			if _, ok := AsRefused(err); !ok {
				t.Fatalf("no reason for the owner: %v", err)
			}
			return
		}
		if i.App != 1 || i.User.ID.Check() != nil || i.User.Name == "" || len(i.User.Name) > MaxName || i.Expires.IsZero() {
			t.Fatalf("got %+v", i)
		}
		for _, c := range i.Conversations {
			if err := c.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
