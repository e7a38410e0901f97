package sqlite

import (
	"crypto/sha256"
	"testing"
	"time"

	"planga/chat"
	"planga/dashboard"
)

// withAccounts makes accounts of these addresses, whose passwords have the hash "old".
func withAccounts(t *testing.T, emails ...string) *Dashboard {
	t.Helper()
	d, _, _ := board(t)
	for _, email := range emails {
		if err := d.exec(t.Context(), `INSERT INTO accounts (email, password_hash, created_ms) VALUES (?, 'old', ?)`, email, toMS(noon)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func token(name string) dashboard.Digest { return sha256.Sum256([]byte(name)) }

// session is one that was opened and last seen at noon.
func session(account dashboard.AccountID, name string) dashboard.Session {
	return dashboard.Session{Token: token(name), Account: account, CreatedAt: noon, SeenAt: noon, Browser: "Firefox on Linux", Address: "192.0.2.7"}
}

func TestAccountsAreListedByAddress(t *testing.T) {
	d := withAccounts(t, "sana@wheelhouse.example", "jonas@wheelhouse.example")
	all, err := d.ListAccounts(t.Context())
	if err != nil || len(all) != 2 || all[0].Email != "jonas@wheelhouse.example" || all[1].ID != 1 || !all[1].CreatedAt.Equal(noon) {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestASessionComesBackAsItWasKept(t *testing.T) {
	d := withAccounts(t, "sana@wheelhouse.example")
	want := session(1, "desk")
	if err := d.StartSession(t.Context(), want, "old", 30); err != nil {
		t.Fatal(err)
	}
	got, account, err := d.Session(t.Context(), want.Token, noon, noon)
	if err != nil || got != want || account.Email != "sana@wheelhouse.example" {
		t.Errorf("got %+v of %+v, %v; want %+v", got, account, err, want)
	}
	for name, bounds := range map[string][2]time.Time{"too old": {noon.Add(time.Second), noon}, "idle for too long": {noon, noon.Add(time.Second)}} {
		if _, _, err := d.Session(t.Context(), want.Token, bounds[0], bounds[1]); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("%s: got %v", name, err)
		}
		if open, err := d.ListSessions(t.Context(), 1, bounds[0], bounds[1]); err != nil || len(open) != 0 {
			t.Errorf("%s: listed are %+v, %v", name, open, err)
		}
	}
}

func TestANewPasswordEndsWhatTheOldOneOpened(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *Dashboard) error{
		"when it is changed": func(t *testing.T, d *Dashboard) error { return d.ChangePassword(t.Context(), 1, "old", "new") },
		"when it is chosen with a link": func(t *testing.T, d *Dashboard) error {
			return d.RedeemPassword(t.Context(), token("link"), "new", noon)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := withAccounts(t, "sana@wheelhouse.example", "jonas@wheelhouse.example")
			for _, s := range []dashboard.Session{session(1, "desk"), session(1, "phone"), session(2, "jonas")} {
				if err := d.StartSession(t.Context(), s, "old", 30); err != nil {
					t.Fatal(err)
				}
			}
			for account, link := range map[dashboard.AccountID]string{1: "link", 2: "link of jonas"} {
				if err := d.OfferPassword(t.Context(), account, token(link), noon.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			if err := change(t, d); err != nil {
				t.Fatal(err)
			}
			for account, want := range map[dashboard.AccountID]int{1: 0, 2: 1} {
				if open, err := d.ListSessions(t.Context(), account, noon, noon); err != nil || len(open) != want {
					t.Errorf("account %d has %d sessions (%v), want %d", account, len(open), err, want)
				}
			}
			if err := d.RedeemPassword(t.Context(), token("link"), "newer", noon); chat.CodeOf(err) != chat.Forbidden {
				t.Errorf("the link works again: %v", err)
			}
			if a, err := d.PasswordOffered(t.Context(), token("link of jonas"), noon); err != nil || a.ID != 2 {
				t.Errorf("the other account's link is gone: %+v, %v", a, err)
			}
			if err := d.StartSession(t.Context(), session(1, "late"), "old", 30); chat.CodeOf(err) != chat.Conflict {
				t.Errorf("a session is opened with the old password: %v", err)
			}
			if err := d.ChangePassword(t.Context(), 1, "old", "newer"); chat.CodeOf(err) != chat.Conflict {
				t.Errorf("the old password was changed again: %v", err)
			}
			if err := d.StartSession(t.Context(), session(1, "late"), "new", 30); err != nil {
				t.Errorf("no session is opened with the new password: %v", err)
			}
		})
	}
}
