package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"
)

// rooms says who may import whom; "" is this package, which may import everybody. A new room needs a line.
var rooms = map[string][]string{
	"chat":                {},
	"chat/phoenix":        {},
	"chat/live":           {"chat", "chat/phoenix", "bus"},
	"chat/api":            {"chat"},
	"bus":                 {"chat", "bus/etf"},
	"bus/etf":             {},
	"bus/memory":          {"bus", "chat"},
	"bus/bustest":         {"bus", "bus/etf", "chat"},
	"dashboard":           {"chat", "bus", "dashboard/analytics", "ui/theme", "ui/docs/signing"},
	"dashboard/analytics": {"chat", "ui/theme"},
	"store/sqlite":        {"chat", "dashboard", "dashboard/analytics"},
	"store/sqlite/crash":  {"chat", "store/sqlite"},
	"store/storetest":     {"chat"},
	"ui/cli":              {"chat", "dashboard", "ui/cli/bench"},
	"ui/cli/bench":        {},
	"ui/demo":             {"chat", "dashboard"},
	"ui/front":            {},
	"ui/docs":             {},
	"ui/docs/signing":     {},
	"ui/theme":            {},
	"ui/widget":           {},
	"ui/widget/build":     {},
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	list, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := json.NewDecoder(strings.NewReader(string(list)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath == "planga" {
			continue
		}
		room := strings.TrimPrefix(p.ImportPath, "planga/")
		may, known := rooms[room]
		if !known {
			t.Errorf("%s is a new room: give it a line", room)
		}
		for _, i := range p.Imports {
			if other, ours := strings.CutPrefix(i, "planga/"); ours && !slices.Contains(may, other) {
				t.Errorf("%s imports %s, which it may not", room, other)
			}
		}
	}
}

// buildPlanga compiles the program as a user would.
func buildPlanga(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "planga")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// start runs the program until the test ends, and returns the first address in its output that matches.
func start(t *testing.T, address, binary string, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = t.TempDir()
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("planga %s ended with %v\n%s", strings.Join(args, " "), err, &complaints)
		}
	})
	found := make(chan string, 1)
	go func() {
		pattern := regexp.MustCompile(address)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if a := pattern.FindString(lines.Text()); a != "" {
				found <- a
			}
		}
		close(found)
	}()
	select {
	case a := <-found:
		if a == "" {
			t.Fatalf("planga %s printed no address\n%s", strings.Join(args, " "), &complaints)
		}
		return a
	case <-time.After(30 * time.Second):
		t.Fatalf("planga %s printed no address in 30 s", strings.Join(args, " "))
	}
	return ""
}

// chromium opens a browser window, or skips the test where there is no browser.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
			t.Fatal("chromium is missing")
		}
		t.Skip("chromium is missing: the demo was not opened in a browser")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// side is one person's half of the demo's page.
type side string

func (s side) root() string {
	return fmt.Sprintf("document.querySelector('#%s > *')?.shadowRoot", string(s))
}

// sees waits until the text stands in the log on this side. (The page's policy forbids the browser's own polling, which
// compiles text to code.)
func (s side) sees(t *testing.T, ctx context.Context, text string) {
	t.Helper()
	expression := fmt.Sprintf("(%s?.querySelector('[role=log]')?.textContent ?? '')", s.root())
	var log string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		var err error
		if log, err = chromedp.Run(ctx, chromedp.Evaluate[string](expression)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(log, text) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s does not see %q, but %q", s, text, log)
}

func (s side) says(t *testing.T, ctx context.Context, text string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](s.root()+".querySelector('textarea').focus()")); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.KeyEvent(text)); err != nil {
		t.Fatal(err)
	}
	enter := input.DispatchKeyEventParams{Type: "keyDown", Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13}
	if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, enter); err != nil {
		t.Fatal(err)
	}
	left, err := chromedp.Run(ctx, chromedp.Evaluate[string](s.root()+".querySelector('textarea').value"))
	if err != nil || left != "" {
		t.Errorf("after Enter the field holds %q, %v", left, err)
	}
}

func TestTheDemoOpensToTwoPeopleChatting(t *testing.T) {
	page := start(t, `http://\S+/demo/`, buildPlanga(t), "demo", "--listen", "127.0.0.1:0")
	ctx := chromium(t)
	jonas, mira := side("jonas"), side("mira")
	for _, look := range []struct {
		name          string
		width, height int64
	}{{"light", 1280, 1000}, {"dark", 1280, 1000}, {"light", 390, 844}, {"dark", 390, 844}} {
		name := fmt.Sprintf("%s-%d", look.name, look.width)
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(look.width, look.height), chromedp.Navigate(page+"?theme="+look.name)); err != nil {
			t.Fatal(err)
		}
		jonas.sees(t, ctx, "Saturday at ten suits me")
		jonas.says(t, ctx, "Is the "+name+" one still there?")
		mira.sees(t, ctx, "Is the "+name+" one still there?")
		mira.says(t, ctx, "Yes, the "+name+" one is.")
		jonas.sees(t, ctx, "Yes, the "+name+" one is.")
		takePicture(t, ctx, name, look.width)
	}
}

// takePicture checks that the page is drawn and does not scroll sideways. PLANGA_TEST_PICTURES names a folder to keep it in.
func takePicture(t *testing.T, ctx context.Context, name string, width int64) {
	t.Helper()
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	if err != nil || wide > width {
		t.Errorf("%s: the page is %d px wide, %v", name, wide, err)
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	drawn, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	colours := make(map[any]bool)
	for y := 0; y < drawn.Bounds().Dy(); y += 3 {
		for x := 0; x < drawn.Bounds().Dx(); x += 3 {
			colours[drawn.At(x, y)] = true
		}
	}
	if len(colours) < 30 {
		t.Errorf("%s: the picture has only %d colours", name, len(colours))
	}
	if folder := os.Getenv("PLANGA_TEST_PICTURES"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// run runs one command to its end and returns what it printed.
func run(t *testing.T, binary string, args ...string) string {
	t.Helper()
	var complaints bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("planga %s: %v\n%s%s", strings.Join(args, " "), err, out, &complaints)
	}
	return string(out)
}

// eventually repeats try until it succeeds, for at most a few seconds.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// visit connects and joins a conversation the way every Phoenix client does.
func visit(t *testing.T, address, token, conversation string) (*websocket.Conn, error) {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), address+"/socket/websocket?vsn=2.0.0", &websocket.DialOptions{
		Subprotocols: []string{"phoenix", "base64url.bearer.phx." + base64.RawURLEncoding.EncodeToString([]byte(token))},
	})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { c.CloseNow() })
	join := fmt.Sprintf(`["1","1","conversation:%s","phx_join",{"last_rev":null}]`, conversation)
	if err := c.Write(t.Context(), websocket.MessageText, []byte(join)); err != nil {
		return nil, err
	}
	_, reply, err := c.Read(t.Context())
	if err == nil && !bytes.Contains(reply, []byte(`"status":"ok"`)) {
		err = fmt.Errorf("join: %s", reply)
	}
	return c, err
}

func TestAServerIsOperatedFromTheCommandLineWhileItRuns(t *testing.T) {
	planga, data := buildPlanga(t), filepath.Join(t.TempDir(), "data")
	address := strings.TrimSuffix(start(t, `http://[^/]+/setup`, planga, "serve", "--data", data, "--listen", "127.0.0.1:0"), "/setup")
	run(t, planga, "healthcheck", "--listen", strings.TrimPrefix(address, "http://"))
	key := regexp.MustCompile(`pk_\w+`).FindString(run(t, planga, "app", "create", "Wheelhouse", "--data", data))
	token := strings.TrimSpace(run(t, planga, "token", "mint", "--user", "ann", "--name", "Ann", "--conversation", "bike", "--data", data))

	var ann *websocket.Conn
	eventually(t, func() (err error) { // the server looks for changes every half second
		ann, err = visit(t, address, token, "bike")
		return err
	})
	bench := run(t, planga, "bench", "--url", address, "--data", data, "--rooms", "2", "--members", "3", "--rate", "50", "--for", "1s")
	if !strings.Contains(bench, "acknowledged           50 ") || !strings.Contains(bench, "delivered              150 of 150 ") {
		t.Errorf("not everything was acknowledged and delivered:\n%s", bench)
	}

	run(t, planga, "key", "disable", key, "--data", data)
	disabled := time.Now()
	for {
		_, _, err := ann.Read(t.Context())
		if err == nil {
			continue
		}
		if code := websocket.CloseStatus(err); code != websocket.StatusPolicyViolation {
			t.Errorf("the socket ended with %d, %v; want 1008", code, err)
		}
		break
	}
	t.Logf("the socket was closed %s after its key was disabled", time.Since(disabled).Round(time.Millisecond))
	if _, err := visit(t, address, token, "bike"); err == nil {
		t.Error("a token of the disabled key still opens the door")
	}
}

func TestASecondServerOnTheSameDataIsRefusedInWords(t *testing.T) {
	planga, data := buildPlanga(t), filepath.Join(t.TempDir(), "data")
	address := start(t, `http://\S+`, planga, "serve", "--data", data, "--listen", "127.0.0.1:0")
	refuse := func(want string, args ...string) {
		t.Helper()
		out, err := exec.Command(planga, append([]string{"serve"}, args...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) || strings.Count(string(out), "\n") != 1 {
			t.Errorf("serve %v: %v, %q; want one line that says %q", args, err, out, want)
		}
	}
	refuse("another Planga server", "--data", data, "--listen", "127.0.0.1:0")
	refuse("--listen", "--data", t.TempDir(), "--listen", strings.Split(strings.TrimPrefix(address, "http://"), "/")[0])
	refuse("--listen", "--data", t.TempDir(), "--listen", ":99999")
	refuse("unknown flag", "--colour", "red")
	refuse("log level", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--log-level", "loud")
	refuse("trusted proxy", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--trusted-proxy", "everybody")
	refuse("https://", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--url", "chat.example.com")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuse("is a file", "--data", file, "--listen", "127.0.0.1:0")
}
