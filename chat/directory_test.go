package chat

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestNewerRevisionWins(t *testing.T) {
	d := newDirectory(t, App{ID: 1, Revision: 5, Name: "five"})
	for _, step := range []struct {
		revision int64
		name     string
		want     string
	}{
		{4, "four", "five"},
		{5, "five again", "five"},
		{6, "six", "six"},
		{0, "of 2018", "of 2018"},
		{6, "six again", "of 2018"},
		{0, "of 2018, changed", "of 2018, changed"},
		{7, "seven", "seven"},
	} {
		if err := d.Apply(t.Context(), App{ID: 1, Revision: step.revision, Name: step.name}); err != nil {
			t.Fatal(err)
		}
		if a, _ := d.App(1); a.Name != step.want {
			t.Errorf("after revision %d: got %q, want %q", step.revision, a.Name, step.want)
		}
	}
}

func TestRevokedKeyIsRefusedAtOnce(t *testing.T) {
	token := forge(testKey.Secret, goodHeader, goodClaims())
	rotated := testKey
	rotated.Secret = "sk_new___0123456789012345678901234567890123"
	disabled := testKey
	disabled.Active = false
	for name, row := range map[string]struct {
		now   App
		claim string
	}{
		"disabled":        {App{ID: 1, Revision: 2, Keys: []Key{disabled}}, "kid"},
		"deleted":         {App{ID: 1, Revision: 2}, "kid"},
		"rotated":         {App{ID: 1, Revision: 2, Keys: []Key{rotated}}, "signature"},
		"the app deleted": {App{ID: 1, Revision: 2, Keys: []Key{testKey}, Deleted: true}, "kid"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDirectory(t, bikes())
			before, err := d.Authenticate(testNow, Credential{Token: token})
			if err != nil || !d.Vouches(before) {
				t.Fatalf("before: %v", err)
			}
			var told []App
			d.Watch(func(a App) { told = append(told, a) })
			if err := d.Apply(t.Context(), row.now); err != nil {
				t.Fatal(err)
			}
			_, err = d.Authenticate(testNow, Credential{Token: token})
			refusedFor(t, err, row.claim)
			if len(told) != 1 || told[0].ID != 1 || told[0].Revision != 2 {
				t.Errorf("the watcher was told %+v", told)
			}
			if name != "rotated" && d.Vouches(before) {
				t.Error("the key still vouches for who came before")
			}
			if _, ok := d.App(1); ok == row.now.Deleted {
				t.Errorf("the app is there: %v", ok)
			}
		})
	}
}

func TestSwitchingOff2018EndsIdentitiesWithoutExpiry(t *testing.T) {
	app := bikes()
	app.Clients2018 = true
	d := newDirectory(t, app)
	i := Identity{App: 1, Key: "pk_bikes", Encrypted: true}
	if !d.Vouches(i) {
		t.Fatal("with the switch on: not vouched for")
	}
	app.Clients2018, app.Revision = false, 2
	if err := d.Apply(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	if d.Vouches(i) {
		t.Error("with the switch off: still vouched for")
	}
}

// Centrifugo's CVE-2026-49998: a cache of keys by key id alone let one tenant's key answer for another.
func TestOneTenantCannotTakeAnothersPublicID(t *testing.T) {
	thief := testKey
	thief.Secret = "sk_thief_0123456789012345678901234567890123"
	other := App{ID: 2, Revision: 9, Keys: []Key{thief, boatKey}}
	apps := &keptApps{saved: map[AppID]App{}}
	d := NewDirectory(apps)
	for _, a := range []App{bikes(), other} {
		if err := d.Apply(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	again := NewDirectory(apps)
	if err := again.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*Directory{"while running": d, "after a start": again} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Authenticate(testNow, Credential{Token: forge(thief.Secret, goodHeader, goodClaims())})
			refusedFor(t, err, "signature")
			i, err := d.Authenticate(testNow, Credential{Token: forge(testKey.Secret, goodHeader, goodClaims())})
			if err != nil || i.App != 1 {
				t.Errorf("the owner: got app %d, %v", i.App, err)
			}
			if _, err := d.APIKey("pk_bikes", thief.Secret); CodeOf(err) != Unauthorized {
				t.Errorf("the thief's secret opens the API: %v", err)
			}
			if a, err := d.APIKey("pk_boats", boatKey.Secret); err != nil || a.ID != 2 {
				t.Errorf("the other key of the second app: got app %d, %v", a.ID, err)
			}
		})
	}
}

func TestAPIKeyNeedsTheWholeSecret(t *testing.T) {
	disabled := Key{PublicID: "pk_off", Secret: testKey.Secret}
	old := Key{PublicID: "pk_2018", PrivateKey: testKey.PrivateKey, Active: true}
	d := newDirectory(t, App{ID: 1, Revision: 1, Keys: []Key{testKey, disabled, old}})
	if a, err := d.APIKey("pk_bikes", testKey.Secret); err != nil || a.ID != 1 {
		t.Fatalf("the right secret: got app %d, %v", a.ID, err)
	}
	for _, row := range []struct{ id, secret, claim string }{
		{"pk_bikes", "", "secret"},
		{"pk_bikes", testKey.Secret[:len(testKey.Secret)-1], "secret"},
		{"pk_bikes", testKey.Secret + "0", "secret"},
		{"pk_bikes", testKey.PrivateKey, "secret"},
		{"pk_off", testKey.Secret, "kid"},
		{"pk_2018", "", "secret"},
		{"", "", "kid"},
		{"pk_x", "", "kid"},
	} {
		_, err := d.APIKey(row.id, row.secret)
		refusedFor(t, err, row.claim)
	}
}

func TestDirectoryWorksOnWhenTheDiskDoesNot(t *testing.T) {
	full := errors.New("disk full")
	apps := &keptApps{saved: map[AppID]App{}, fail: full}
	d := NewDirectory(apps)
	if err := d.Apply(t.Context(), bikes()); !errors.Is(err, full) {
		t.Fatalf("got %v, want the store's error", err)
	}
	if _, ok := d.App(1); !ok {
		t.Fatal("the app does not count although it was told")
	}
	apps.fail = nil
	if err := d.Apply(t.Context(), bikes()); err != nil {
		t.Fatal(err)
	}
	if apps.saved[1].Revision != 1 {
		t.Error("repeating did not keep the app")
	}
}

func TestLoadKeepsWhatIsNewer(t *testing.T) {
	apps := &keptApps{saved: map[AppID]App{1: {ID: 1, Revision: 1, Name: "old"}, 2: {ID: 2, Revision: 1, Deleted: true}, 3: {ID: 3}}}
	d := NewDirectory(apps)
	if err := d.Apply(t.Context(), App{ID: 1, Revision: 2, Name: "new"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, _ := d.App(1); a.Name != "new" {
		t.Errorf("got %q, want the newer app", a.Name)
	}
	ids := map[AppID]bool{}
	for a := range d.Apps {
		ids[a.ID] = true
	}
	if len(ids) != 2 || !ids[1] || !ids[3] {
		t.Errorf("got apps %v, want 1 and 3", ids)
	}
}

func TestAppNeedsAPositiveID(t *testing.T) {
	for _, id := range []AppID{0, -1} {
		if err := newDirectory(t).Apply(t.Context(), App{ID: id}); CodeOf(err) != Invalid {
			t.Errorf("app %d: got %v, want invalid", id, err)
		}
	}
}

func TestDirectoryServesManyAtOnce(t *testing.T) {
	d := newDirectory(t, bikes(), boats())
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := range 100 {
				own := App{ID: AppID(10 + n), Revision: int64(i + 1), Keys: []Key{{PublicID: fmt.Sprint("pk_", n, "_", i%2), Active: true}}}
				if err := d.Apply(t.Context(), own); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			token := forge(testKey.Secret, goodHeader, goodClaims())
			for range 100 {
				if i, err := d.Authenticate(testNow.Add(time.Minute), Credential{Token: token}); err != nil || i.App != 1 {
					t.Errorf("got app %d, %v", i.App, err)
				}
			}
		})
	}
	all.Wait()
}

// Chatwoot's #2070: a visitor saw another visitor's messages.
func TestVisitorsOfManyTenantsNeverMix(t *testing.T) {
	d := newDirectory(t)
	var keys []Key
	for n := range 20 {
		k := Key{PublicID: fmt.Sprintf("pk_same_prefix_%d", n), Secret: fmt.Sprintf("sk_%040d", n), Active: true}
		keys = append(keys, k)
		if err := d.Apply(t.Context(), App{ID: AppID(n + 1), Revision: 1, Keys: []Key{k}}); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for n, k := range keys {
		all.Go(func() {
			for v := range 50 {
				own := UserID(fmt.Sprintf("visitor %d of %d", v, n))
				token, err := signClaims(k, with(map[string]any{"sub": own}))
				if err != nil {
					t.Error(err)
					return
				}
				i, err := d.Authenticate(testNow, Credential{Token: token})
				if err != nil || i.App != AppID(n+1) || i.User.ID != own || i.Key != k.PublicID {
					t.Errorf("%q got %+v, %v", own, i, err)
				}
			}
		})
	}
	all.Wait()
}
