package phoenix_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"planga/chat/phoenix"
)

// The shapes of Phoenix Presence: by name, one meta for each appearance.
type (
	presences map[string]presence
	presence  struct {
		Metas []meta `json:"metas"`
	}
	meta struct {
		Ref string `json:"phx_ref"`
	}
	diff struct {
		Joins  presences `json:"joins"`
		Leaves presences `json:"leaves"`
	}
)

func here(name string) presence { return presence{[]meta{{"ref-" + name}}} }

// appear joins a channel whose members see each other. The name is kept in
// the channel's Assigns.
func (g *guest) appear(ch *phoenix.Channel, payload json.RawMessage) error {
	var who struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(payload, &who); err != nil {
		return err
	}
	ch.Assigns = who.Name
	g.house.enter(ch)
	state := presences{}
	for _, member := range g.house.members(ch.Topic()) {
		name := member.Assigns.(string)
		state[name] = here(name)
	}
	if err := ch.Push("presence_state", state); err != nil {
		return err
	}
	g.house.shout(ch.Topic(), "presence_diff", diff{Joins: presences{who.Name: here(who.Name)}, Leaves: presences{}})
	return nil
}

// nodeModules finds node and the packages of testdata/node, or skips.
func nodeModules(t *testing.T) (node, modules string) {
	t.Helper()
	modules = os.Getenv("PLANGA_TEST_NODE_MODULES")
	if modules == "" {
		modules, _ = filepath.Abs("testdata/node/node_modules")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node is not installed")
	}
	if _, err := os.Stat(filepath.Join(modules, "phoenix")); err != nil {
		missing(t, "run `npm ci` in chat/phoenix/testdata/node, or set PLANGA_TEST_NODE_MODULES")
	}
	return node, modules
}

// missing skips for want of something outside, which is an error where all
// of it must be there.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// TestPhoenixClient runs the scenarios of testdata/node/judge.mjs.
func TestPhoenixClient(t *testing.T) {
	node, modules := nodeModules(t)
	run := func(args ...string) (string, error) {
		cmd := exec.Command(node, append([]string{"testdata/node/judge.mjs"}, args...)...)
		cmd.Env = append(os.Environ(), "PLANGA_TEST_NODE_MODULES="+modules)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	list, err := run("list")
	if err != nil {
		t.Fatalf("%v: %s", err, list)
	}
	for scenario := range strings.SplitSeq(list, "\n") {
		t.Run(scenario, func(t *testing.T) {
			s := newServer(t, phoenix.Options{PollWindow: time.Second, HeartbeatTimeout: heartbeatFor(scenario)})
			addr := s.addr
			if strings.HasPrefix(scenario, "fallback") {
				addr = withoutWebSockets(t, s)
			}
			if out, err := run(scenario, "ws://"+addr+"/socket"); err != nil {
				t.Errorf("%v: %s\nserver: %s", err, out, s.logs)
			}
		})
	}
}

func heartbeatFor(scenario string) time.Duration {
	if strings.HasPrefix(scenario, "heartbeat") {
		return 1500 * time.Millisecond
	}
	return time.Minute
}

// withoutWebSockets is the address of a proxy that breaks WebSockets.
func withoutWebSockets(t *testing.T, s *server) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/socket/websocket", http.NotFound)
	mux.HandleFunc("/socket/longpoll", s.ServeLongPoll)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return web.Listener.Addr().String()
}
