package dashboard_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"planga/bus"
	"planga/chat"
	"planga/dashboard"
)

// needChromium skips a test on machines without Chromium, unless everything is required.
func needChromium(t *testing.T) {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if _, err := exec.LookPath(name); err == nil {
			return
		}
	}
	if os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
		t.Fatal("chromium is required and not installed")
	}
	t.Skip("chromium is not installed")
}

// axe is the accessibility checker, installed by go generate in ui/theme. Without it the pages go unchecked, unless
// everything is required.
func axe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("../ui/theme/node_modules/axe-core/axe.min.js")
	if err != nil && os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
		t.Fatalf("axe-core is required and not installed: %v", err)
	}
	return string(script)
}

// browser is a real one. Whatever it complains about, and whatever it asks of anybody else, fails the test.
type browser struct {
	*house
	ctx context.Context
	axe string // "" if it is not installed

	mu         sync.Mutex
	complaints []string
}

func (h *house) browser() *browser {
	h.Helper()
	needChromium(h.T)
	b := &browser{house: h, axe: axe(h.T)}
	ctx, stop := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(
		chromedp.NoSandbox, chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WindowSize(1280, 900)), chromedp.WithListener(b.listen))
	h.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			h.Logf("close the browser: %v", err)
		}
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, c := range b.complaints {
			h.Errorf("the browser complains: %s", c)
		}
	})
	b.ctx = ctx
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		h.Fatal(err)
	}
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.URL) && !strings.HasPrefix(e.Request.URL, "about:") {
			b.complaints = append(b.complaints, "a request to "+e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		// A form that is sent back with an error has status 422, which Chromium's log mentions.
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "422") {
			b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

func (b *browser) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.URL + path))
}

func (b *browser) fill(field, text string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).value = ""`, field)), chromedp.SendKeys(chromedp.CSS(field), text))
}

// sees waits until the visible text of the element holds text. An answer that fails because the page is just changing is asked again.
func (b *browser) sees(element, text string) {
	b.Helper()
	deadline := time.Now().Add(10 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "(nothing)"`, element)))
		if err == nil && strings.Contains(got, text) {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%s does not show %q but %q (%v)", element, text, got, err)
		}
		<-tick.C
	}
}

// picture keeps pictures of the page in the folder PLANGA_TEST_PICTURES, if that is set: light, dark, and as wide as a phone.
// On the way it checks that nothing is wider than the page.
func (b *browser) picture(name string) {
	b.Helper()
	for _, look := range []struct {
		name, scheme string
		width        int64
	}{{"light", "light", 1280}, {"dark", "dark", 1280}, {"phone", "light", 390}, {"phone-dark", "dark", 390}} {
		b.do(chromedp.EmulateViewport(look.width, 860), chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
			_, err := cdp.Call(ctx, page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			return err
		}))
		_, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](
			`scrollTo(0, 0), Promise.allSettled(document.getAnimations().map((one) => one.finished))`, chromedp.EvalAwaitPromise))
		b.must(err)
		wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
		b.must(err)
		if wide {
			b.Errorf("%s scrolls sideways at %d px", name, look.width)
		}
		b.checkAccess(name + " " + look.name)
		if dir := os.Getenv("PLANGA_TEST_PICTURES"); dir != "" {
			png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
			b.must(err)
			b.must(os.WriteFile(filepath.Join(dir, name+"-"+look.name+".png"), png, 0o644))
		}
	}
	b.do(chromedp.EmulateViewport(1280, 860))
}

// checkAccess fails the test for each thing on the page that axe finds hard to use.
func (b *browser) checkAccess(page string) {
	b.Helper()
	if b.axe == "" {
		return
	}
	b.do(chromedp.Evaluate[chromedp.Void](b.axe))
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run({resultTypes: ["violations"]}).then((results) =>
		results.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html + " " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
	b.must(err)
	for _, f := range found {
		b.Errorf("%s: %s", page, f)
	}
}

func TestADeveloperInstallsTheChatInABrowser(t *testing.T) {
	h := open(t, "")
	b := h.browser()
	setup, _, err := h.board.SetupURL(t.Context())
	b.must(err)
	b.open(mustPath(setup))
	b.picture("setup")
	b.fill("#site", "wheelhouse.example/bikes")
	b.fill("#email", sanasEmail)
	b.fill("#password", "bicycle123")
	b.do(chromedp.Click(chromedp.CSS(".door button")))
	b.sees("#site-error", "write https://wheelhouse.example.")
	b.sees("#password-error", "among the first a guesser tries")
	b.picture("setup-errors")
	b.fill("#site", "https://wheelhouse.example")
	b.fill("#password", sanasPassword)
	b.do(chromedp.Click(chromedp.CSS(".door button")))

	b.sees("h1", "Install")
	b.picture("install-empty")
	b.do(chromedp.Click(chromedp.CSS(".steps .form button")))
	b.sees("dialog", "Key “Website” is ready")
	modal, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.querySelector("dialog").matches(":modal")`))
	b.must(err)
	if !modal {
		t.Error("the dialog is not modal")
	}
	b.picture("keys-secret")
	b.do(chromedp.Click(chromedp.CSS("dialog a.btn.is-main")))
	b.sees("table", "Website")
	b.picture("keys")

	apps, err := h.board.Register().ListApps(t.Context())
	b.must(err)
	b.installs(apps[0].ID)
	b.watches(apps[0].ID)
	b.settles(apps[0].ID)
}

func mustPath(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Path
}

// installs walks through the Install page to the first message.
func (b *browser) installs(app chat.AppID) {
	b.Helper()
	b.open(fmt.Sprintf("/apps/%d/install", app))
	b.do(chromedp.Click(chromedp.CSS(".tabs label:nth-child(2)")))
	b.sees(".block", "hash_hmac")
	b.fill("#token", "eyJhbGciOiJub25lIn0.e30.")
	b.do(chromedp.Click(chromedp.CSS("#test button")))
	b.sees("#findings", "alg")
	b.picture("install")
	b.sees(".wait", "Waiting for the first message")
	told := b.told.await(b.T, app, "to tell of messages", func(a chat.App) bool { return a.Listens(chat.OnMessageCreated) })
	b.must(b.bus.Publish(b.Context(), firstMessage(app)))
	b.sees(".wait", "The first message is here.")
	b.sees(".wait", "Jonas Lindqvist in bike-4120")
	b.told.await(b.T, app, "to be silent again", func(a chat.App) bool { return a.Revision > told.Revision && len(a.Events) == 0 })
	b.picture("install-done")
}

func firstMessage(app chat.AppID) bus.Outgoing {
	room := chat.Room{App: app, Conversation: "bike-4120"}
	author := chat.User{ID: "8812", Name: "Jonas Lindqvist"}
	return bus.Outgoing{Outgoing: chat.Outgoing{
		ID: string(chat.NewMessageID()), Type: chat.OnMessageCreated, At: time.Now(), Room: room,
		Message: &chat.Message{
			ID: chat.NewMessageID(), Seq: 1, Rev: 2, ClientID: "c1", Author: chat.Author{User: author}, Kind: chat.Text,
			Body: "Is it still for sale?", SentAt: time.Now(),
		},
	}}
}

// watches looks at the overview while figures arrive.
func (b *browser) watches(app chat.AppID) {
	b.Helper()
	for i := range 96 {
		from := time.Now().Add(-time.Duration(96-i) * 15 * time.Minute)
		b.tell(app, from, int64(200+i*7%90), int64(120+(i*37)%150))
	}
	b.open(fmt.Sprintf("/apps/%d", app))
	b.sees("h1", "Overview")
	b.tell(app, time.Now().Add(-5*time.Second), 1284, 37)
	b.sees("#figures", "1,284")
	b.sees("#figures", "Origin is not on the list")
	b.picture("overview")
}

// tell is what a node says of one interval.
func (b *browser) tell(app chat.AppID, from time.Time, connections, messages int64) {
	b.Helper()
	s := chat.AppStatistics{
		App: app, Connections: connections, Peak: connections + 12, Joins: 3, Messages: messages, Bytes: messages * 80,
		AckP50: 1200 * time.Microsecond, AckP99: 3600 * time.Microsecond,
		Refused: []chat.Refusal{
			{Reason: "Origin is not on the list", Origin: "https://staging.wheelhouse.example", Count: 1, Last: from.Add(5 * time.Second)},
			{Reason: "The token had expired", Count: 3, Last: from.Add(5 * time.Second)},
		},
	}
	b.must(b.bus.Publish(b.Context(), bus.Statistics{Statistics: chat.Statistics{
		Node: "ams-1", From: from, To: from.Add(10 * time.Second), Apps: []chat.AppStatistics{s}}}))
}

// settles looks at the settings, at what asks before deleting, and at the pages for strangers.
func (b *browser) settles(app chat.AppID) {
	b.Helper()
	b.open(fmt.Sprintf("/apps/%d/settings", app))
	b.fill("#origin", "shop.wheelhouse.example/cart")
	b.do(chromedp.Click(chromedp.CSS("#origins .form button")))
	b.sees("#origin-error", "write https://shop.wheelhouse.example.")
	b.picture("settings")
	b.open(fmt.Sprintf("/apps/%d/delete", app))
	b.sees("dialog", "Delete the app")
	b.picture("delete-app")
	keys, err := b.board.Register().ListKeys(b.Context(), app)
	b.must(err)
	b.must(b.board.Register().SetKeyActive(b.Context(), app, keys[slices.IndexFunc(keys, func(k dashboard.Key) bool { return k.Name == "Website" })].PublicID, false))
	b.open(fmt.Sprintf("/apps/%d/keys", app))
	b.do(chromedp.Click(chromedp.CSS(".table .ib")))
	b.sees(".menu:popover-open", "Enable")
	b.picture("keys-menu")
	b.open("/apps")
	b.picture("apps")
	b.do(chromedp.Click(chromedp.CSS(".rail .app")))
	b.sees(".is-apps:popover-open", "wheelhouse.example")
	b.picture("apps-menu")
	b.open(fmt.Sprintf("/apps/%d/keys?done=disabled", app))
	b.do(chromedp.EmulateViewport(390, 860), chromedp.Click(chromedp.CSS(".top .ib")))
	b.sees(".rail:popover-open", "Install")
	b.picture("rail")
	b.do(chromedp.Click(chromedp.CSS(".me button")))
	b.sees("h1", "Sign in")
	b.fill("#email", sanasEmail)
	b.fill("#password", "wrong horse wrong horse")
	b.do(chromedp.Click(chromedp.CSS(".door button")))
	b.sees(".notice", "do not match")
	b.picture("login")
}
