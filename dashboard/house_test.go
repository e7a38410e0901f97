package dashboard_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"planga/bus"
	"planga/bus/memory"
	"planga/chat"
	"planga/dashboard"
	"planga/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a dashboard with a real store, a real bus and a server on loopback, in a temporary directory.
type house struct {
	*testing.T
	dir   string
	store *sqlite.Dashboard
	bus   *memory.Bus
	board *dashboard.Dashboard
	clock *clock
	told  *settings
	*httptest.Server
}

// clock is a time that tests move.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// settings hears what the chat is told.
type settings struct {
	mu   sync.Mutex
	last map[chat.AppID]chat.App
	news chan struct{} // closed and replaced with every message
}

func (s *settings) hear(a chat.App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Revision > s.last[a.ID].Revision {
		s.last[a.ID] = a
	}
	close(s.news)
	s.news = make(chan struct{})
}

// await waits until the chat has been told something that fits.
func (s *settings) await(t *testing.T, id chat.AppID, what string, fits func(chat.App) bool) chat.App {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		s.mu.Lock()
		a, news := s.last[id], s.news
		s.mu.Unlock()
		if fits(a) {
			return a
		}
		select {
		case <-news:
		case <-deadline:
			t.Fatalf("the chat was not told %s; it knows %+v", what, a)
		}
	}
}

// open starts a house whose pages are reached at address; "" stands for plain HTTP on loopback.
func open(t *testing.T, address string) *house {
	t.Helper()
	h := &house{T: t, dir: t.TempDir(), clock: &clock{}, told: &settings{last: map[chat.AppID]chat.App{}, news: make(chan struct{})}}
	h.bus = memory.New()
	t.Cleanup(func() { h.bus.Close() })
	ear, err := h.bus.Subscribe(bus.Handler{Settings: h.told.hear})
	h.must(err)
	t.Cleanup(func() { ear.Close() })
	h.store, err = sqlite.OpenDashboard(h.dir)
	h.must(err)
	t.Cleanup(func() { h.store.Close() })

	h.Server = httptest.NewUnstartedServer(nil)
	if address == "" {
		address = "http://" + h.Listener.Addr().String()
	}
	h.board, err = dashboard.New(dashboard.Options{
		Store: h.store, Bus: h.bus, URL: address, Logger: quiet(), Now: h.clock.now, Watch: 20 * time.Millisecond,
	})
	h.must(err)
	h.Config.Handler = h.board.Handler()
	h.Start()
	t.Cleanup(h.Close)
	h.run()
	return h
}

// run runs the dashboard's part of the conversation until the test ends.
func (h *house) run() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.board.Run(ctx) }()
	h.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.Errorf("run: %v", err)
		}
	})
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// person is somebody with a browser.
type person struct {
	*house
	client *http.Client
}

const (
	sanasEmail    = "sana@wheelhouse.example"
	sanasPassword = "four random bicycle words"
)

// stranger opens a browser that nobody is signed in with. It does not follow redirects.
func (h *house) stranger() *person {
	jar, err := cookiejar.New(nil)
	h.must(err)
	client := &http.Client{
		Jar:           jar,
		Transport:     h.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &person{h, client}
}

// owner sets the server up and returns the person who did, signed in, and the app that this made.
func (h *house) owner() (*person, chat.AppID) {
	h.Helper()
	p := h.stranger()
	address, offered, err := h.board.SetupURL(h.Context())
	h.must(err)
	if !offered {
		h.Fatal("no setup link is offered")
	}
	a := p.post(pathOf(address), "site", "https://wheelhouse.example", "email", sanasEmail, "password", sanasPassword)
	a.is(http.StatusSeeOther)
	return p, a.app()
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Path
}

// answer is a page that came back.
type answer struct {
	*http.Response
	body string
	t    *testing.T
}

func (p *person) get(path string) answer {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), "GET", p.URL+path, nil)
	p.must(err)
	return p.do(r)
}

// post sends a form of names and values, as the dashboard's own pages do.
func (p *person) post(path string, fields ...string) answer {
	p.Helper()
	return p.do(p.form(path, fields...))
}

func (p *person) form(path string, fields ...string) *http.Request {
	p.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(p.Context(), "POST", p.URL+path, strings.NewReader(values.Encode()))
	p.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

func (p *person) do(r *http.Request) answer {
	p.Helper()
	response, err := p.client.Do(r)
	p.must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	p.must(err)
	return answer{response, string(body), p.T}
}

func (a answer) is(status int) answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%s %s: got %d, want %d\n%s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.words())
	}
	return a
}

func (a answer) leadsTo(path string) answer {
	a.t.Helper()
	a.is(http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != path {
		a.t.Fatalf("leads to %q, want %q", got, path)
	}
	return a
}

func (a answer) says(text string) answer {
	a.t.Helper()
	if !strings.Contains(a.words(), text) {
		a.t.Errorf("%s does not say %q:\n%s", a.Request.URL.Path, text, a.words())
	}
	return a
}

func (a answer) doesNotSay(text string) answer {
	a.t.Helper()
	if strings.Contains(a.body, text) {
		a.t.Errorf("%s says %q, which it must not", a.Request.URL.Path, text)
	}
	return a
}

var tags = regexp.MustCompile(`<[^>]*>`)
var spaces = regexp.MustCompile(`\s+`)

// words is the text of the page without its mark-up.
func (a answer) words() string {
	return spaces.ReplaceAllString(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(
		tags.ReplaceAllString(a.body, " ")), " ")
}

var appPath = regexp.MustCompile(`^/apps/(\d+)`)

// app is the id of the app that the answer leads to.
func (a answer) app() chat.AppID {
	a.t.Helper()
	found := appPath.FindStringSubmatch(a.Header.Get("Location"))
	if found == nil {
		a.t.Fatalf("leads to %q, which is no app", a.Header.Get("Location"))
	}
	var id chat.AppID
	for _, digit := range found[1] {
		id = id*10 + chat.AppID(digit-'0')
	}
	return id
}

// files are the contents of the data directory.
func (h *house) files() [][]byte {
	h.Helper()
	entries, err := os.ReadDir(h.dir)
	h.must(err)
	var all [][]byte
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(h.dir, e.Name()))
		h.must(err)
		all = append(all, content)
	}
	if len(all) == 0 {
		h.Fatal("the data directory is empty")
	}
	return all
}
