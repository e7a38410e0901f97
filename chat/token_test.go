package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// keptApps keeps apps in memory, for tests; fail makes it refuse to.
type keptApps struct {
	saved map[AppID]App
	fail  error
}

func (k *keptApps) SaveApp(_ context.Context, a App) error {
	if k.fail != nil {
		return k.fail
	}
	k.saved[a.ID] = a
	return nil
}

func (k *keptApps) LoadApps(context.Context) ([]App, error) {
	var list []App
	for _, a := range k.saved {
		list = append(list, a)
	}
	return list, k.fail
}

var (
	testNow = time.Unix(1_800_000_000, 0).UTC()
	testKey = Key{PublicID: "pk_bikes", Secret: "sk_bikes_0123456789012345678901234567890123456", PrivateKey: "MDEyMzQ1Njc4OWFiY2RlZg", Active: true}
)

// newDirectory returns a directory that knows the given apps.
func newDirectory(t testing.TB, apps ...App) *Directory {
	t.Helper()
	d := NewDirectory(&keptApps{saved: map[AppID]App{}})
	for _, a := range apps {
		if err := d.Apply(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func bikes() App { return App{ID: 1, Name: "Bikes", Revision: 1, Keys: []Key{testKey}} }

func mint(t testing.TB, k Key, claims map[string]any) string {
	t.Helper()
	token, err := signClaims(k, claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func seal(t testing.TB, k Key, v any) string {
	t.Helper()
	sealed, err := Seal(k, v)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// with returns the claims of a good token, changed in some places; a nil value removes the claim.
func with(changes map[string]any) map[string]any {
	claims := map[string]any{"sub": "ann", "name": "Ann", "exp": testNow.Add(time.Hour).Unix()}
	for name, v := range changes {
		claims[name] = v
		if v == nil {
			delete(claims, name)
		}
	}
	return claims
}

func TestMintedTokenNamesItsVisitor(t *testing.T) {
	d := newDirectory(t, bikes())
	role := Moderator
	token, err := Mint(testKey, Claims{
		User:          User{ID: "8812", Name: "Jonas", Avatar: "https://bikes.example/j.png"},
		Conversations: []ConversationID{"bike-4120", "bike-1"}, Role: &role, Locale: "nl", IssuedAt: testNow,
	}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Authenticate(testNow, Credential{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	if got.App != 1 || got.Key != "pk_bikes" || got.User.ID != "8812" || got.User.Name != "Jonas" ||
		got.User.Avatar != "https://bikes.example/j.png" || *got.Role != Moderator || got.Locale != "nl" ||
		!slices.Equal(got.Conversations, []ConversationID{"bike-4120", "bike-1"}) ||
		!got.Expires.Equal(testNow.Add(time.Hour)) || got.Encrypted {
		t.Errorf("got %+v", got)
	}
}

func TestEncryptedOptionsNameTheirVisitorAndTheOthers(t *testing.T) {
	app := bikes()
	app.Clients2018 = true
	sealed := seal(t, testKey, map[string]any{
		"conversation_id": 7, "current_user_id": 1234, "current_user_name": "Ann", "current_user_role": nil,
		"other_users": []any{map[string]any{"id": 5, "name": "Bob"}, map[string]any{"id": "5", "name": "Bob"}},
	})
	got, err := newDirectory(t, app).Authenticate(testNow, Credential{PublicID: "pk_bikes", EncryptedOptions: sealed})
	if err != nil {
		t.Fatal(err)
	}
	if got.User.ID != "1234" || !got.Admits("7") || got.Role != nil || !got.Expires.IsZero() || !got.Encrypted ||
		!slices.Equal(got.Others, []User{{ID: "5", Name: "Bob"}}) {
		t.Errorf("got %+v", got)
	}
}

func TestOptionsWithoutExpiryNeedTheSwitch(t *testing.T) {
	options := map[string]any{"conversation_id": "c", "current_user_id": 1, "current_user_name": "Ann"}
	d := newDirectory(t, bikes())
	_, err := d.Authenticate(testNow, Credential{PublicID: "pk_bikes", EncryptedOptions: seal(t, testKey, options)})
	refusedFor(t, err, "exp")
	options["exp"] = testNow.Add(time.Hour).Unix()
	_, err = d.Authenticate(testNow, Credential{PublicID: "pk_bikes", EncryptedOptions: seal(t, testKey, options)})
	if err != nil {
		t.Errorf("with exp: %v", err)
	}
}

// refusedFor checks that err is the one error of the outside, and that its cause names the claim.
func refusedFor(t *testing.T, err error, claim string) {
	t.Helper()
	var seen *Error
	if !errors.As(err, &seen) || seen.Code != Unauthorized {
		t.Fatalf("got %v, want unauthorized", err)
	}
	why, ok := AsRefused(err)
	if !ok || why.Claim != claim || why.Reason == "" || why.Mend == "" {
		t.Fatalf("got cause %+v, want claim %q", why, claim)
	}
	if outside := refuse(unknownKey).(*Error); seen.Message != outside.Message || seen.RetryAfter != 0 {
		t.Errorf("the outside can tell refusals apart: %q", seen.Message)
	}
	if strings.Contains(why.Reason+why.Mend, "0123456789") {
		t.Errorf("the cause shows a secret: %+v", why)
	}
}
