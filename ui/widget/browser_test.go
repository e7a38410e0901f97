package widget

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// site is a page with the widget in a real browser, before a stand-in for the server that a test can order about.
// The page's content security policy is the strictest there is; whatever the browser complains about fails the test.
type site struct {
	*testing.T
	url string
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

func openSite(t *testing.T) *site {
	t.Helper()
	needs(t, "node_modules of the widget (npm ci)", exists("node_modules/ws"))
	path, err := exec.LookPath("chromium")
	needs(t, "chromium", err == nil)
	s := &site{T: t, url: standIn(t)}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WindowSize(1000, 800)), chromedp.WithListener(s.listen))
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close the browser: %v", err)
		}
		stop()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range s.complaints {
			t.Errorf("the browser complains: %s", c)
		}
	})
	s.ctx = ctx
	return s
}

// standIn starts test/fakeserver.mjs and returns its address.
func standIn(t *testing.T) string {
	t.Helper()
	node, err := exec.LookPath("node")
	needs(t, "node", err == nil)
	command := exec.Command(node, "test/fakeserver.mjs", "0")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the stand-in said no address: %v", err)
	}
	return strings.TrimSpace(line)
}

func (s *site) listen(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		s.complaints = append(s.complaints, e.ExceptionDetails.Text+" "+string(e.ExceptionDetails.Exception.Description))
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "WebSocket connection") && !strings.Contains(e.Entry.URL, "/socket/") && !strings.Contains(e.Entry.URL, "/chunks/") {
			s.complaints = append(s.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// order tells the stand-in what to do in a room: seed, post, drop, refuse …
func (s *site) order(room, deed string, more ...string) {
	s.Helper()
	query := url.Values{"topic": {"conversation:" + room}, "do": {deed}}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	answer, err := http.Get(s.url + "/control?" + query.Encode())
	if err != nil {
		s.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
}

func (s *site) open(query string) {
	s.Helper()
	if err := chromedp.Do(s.ctx, chromedp.Navigate(s.url+"/?"+query)); err != nil {
		s.Fatal(err)
	}
	s.until("the chat is there", "!!$('textarea, .pl-launcher, .pl-closed')")
}

const inside = `const root = document.querySelector("[data-planga]")?.shadowRoot;
	const $ = (q) => root?.querySelector(q), $$ = (q) => [...(root?.querySelectorAll(q) ?? [])], log = () => $(".pl-log")?.textContent ?? "";`

// ask evaluates an expression that may use $, $$ and log() for what is inside the widget.
func (s *site) ask(expression string) any {
	s.Helper()
	got, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](fmt.Sprintf("(() => { %s return JSON.stringify(%s) ?? 'null'; })()", inside, expression)))
	if err != nil {
		s.Fatalf("%s: %v", expression, err)
	}
	var value any
	if err := json.Unmarshal([]byte(got), &value); err != nil {
		s.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits until the expression is true.
func (s *site) until(what, expression string) {
	s.Helper()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		if s.ask("!!("+expression+")") == true {
			return
		}
	}
	s.Fatalf("waited in vain until %s; the chat shows %v", what, s.ask("$('.pl-root')?.textContent"))
}

func (s *site) press(key string, code int64) {
	s.Helper()
	text := ""
	if key == "Enter" {
		text = "\r"
	}
	for _, kind := range []input.DispatchKeyEventType{"keyDown", "keyUp"} {
		event := input.DispatchKeyEventParams{Type: kind, Key: key, Code: key, Text: text, WindowsVirtualKeyCode: code}
		if _, err := chromedp.Call(s.ctx, input.DispatchKeyEvent, event); err != nil {
			s.Fatal(err)
		}
	}
}

func (s *site) enter()     { s.Helper(); s.press("Enter", 13) }
func (s *site) escape()    { s.Helper(); s.press("Escape", 27) }
func (s *site) arrowUp()   { s.Helper(); s.press("ArrowUp", 38) }
func (s *site) arrowDown() { s.Helper(); s.press("ArrowDown", 40) }

func (s *site) writes(text string) {
	s.Helper()
	s.ask("$('textarea').focus()")
	if err := chromedp.Do(s.ctx, chromedp.KeyEvent(text)); err != nil {
		s.Fatal(err)
	}
}

// isClean asks the accessibility checker.
func (s *site) isClean(where string) {
	s.Helper()
	script, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	needs(s.T, "axe-core", err == nil)
	if err := chromedp.Do(s.ctx, chromedp.Evaluate[chromedp.Void](string(script)+";undefined")); err != nil {
		s.Fatal(err)
	}
	s.ask(`void axe.run(document.querySelector("[data-planga]"), { resultTypes: ["violations"] }).then((r) => { window.axeFound = r })`)
	s.until("the checker is done", "window.axeFound")
	found := s.ask(`window.axeFound.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" "))`)
	checked := s.ask(`window.axeFound.testEngine.name && window.axeFound.violations.length`)
	if checked != 0.0 {
		s.Errorf("%s: accessibility: %v", where, found)
	}
	s.ask("void (window.axeFound = undefined)")
}

func (s *site) narrow(width, height int64) {
	s.Helper()
	if err := chromedp.Do(s.ctx, chromedp.EmulateViewport(width, height)); err != nil {
		s.Fatal(err)
	}
}

func toText(value any) string { return fmt.Sprint(value) }
