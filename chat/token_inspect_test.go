package chat

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// inspect returns the finding of one check.
func inspect(t *testing.T, token, check string) Finding {
	t.Helper()
	found := InspectToken(newDirectory(t, bikesWithTwoKeys(), boats()), 1, token, testNow)
	for _, f := range found {
		if strings.Contains(f.Text+f.Mend, "0123456789") {
			t.Errorf("a secret is shown: %+v", f)
		}
	}
	for _, f := range found {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("no finding about %s in %+v", check, found)
	return Finding{}
}

func bikesWithTwoKeys() App {
	a := bikes()
	a.Keys = append(a.Keys, Key{PublicID: "pk_test", Secret: "sk_test__0123456789012345678901234567890123", Active: true})
	return a
}

func TestTesterPassesAGoodToken(t *testing.T) {
	token := forge(testKey.Secret, goodHeader, goodClaims())
	found := InspectToken(newDirectory(t, bikes()), 1, " "+token+"\n", testNow)
	if !Passed(found) {
		t.Errorf("got %+v", found)
	}
	if f := inspect(t, token, "sub"); f.Text != `User "ann".` {
		t.Errorf("sub: %q", f.Text)
	}
	if f := inspect(t, token, "exp"); f.Text != "Valid until 2027-01-15 09:00:00 UTC, for 1 h 0 min more." {
		t.Errorf("exp: %q", f.Text)
	}
}

func TestTesterSaysHowLongAgoATokenExpired(t *testing.T) {
	exp := testNow.Add(-4*time.Minute - 12*time.Second).Unix()
	f := inspect(t, mint(t, testKey, with(map[string]any{"exp": exp})), "exp")
	want := "The token has expired. It says 2027-01-15 07:55:48 UTC, 4 min 12 s ago; the clock here reads 2027-01-15 08:00:00 UTC."
	if f.State != FindingFailed || f.Text != want || f.Mend == "" {
		t.Errorf("got %+v, want %q", f, want)
	}
}

func TestTesterNamesEveryWrongClaimAtOnce(t *testing.T) {
	token := mint(t, testKey, with(map[string]any{"sub": "", "role": "admin", "avatar": "http://x"}))
	for _, check := range []string{"sub", "role", "avatar"} {
		if f := inspect(t, token, check); f.State != FindingFailed {
			t.Errorf("%s: got %+v", check, f)
		}
	}
	if f := inspect(t, token, "exp"); f.State != FindingOK {
		t.Errorf("exp: got %+v", f)
	}
}

func TestTesterRecognisesTheUsualMistakesWithSecrets(t *testing.T) {
	bare := strings.TrimPrefix(testKey.Secret, "sk_")
	decoded, err := base64.RawURLEncoding.DecodeString(bare)
	for name, row := range map[string]struct{ secret, hint string }{
		"without its beginning": {bare, "without its sk_"},
		"with a line break":     {testKey.Secret + "\n", "line break"},
		"of another key":        {"sk_test__0123456789012345678901234567890123", "the secret of pk_test"},
		"of another app":        {boatKey.Secret, "whole secret"},
		"decoded":               {string(decoded), "decoded secret"},
	} {
		f := inspect(t, forge(row.secret, goodHeader, goodClaims()), "signature")
		if f.State != FindingFailed || !strings.Contains(f.Mend, row.hint) {
			t.Errorf("%s: got %+v (%v)", name, f, err)
		}
	}
}

func TestTesterDoesNotKnowTheKeysOfOtherApps(t *testing.T) {
	theirs := forge(boatKey.Secret, `{"alg":"HS256","kid":"pk_boats"}`, goodClaims())
	nobodys := forge(boatKey.Secret, `{"alg":"HS256","kid":"pk_none"}`, goodClaims())
	if a, b := inspect(t, theirs, "kid"), inspect(t, nobodys, "kid"); a != b || a.State != FindingFailed {
		t.Errorf("got %+v and %+v, want the same failure", a, b)
	}
	if f := inspect(t, theirs, "sub"); f.State != FindingSkipped {
		t.Errorf("sub: got %+v", f)
	}
}

func TestTesterFindsTheKeyOfEncryptedOptions(t *testing.T) {
	sealed := seal(t, testKey, map[string]any{"conversation_id": 1, "current_user_id": 1, "current_user_name": ""})
	if f := inspect(t, sealed, "signature"); f.State != FindingOK || !strings.Contains(f.Text, "pk_bikes") {
		t.Errorf("got %+v", f)
	}
	if f := inspect(t, sealed, "current_user_name"); f.State != FindingFailed {
		t.Errorf("got %+v", f)
	}
	if f := inspect(t, seal(t, boatKey, map[string]any{}), "signature"); f.State != FindingFailed {
		t.Errorf("another app's: got %+v", f)
	}
}
