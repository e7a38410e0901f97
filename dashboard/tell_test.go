package dashboard_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"planga/bus"
	"planga/bus/memory"
	"planga/chat"
	"planga/dashboard"
	"planga/store/sqlite"
)

// An operator's command opens the same database while the server runs.
func TestAKeyDisabledByAnotherProcessIsToldWithinASecond(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	id, _ := sana.createKey(app, "Website")
	h.told.await(t, app, "of the key", func(a chat.App) bool { return len(a.Keys) == 1 && a.Keys[0].Active })

	other, err := sqlite.OpenDashboard(h.dir)
	h.must(err)
	defer other.Close()
	began := time.Now()
	h.must(dashboard.NewRegister(other, time.Now).SetKeyActive(t.Context(), app, id, false))
	h.told.await(t, app, "that the key is disabled", func(a chat.App) bool { return len(a.Keys) == 1 && !a.Keys[0].Active })
	t.Logf("told after %v, looking every 20 ms", time.Since(began).Round(time.Millisecond))
	sana.get(fmt.Sprintf("/apps/%d/keys", app)).is(http.StatusOK).says("Disabled")
}

func TestANodeThatAsksIsToldEverything(t *testing.T) {
	h := open(t, "")
	sana, first := h.owner()
	second := sana.post("/apps", "name", "Second", "origin", "https://b.example").app()
	third := sana.post("/apps", "name", "Third", "origin", "https://c.example").app()
	sana.post(fmt.Sprintf("/apps/%d/delete", third), "name", "Third").is(http.StatusSeeOther)

	late := &settings{last: map[chat.AppID]chat.App{}, news: make(chan struct{})}
	ear, err := h.bus.Subscribe(bus.Handler{Settings: late.hear})
	h.must(err)
	defer ear.Close()
	h.must(h.bus.Publish(t.Context(), bus.SettingsRequest{Node: "ams-2"}))
	for _, app := range []chat.AppID{first, second} {
		late.await(t, app, "of an app", func(a chat.App) bool { return a.ID == app && !a.Deleted })
	}
	late.await(t, third, "of the deletion", func(a chat.App) bool { return a.Deleted })
}

// stubborn is a bus that refuses settings until told otherwise.
type stubborn struct {
	*memory.Bus
	refused atomic.Int64
	open    atomic.Bool
}

func (s *stubborn) Publish(ctx context.Context, m bus.Message) error {
	if _, ok := m.(bus.Settings); ok && !s.open.Load() {
		s.refused.Add(1)
		return errors.New("the broker is away")
	}
	return s.Bus.Publish(ctx, m)
}

func TestWhatCouldNotBeToldIsToldLater(t *testing.T) {
	h := open(t, "")
	carrier := &stubborn{Bus: h.bus}
	board, err := dashboard.New(dashboard.Options{Store: h.store, Bus: carrier, URL: h.URL, Logger: quiet(), Watch: time.Millisecond})
	h.must(err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- board.Run(ctx) }()
	app, err := board.Register().CreateApp(ctx, "Late", "https://late.example")
	h.must(err)
	for deadline := time.After(5 * time.Second); carrier.refused.Load() < 3; {
		select {
		case <-time.After(time.Millisecond):
		case <-deadline:
			t.Fatal("it was not tried again")
		}
	}
	carrier.open.Store(true)
	h.told.await(t, app.ID, "of the app", func(a chat.App) bool { return a.Name == "Late" })
	stop()
	h.must(<-ended)
}

func TestAfterARestoreNewChangesAreNewerThanWhatWasTold(t *testing.T) {
	dir := t.TempDir()
	at := time.Now()
	now := func() time.Time { return at }
	store, err := sqlite.OpenDashboard(dir)
	if err != nil {
		t.Fatal(err)
	}
	register := dashboard.NewRegister(store, now)
	app, err := register.CreateApp(t.Context(), "Wheelhouse")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	backup, err := os.ReadFile(filepath.Join(dir, "dashboard.db"))
	if err != nil {
		t.Fatal(err)
	}
	rename := func(name string) int64 {
		store, err := sqlite.OpenDashboard(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		at = at.Add(time.Minute)
		changed, err := dashboard.NewRegister(store, now).RenameApp(t.Context(), app.ID, name)
		if err != nil {
			t.Fatal(err)
		}
		return changed.Revision
	}
	var told int64
	for i := range 5 {
		told = rename(fmt.Sprintf("Name %d", i))
	}
	if err := os.WriteFile(filepath.Join(dir, "dashboard.db"), backup, 0o600); err != nil {
		t.Fatal(err)
	}
	if revision := rename("After the restore"); revision <= told {
		t.Errorf("the first change after a restore has revision %d, but %d was told before", revision, told)
	}
}
