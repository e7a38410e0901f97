package sqlite

import (
	"strings"
	"testing"
	"time"

	"planga/chat"
	"planga/dashboard"
)

func TestSettingsTellWhatChangedSince(t *testing.T) {
	d, first, key := board(t)
	register := dashboard.NewRegister(d, time.Now)
	second, err := register.CreateApp(t.Context(), "Second")
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Settings(t.Context(), 0)
	if err != nil || len(all) != 2 || all[0].ID != first || all[1].ID != second.ID {
		t.Fatalf("settings are %+v, %v; want both apps, the earlier change first", all, err)
	}
	told := all[1].Revision
	if none, err := d.Settings(t.Context(), told); err != nil || len(none) != 0 {
		t.Errorf("without a change there is %+v, %v", none, err)
	}
	if err := register.SetKeyActive(t.Context(), first, key, false); err != nil {
		t.Fatal(err)
	}
	changed, err := d.Settings(t.Context(), told)
	if err != nil || len(changed) != 1 || changed[0].ID != first || changed[0].Keys[0].Active || changed[0].Revision <= told {
		t.Errorf("after a change there is %+v, %v", changed, err)
	}
	if _, err := register.RenameApp(t.Context(), first, "Wheelhouse"); err != nil {
		t.Fatal(err)
	}
	if same, err := d.Settings(t.Context(), changed[0].Revision); err != nil || len(same) != 0 {
		t.Errorf("a rename to the same name is told as a change: %+v, %v", same, err)
	}
}

func TestADamagedSecretSilencesNobodyElse(t *testing.T) {
	d, app, key := board(t)
	register := dashboard.NewRegister(d, time.Now)
	good, secrets, err := register.CreateKey(t.Context(), app, "Good")
	if err != nil {
		t.Fatal(err)
	}
	// A secret moved from one key to another is noticed, because it is sealed for its own key.
	if err := d.exec(t.Context(), `UPDATE keys SET secret = (SELECT secret FROM keys WHERE public_id = ?) WHERE public_id = ?`, good.PublicID, key); err != nil {
		t.Fatal(err)
	}
	apps, err := d.Settings(t.Context(), 0)
	if err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("the error is %v, want it to name %s", err, key)
	}
	if len(apps) != 1 || len(apps[0].Keys) != 1 || apps[0].Keys[0].Secret != secrets.Secret {
		t.Errorf("settings are %+v, want the good key alone", apps)
	}
}

func TestADeletedKeyLeavesNoSecretBehind(t *testing.T) {
	d, app, key := board(t)
	if err := d.DeleteKey(t.Context(), app, key, noon); err != nil {
		t.Fatal(err)
	}
	left, err := readRow[int](t.Context(), d.engine, `SELECT count(*) FROM keys WHERE secret IS NOT NULL OR private_key IS NOT NULL`)
	if err != nil || left != 0 {
		t.Errorf("%d secrets are left (%v)", left, err)
	}
	if err := d.DeleteKey(t.Context(), app, key, noon); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("deleting it again: got %v, want not found", err)
	}
}

func TestTheFirstMessageIsKeptOnceAndEndsTheListening(t *testing.T) {
	d, app, _ := board(t)
	listens := func() bool {
		apps, err := d.Settings(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return apps[0].Listens(chat.OnMessageCreated)
	}
	if !listens() {
		t.Error("nobody listens for the first message")
	}
	for _, author := range []string{"Jonas", "Mira"} {
		if err := d.RecordFirst(t.Context(), app, dashboard.FirstMessage{At: noon, Author: author, Conversation: "bike-4120"}); err != nil {
			t.Fatal(err)
		}
	}
	a, err := d.App(t.Context(), app)
	if err != nil || a.First.Author != "Jonas" || !a.First.At.Equal(noon) {
		t.Errorf("the first message is %+v, %v; want that of Jonas", a.First, err)
	}
	if listens() {
		t.Error("somebody still listens")
	}
	if err := d.RecordFirst(t.Context(), app+1, dashboard.FirstMessage{At: noon}); err != nil {
		t.Errorf("an unknown app: %v", err)
	}
}
