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
	"net"
	"net/http"
	"net/http/httptest"
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
	"github.com/spf13/pflag"

	"planga/chat"
)

// rooms says who may import whom; "" is this package, which may import everybody. A new room needs a line.
var rooms = map[string][]string{
	"chat":                {},
	"chat/chaos":          {"chat", "store/sqlite"},
	"chat/phoenix":        {},
	"chat/live":           {"chat", "chat/phoenix", "bus"},
	"chat/api":            {"chat"},
	"bus":                 {"chat", "bus/etf"},
	"bus/etf":             {},
	"bus/memory":          {"bus", "chat"},
	"bus/bustest":         {"bus", "bus/etf", "chat"},
	"dashboard":           {"chat", "bus", "dashboard/analytics", "ui/theme", "ui/docs/signing"},
	"dashboard/analytics": {"chat", "ui/theme"},
	"store/files":         {"chat"},
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

func TestEveryFlagAndCommandIsDocumented(t *testing.T) {
	page, err := os.ReadFile("ui/docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range rootCommand().Commands() {
		if !strings.Contains(string(page), "`planga "+cmd.Name()) && !strings.Contains(string(page), "## planga "+cmd.Name()) {
			t.Errorf("the command %s is not documented", cmd.Name())
		}
		if cmd.Name() != "serve" {
			continue
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(string(page), "| `--"+f.Name+"` |") {
				t.Errorf("the flag --%s is not documented", f.Name)
			}
		})
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
	c, _, err := join(t, address, token, conversation)
	return c, err
}

// join does what [visit] does, and returns the answer too.
func join(t *testing.T, address, token, conversation string) (*websocket.Conn, string, error) {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), address+"/socket/websocket?vsn=2.0.0", &websocket.DialOptions{
		Subprotocols: []string{"phoenix", "base64url.bearer.phx." + base64.RawURLEncoding.EncodeToString([]byte(token))},
	})
	if err != nil {
		return nil, "", err
	}
	t.Cleanup(func() { c.CloseNow() })
	frame := fmt.Sprintf(`["1","1","conversation:%s","phx_join",{"last_rev":null}]`, conversation)
	if err := c.Write(t.Context(), websocket.MessageText, []byte(frame)); err != nil {
		return nil, "", err
	}
	_, reply, err := c.Read(t.Context())
	if err == nil && !bytes.Contains(reply, []byte(`"status":"ok"`)) {
		err = fmt.Errorf("join: %s", reply)
	}
	return c, string(reply), err
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

// site is a host page on an address of its own, whose visitors chat by a server beside it.
type site struct {
	t              *testing.T
	planga, data   string
	listen, server string // the server's host:port and address
	cmd            *exec.Cmd
	key            chat.Key
	page           *httptest.Server
	policy, html   string
}

// openSite starts a server with one app, and a host page that shows html under the given content security policy.
// SERVER stands for the server's host and port in both.
func openSite(t *testing.T, policy, html string) *site {
	t.Helper()
	s := &site{t: t, planga: buildPlanga(t), data: filepath.Join(t.TempDir(), "data")}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listen = free.Addr().String()
	free.Close()
	s.server = "http://" + s.listen
	s.policy, s.html = strings.ReplaceAll(policy, "SERVER", s.listen), strings.ReplaceAll(html, "SERVER", s.listen)
	s.page = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.policy != "" {
			w.Header().Set("Content-Security-Policy", s.policy)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><html lang=en><meta charset=utf-8><title>Wheelhouse</title>"+s.html)
	}))
	t.Cleanup(s.page.Close)
	made := run(t, s.planga, "app", "create", "Wheelhouse", "--origin", s.page.URL, "--data", s.data)
	part := func(name string) string {
		return regexp.MustCompile(name + `\s+(\S+)`).FindStringSubmatch(made)[1]
	}
	s.key = chat.Key{PublicID: part("public_id"), Secret: part("secret"), PrivateKey: part("private_key"), Active: true}
	t.Cleanup(s.kill)
	s.serve()
	return s
}

// serve starts the server and waits until it answers.
func (s *site) serve() {
	s.t.Helper()
	s.cmd = exec.Command(s.planga, "serve", "--data", s.data, "--listen", s.listen, "--log-level", "error")
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, func() error { return exec.Command(s.planga, "healthcheck", "--listen", s.listen).Run() })
}

// kill ends the server at once, as kill -9 does.
func (s *site) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// stored returns what a visitor who joins now is answered.
func (s *site) stored(user, name string) string {
	_, reply, err := join(s.t, s.server, s.token(user, name), "bike")
	if err != nil {
		return err.Error()
	}
	return reply
}

func (s *site) token(user, name string) string {
	token, err := chat.Mint(s.key, chat.Claims{
		User: chat.User{ID: chat.UserID(user), Name: name}, Conversations: []chat.ConversationID{"bike"},
	}, time.Hour)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func TestAPageMadeIn2018WorksWhenOnlyItsHostIsChanged(t *testing.T) {
	s := openSite(t, "", `<body><div id="chat"></div><script src="//SERVER/js/js_snippet.js"></script><script>
		new Planga(document.getElementById("chat"), {public_api_id: "PUBLIC", encrypted_options: "OPTIONS", socket_location: "//SERVER/socket", debug: false});
	</script>`)
	run(t, s.planga, "app", "clients-2018", "1", "on", "--data", s.data)
	options, err := chat.Seal(s.key, map[string]any{
		"conversation_id": "bike", "current_user_id": 42, "current_user_name": "Ann", "other_users": []any{map[string]any{"id": 43, "name": "Bob"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.html = strings.NewReplacer("PUBLIC", s.key.PublicID, "OPTIONS", options).Replace(s.html)
	ctx := chromium(t)
	var bob *websocket.Conn
	eventually(t, func() (err error) {
		bob, err = visit(t, s.server, s.token("43", "Bob"), "bike")
		return err
	})
	if err := chromedp.Do(ctx, chromedp.Navigate(s.page.URL)); err != nil {
		t.Fatal(err)
	}
	ann := side("chat")
	say(t, bob, "Hello from today's client")
	ann.sees(t, ctx, "Hello from today's client")
	ann.says(t, ctx, "Hello from a page of 2018")
	hear(t, bob, "Hello from a page of 2018")
}

// say posts as a visitor who joined with [visit].
func say(t *testing.T, c *websocket.Conn, body string) {
	t.Helper()
	frame := fmt.Sprintf(`["1","2","conversation:bike","new_message",{"client_id":%q,"body":%q}]`, body, body)
	if err := c.Write(t.Context(), websocket.MessageText, []byte(frame)); err != nil {
		t.Fatal(err)
	}
}

// hear waits for a message, and returns the frame that brought it.
func hear(t *testing.T, c *websocket.Conn, body string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, frame, err := c.Read(ctx)
		if err != nil {
			t.Fatalf("waiting for %q: %v", body, err)
		}
		if bytes.Contains(frame, []byte(`"message"`)) && bytes.Contains(frame, []byte(body)) {
			return string(frame)
		}
	}
}

const strictPolicy = "default-src 'none'; script-src http://SERVER; connect-src http://SERVER ws://SERVER; require-trusted-types-for 'script'"

func TestAMessageWrittenWhileTheServerIsDeadArrivesOnceAfterAReload(t *testing.T) {
	s := openSite(t, strictPolicy, `<body><div id="chat"></div>
		<script src="http://SERVER/planga.js" data-target="#chat" data-conversation="bike" data-token="TOKEN" async></script>`)
	s.html = strings.ReplaceAll(s.html, "TOKEN", s.token("ann", "Ann"))
	ctx := chromium(t)
	eventually(t, func() error {
		_, err := visit(t, s.server, s.token("bob", "Bob"), "bike")
		return err
	})
	if err := chromedp.Do(ctx, chromedp.Navigate(s.page.URL)); err != nil {
		t.Fatal(err)
	}
	ann := side("chat")
	eventually(t, func() error { return ann.hasField(ctx) })
	ann.says(t, ctx, "Said while all was well")
	ann.sees(t, ctx, "Said while all was well")
	ann.opensMenu(t, ctx) // which is fetched from the server, across origins and under the page's policy

	s.kill()
	ann.says(t, ctx, "Said to a dead server")
	ann.sees(t, ctx, "Said to a dead server") // at once, as not sent yet
	if err := chromedp.Do(ctx, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	s.serve()
	if err := chromedp.Do(ctx, chromedp.Navigate(s.page.URL)); err != nil { // the script itself may have been gone with the server
		t.Fatal(err)
	}
	eventually(t, func() error {
		stored := s.stored("bob", "Bob")
		if strings.Count(stored, "Said to a dead server") == 1 && strings.Contains(stored, `"head_seq":2`) {
			return nil
		}
		return fmt.Errorf("want two messages, the later one once: %s", stored)
	})
	ann.sees(t, ctx, "Said to a dead server")
	log, err := chromedp.Run(ctx, chromedp.Evaluate[string](ann.root()+".querySelector('[role=log]').textContent"))
	if err != nil || strings.Count(log, "Said to a dead server") != 1 || strings.Contains(log, "Not sent") {
		t.Errorf("the page shows %q, %v; want the message once, as sent", log, err)
	}
}

// opensMenu opens the menu of the first message, and closes it again.
func (s side) opensMenu(t *testing.T, ctx context.Context) {
	t.Helper()
	eventually(t, func() error { // the line under the focus has the button
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(
			"%[1]s.querySelector('[data-key]').focus(), !!%[1]s.querySelector('[aria-label=More]') && (%[1]s.querySelector('[aria-label=More]').click(), true)", s.root())))
		if err == nil && !done {
			err = errors.New("the message has no button for its menu")
		}
		return err
	})
	eventually(t, func() error {
		there, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!"+s.root()+".querySelector('[role=menu]')"))
		if err == nil && !there {
			err = errors.New("the menu does not open")
		}
		return err
	})
	if err := chromedp.Do(ctx, chromedp.KeyEvent("\x1b")); err != nil {
		t.Fatal(err)
	}
}

func (s side) hasField(ctx context.Context) error {
	there, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!"+s.root()+"?.querySelector('textarea')"))
	if err == nil && !there {
		err = errors.New("the chat has no field to write in")
	}
	return err
}

func TestAServerStaysUpInAPoorHouse(t *testing.T) {
	planga, data := buildPlanga(t), filepath.Join(t.TempDir(), "data")
	run(t, planga, "app", "create", "Wheelhouse", "--data", data)
	for _, house := range []struct{ name, script string }{
		{"nobody reads its output", `exec "$@" >&-`},
		{"its output goes to a full disk", `exec "$@" >/dev/full`},
		{"the pipe behind its output is closed", `exec "$@" > >(true)`},
		{"its time zone is rubbish", `TZ=Nowhere/Land exec "$@"`},
		{"it may open few files", `ulimit -n 64; exec "$@"`},
		{"nothing is wrong with it", `exec "$@"`},
	} {
		t.Run(house.name, func(t *testing.T) {
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			listen := free.Addr().String()
			free.Close()
			cmd := exec.Command("bash", "-c", house.script, "bash", planga, "serve", "--data", data, "--listen", listen)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			var complaints bytes.Buffer
			cmd.Stderr = &complaints
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() error { return exec.Command(planga, "healthcheck", "--listen", listen).Run() })
			for _, noise := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGPIPE} {
				_ = syscall.Kill(-cmd.Process.Pid, noise)
			}
			crowd(t, listen, 80)
			eventually(t, func() error { return exec.Command(planga, "healthcheck", "--listen", listen).Run() })
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
			if err := cmd.Wait(); err != nil && !strings.Contains(err.Error(), "terminated") && !strings.Contains(err.Error(), "143") {
				t.Errorf("it ended with %v\n%s", err, &complaints)
			}
			if strings.Contains(complaints.String(), "panic") {
				t.Errorf("it panicked:\n%s", &complaints)
			}
		})
	}
}

// crowd opens connections at once that say nothing, and closes them.
func crowd(t *testing.T, listen string, n int) {
	t.Helper()
	for range n {
		c, err := net.DialTimeout("tcp", listen, time.Second)
		if err != nil {
			return // it takes no more: that is an answer too
		}
		defer c.Close()
	}
}
