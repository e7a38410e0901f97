package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

var b64 = base64.RawURLEncoding.EncodeToString

// forge signs any header and any payload, however wrong.
func forge(secret, header, payload string) string {
	signed := b64([]byte(header)) + "." + b64([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + b64(mac.Sum(nil))
}

const goodHeader = `{"alg":"HS256","typ":"JWT","kid":"pk_bikes"}`

func goodClaims() string {
	return fmt.Sprintf(`{"sub":"ann","name":"Ann","exp":%d}`, testNow.Add(time.Hour).Unix())
}

// claimsWith returns good claims with more behind them.
func claimsWith(more string) string { return strings.TrimSuffix(goodClaims(), "}") + "," + more + "}" }

func headerWith(more string) string { return strings.TrimSuffix(goodHeader, "}") + "," + more + "}" }

func TestHostileTokensAreRefused(t *testing.T) {
	good := forge(testKey.Secret, goodHeader, goodClaims())
	dot := strings.LastIndex(good, ".")
	table := []struct{ name, token, claim string }{
		{"nothing", "", "form"},
		{"null", "null", "form"},
		{"a quoted null", `"null"`, "form"},
		{"an array", "[]", "form"},
		{"an object", `{"sub":"ann"}`, "form"},
		{"two dots", "..", "header"},
		{"two parts", good[:dot], "form"},
		{"four parts", good + ".", "form"},
		{"six parts", good + "...", "form"},
		{"a million dots", strings.Repeat(".", 1_000_000), "form"},
		{"ten megabytes", strings.Repeat("a", 10<<20), "form"},
		{"one byte too long", strings.Repeat("a", MaxCredential+1), "form"},
		{"padding", good + "=", "form"},
		{"a space", good[:5] + " " + good[5:], "form"},
		{"a line break at the end", good + "\n", "form"},
		{"a line break inside", good[:dot] + "\r\n" + good[dot:], "form"},
		{"standard base64", good[:dot+1] + "+/" + good[dot+3:], "form"},
		{"trailing bits", good[:len(good)-1] + nextLetter(good[len(good)-1]), "form"},
		{"no signature", good[:dot+1], "signature"},
		{"half a signature", good[:dot+25], "signature"},
		{"another signature", good[:dot+1] + b64(make([]byte, 32)), "signature"},
		{"alg none", forge("", `{"alg":"none","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg None", forge("", `{"alg":"None","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg nOnE", forge("", `{"alg":"nOnE","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg missing", forge(testKey.Secret, `{"kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg a number", forge(testKey.Secret, `{"alg":256,"kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg RS256", forge(testKey.Secret, `{"alg":"RS256","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg HS512", forge(testKey.Secret, `{"alg":"HS512","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg twice", forge(testKey.Secret, `{"alg":"HS256","alg":"none","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"alg in capitals", forge(testKey.Secret, `{"ALG":"HS256","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"typ JWE", forge(testKey.Secret, `{"alg":"HS256","typ":"JWE","kid":"pk_bikes"}`, goodClaims()), "header"},
		{"header null", forge(testKey.Secret, `null`, goodClaims()), "header"},
		{"header a list", forge(testKey.Secret, `[]`, goodClaims()), "header"},
		{"header with more behind", forge(testKey.Secret, goodHeader+`{}`, goodClaims()), "header"},
		{"header not UTF-8", forge(testKey.Secret, "{\"alg\":\"HS256\",\"kid\":\"\xff\"}", goodClaims()), "header"},
		{"zip", forge(testKey.Secret, headerWith(`"zip":"DEF"`), goodClaims()), "header"},
		{"crit", forge(testKey.Secret, headerWith(`"crit":["exp"]`), goodClaims()), "header"},
		{"b64 false", forge(testKey.Secret, headerWith(`"b64":false,"crit":["b64"]`), goodClaims()), "header"},
		{"jwk", forge("own", headerWith(`"jwk":{"kty":"oct","k":"b3du"}`), goodClaims()), "header"},
		{"kid missing", forge(testKey.Secret, `{"alg":"HS256"}`, goodClaims()), "kid"},
		{"kid empty", forge(testKey.Secret, `{"alg":"HS256","kid":""}`, goodClaims()), "kid"},
		{"kid a number", forge(testKey.Secret, `{"alg":"HS256","kid":1}`, goodClaims()), "kid"},
		{"kid a path", forge(testKey.Secret, `{"alg":"HS256","kid":"../pk_bikes"}`, goodClaims()), "kid"},
		{"kid SQL", forge(testKey.Secret, `{"alg":"HS256","kid":"' OR 1=1 --"}`, goodClaims()), "kid"},
		{"kid of a megabyte", forge(testKey.Secret, `{"alg":"HS256","kid":"`+strings.Repeat("k", 1<<20)+`"}`, goodClaims()), "form"},
		{"signed with the private key", forge(testKey.PrivateKey, goodHeader, goodClaims()), "signature"},
		{"signed with the public id", forge(testKey.PublicID, goodHeader, goodClaims()), "signature"},
		{"signed with nothing", forge("", goodHeader, goodClaims()), "signature"},
		{"signed with the secret of another app", forge(boatKey.Secret, goodHeader, goodClaims()), "signature"},
		{"claims null", forge(testKey.Secret, goodHeader, `null`), "form"},
		{"claims a list", forge(testKey.Secret, goodHeader, `[]`), "form"},
		{"claims a string", forge(testKey.Secret, goodHeader, `"ann"`), "form"},
		{"claims empty", forge(testKey.Secret, goodHeader, ``), "form"},
		{"claims not UTF-8", forge(testKey.Secret, goodHeader, claimsWith("\"x\":\"\xff\"")), "form"},
		{"a claim twice", forge(testKey.Secret, goodHeader, claimsWith(`"sub":"bob"`)), "form"},
		{"a claim twice, once escaped", forge(testKey.Secret, goodHeader, claimsWith(`"s\u0075b":"bob"`)), "form"},
		{"an unknown claim twice", forge(testKey.Secret, goodHeader, claimsWith(`"x":1,"x":2`)), "form"},
		{"claims nested deeply", forge(testKey.Secret, goodHeader, claimsWith(`"x":`+strings.Repeat("[", 5000))), "form"},
	}
	d := newDirectory(t, bikes(), boats())
	if _, err := d.Authenticate(testNow, Credential{Token: good}); err != nil {
		t.Fatalf("the good token: %v", err)
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			_, err := d.Authenticate(testNow, Credential{Token: row.token})
			refusedFor(t, err, row.claim)
		})
	}
}

// nextLetter returns another spelling of the last letter that decodes to the same bytes, if bits are left over.
func nextLetter(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)|1])
}

var boatKey = Key{PublicID: "pk_boats", Secret: "sk_boats_0123456789012345678901234567890123", PrivateKey: "ZmVkY2JhOTg3NjU0MzIxMA", Active: true}

func boats() App { return App{ID: 2, Name: "Boats", Revision: 1, Keys: []Key{boatKey}} }

func TestClaimsThatAreWrongAreNamed(t *testing.T) {
	many := make([]string, MaxConversations+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	in := func(d time.Duration) int64 { return testNow.Add(d).Unix() }
	table := []struct {
		name  string
		claim string
		value any
	}{
		{"exp missing", "exp", nil},
		{"exp null", "exp", json.RawMessage("null")},
		{"exp long past", "exp", in(-time.Hour)},
		{"exp just beyond the skew", "exp", in(-ClockSkew)},
		{"exp more than a day ahead", "exp", in(25 * time.Hour)},
		{"exp in milliseconds", "exp", testNow.UnixMilli()},
		{"exp 10^18", "exp", 1_000_000_000_000_000_000},
		{"exp 1e400", "exp", json.RawMessage("1e400")},
		{"exp negative", "exp", -1},
		{"exp a string", "exp", "1800003600"},
		{"exp a list", "exp", []int64{in(time.Hour)}},
		{"nbf in the future", "nbf", in(time.Hour)},
		{"nbf a string", "nbf", "1"},
		{"iat in the future", "iat", in(time.Hour)},
		{"iat true", "iat", true},
		{"aud of somebody else", "aud", "other"},
		{"aud for the API", "aud", "planga-api"},
		{"aud an empty list", "aud", []string{}},
		{"aud a number", "aud", 1},
		{"sub missing", "sub", nil},
		{"sub empty", "sub", ""},
		{"sub a list", "sub", []string{"ann"}},
		{"sub an object", "sub", map[string]string{"id": "ann"}},
		{"sub true", "sub", true},
		{"sub 1.5", "sub", 1.5},
		{"sub 1e3", "sub", json.RawMessage("1e3")},
		{"sub -0", "sub", json.RawMessage("-0")},
		{"sub of 256 bytes", "sub", strings.Repeat("a", 256)},
		{"sub with NUL", "sub", "ann\x00"},
		{"sub with a line break", "sub", "ann\n"},
		{"sub with a direction override", "sub", "\u202eann"},
		{"sub a lone surrogate", "sub", json.RawMessage(`"\ud800"`)},
		{"name missing", "name", nil},
		{"name empty", "name", ""},
		{"name only spaces", "name", " \u2028\n"},
		{"name a number", "name", 5},
		{"conversation empty", "conversation_id", ""},
		{"conversation an object", "conversation_id", map[string]int{}},
		{"conversation false", "conversation_id", false},
		{"conversation with NUL", "conversation_id", "a\x00b"},
		{"conversations with an empty one", "conversation_id", []string{"a", ""}},
		{"conversations with null", "conversation_id", []any{"a", nil}},
		{"conversations in a list in a list", "conversation_id", []any{[]any{"a"}}},
		{"101 conversations", "conversation_id", many},
		{"role admin", "role", "admin"},
		{"role in capitals", "role", "Moderator"},
		{"role true", "role", true},
		{"role a list", "role", []string{"moderator"}},
		{"avatar http", "avatar", "http://bikes.example/a.png"},
		{"avatar javascript", "avatar", "javascript:alert(1)"},
		{"avatar data", "avatar", "data:image/png;base64,AAAA"},
		{"avatar without a host", "avatar", "https:///a.png"},
		{"avatar with a password", "avatar", "https://a:b@bikes.example/a.png"},
		{"avatar too long", "avatar", "https://bikes.example/" + strings.Repeat("a", MaxAvatar)},
		{"avatar a number", "avatar", 1},
		{"locale with a quote", "locale", `nl"`},
		{"locale too long", "locale", strings.Repeat("nl-", 20) + "nl"},
		{"locale empty", "locale", ""},
	}
	d := newDirectory(t, bikes())
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			token := mint(t, testKey, with(map[string]any{row.claim: row.value}))
			_, err := d.Authenticate(testNow, Credential{Token: token})
			refusedFor(t, err, row.claim)
		})
	}
}

func TestForgedTokensCauseNoRequest(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan struct{}, 16)
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			heard <- struct{}{}
			conn.Close()
		}
		close(heard)
	}()
	d := newDirectory(t, bikes())
	for _, field := range []string{"jku", "x5u", "jwk", "x5c", "iss"} {
		address := "http://" + listener.Addr().String() + "/" + field
		for _, token := range []string{
			forge("own", headerWith(fmt.Sprintf("%q:%q", field, address)), goodClaims()),
			forge("own", goodHeader, claimsWith(fmt.Sprintf("%q:%q", field, address))),
		} {
			if _, err := d.Authenticate(testNow, Credential{Token: token}); err == nil {
				t.Errorf("%s: a forged token was accepted", field)
			}
		}
	}
	listener.Close()
	if _, open := <-heard; open {
		t.Error("a forged token caused a request")
	}
}

func TestCredentialIsOneOfTheTwoKinds(t *testing.T) {
	d := newDirectory(t, bikes())
	token := forge(testKey.Secret, goodHeader, goodClaims())
	for name, c := range map[string]Credential{
		"neither": {}, "only a public id": {PublicID: "pk_bikes"},
		"both":               {Token: token, PublicID: "pk_bikes", EncryptedOptions: "x"},
		"a token as options": {PublicID: "pk_bikes", EncryptedOptions: token},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Authenticate(testNow, c)
			refusedFor(t, err, "form")
		})
	}
}

func TestKeyWithoutSecretsVouchesForNobody(t *testing.T) {
	bare := Key{PublicID: "pk_bikes", Secret: "short", PrivateKey: "short", Active: true}
	d := newDirectory(t, App{ID: 1, Revision: 1, Clients2018: true, Keys: []Key{bare}})
	for _, c := range []Credential{
		{Token: forge("short", goodHeader, goodClaims())},
		{PublicID: "pk_bikes", EncryptedOptions: seal(t, testKey, with(nil))},
	} {
		_, err := d.Authenticate(testNow, c)
		refusedFor(t, err, "kid")
	}
	if token, err := Mint(bare, Claims{User: User{ID: "ann"}}, time.Hour); err == nil {
		t.Errorf("a short secret signed %s", token)
	}
	if sealed, err := Seal(bare, "x"); err == nil {
		t.Errorf("a short private key encrypted %s", sealed)
	}
}
