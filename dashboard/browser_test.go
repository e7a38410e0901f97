package dashboard_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// withoutScripts switches scripts off, and with them axe, which is one.
func (b *browser) withoutScripts() {
	b.Helper()
	b.axe = ""
	b.do(chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
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
