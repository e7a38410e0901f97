package dashboard_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"planga/chat"
	"planga/dashboard"
	"planga/store/sqlite"
)

// broken is a store whose list of apps fails.
type broken struct {
	*sqlite.Dashboard
	list  func() error
	links error // of looking a link's token up
}

func (b *broken) ListApps(ctx context.Context) ([]dashboard.App, error) {
	if err := b.list(); err != nil {
		return nil, err
	}
	return b.Dashboard.ListApps(ctx)
}

func (b *broken) SetupOpen(ctx context.Context, token dashboard.Digest, at time.Time) (bool, error) {
	if b.links != nil {
		return false, b.links
	}
	return b.Dashboard.SetupOpen(ctx, token, at)
}

func (b *broken) PasswordOffered(ctx context.Context, token dashboard.Digest, at time.Time) (dashboard.Account, error) {
	if b.links != nil {
		return dashboard.Account{}, b.links
	}
	return b.Dashboard.PasswordOffered(ctx, token, at)
}

// breaks serves the house's pages from a store that fails, and writes its log down.
func (h *house) breaks(store *broken) (*httptest.Server, *bytes.Buffer) {
	h.Helper()
	var log bytes.Buffer
	board, err := dashboard.New(dashboard.Options{Store: store, Bus: h.bus, URL: h.URL, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	h.must(err)
	server := httptest.NewServer(board.Handler())
	h.Cleanup(server.Close)
	return server, &log
}

func TestWhatGoesWrongIsWrittenDownUnderAWord(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	for name, list := range map[string]func() error{
		"an error": func() error { return errors.New("secret detail of the database") },
		"a panic":  func() error { panic("secret detail of the database") },
	} {
		t.Run(name, func(t *testing.T) {
			server, log := h.breaks(&broken{Dashboard: h.store, list: list})
			a := sana.at(server).get("/apps").is(http.StatusInternalServerError).doesNotSay("secret detail")
			word := regexp.MustCompile(`e-[A-Z2-7]{6}`).FindString(a.body)
			if word == "" || !strings.Contains(log.String(), word) || !strings.Contains(log.String(), "secret detail") {
				t.Errorf("the page says %q, the log says:\n%s", word, log)
			}
			if a.Header.Get("Content-Security-Policy") == "" {
				t.Error("the page has no policy")
			}
		})
	}
}

func TestAFullDiskIsSaidCalmly(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	server, _ := h.breaks(&broken{Dashboard: h.store, list: func() error { return chat.Unavailable(errors.New("disk full"), time.Second) }})
	a := sana.at(server).get("/apps").is(http.StatusServiceUnavailable).says("Nothing was changed")
	if got := a.Header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After is %q, want 1", got)
	}
}

func TestTheLogHoldsNoToken(t *testing.T) {
	h := open(t, "")
	link, _, err := h.board.SetupURL(t.Context())
	h.must(err)
	h.owner()
	server, log := h.breaks(&broken{Dashboard: h.store, list: func() error { return nil }, links: errors.New("the store fails")})
	for _, path := range []string{pathOf(link), h.passwordLink()} {
		log.Reset()
		h.stranger().at(server).get(path).is(http.StatusInternalServerError)
		token := path[strings.LastIndex(path, "/")+1:]
		if !strings.Contains(log.String(), "the store fails") || strings.Contains(log.String(), token) {
			t.Errorf("the log must have the failure and not the token:\n%s", log)
		}
	}
}

// at is the same person with the same cookies at another server on this machine.
func (p *person) at(server *httptest.Server) *person {
	h := *p.house
	h.Server = server
	return &person{&h, p.client}
}
