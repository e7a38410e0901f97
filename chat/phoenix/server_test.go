package phoenix_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"planga/chat/phoenix"
)

// server is an endpoint on loopback.
type server struct {
	*phoenix.Endpoint
	house *house
	addr  string
	logs  *syncBuffer
}

// newServer opens a house. It is drained when the test ends.
func newServer(t testing.TB, o phoenix.Options) *server {
	t.Helper()
	s := &server{house: newHouse(), logs: &syncBuffer{}}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(s.logs, nil))
	}
	if o.DrainOver == 0 {
		o.DrainOver = time.Millisecond
	}
	s.Endpoint = phoenix.New(s.house, o)
	mux := http.NewServeMux()
	s.Register(mux, "/socket")
	web := httptest.NewServer(mux)
	s.addr = web.Listener.Addr().String()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = s.Drain(ctx) // at once
		web.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

// syncBuffer is a log that tests read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// client is a WebSocket client that says and hears frames literally.
type client struct {
	t  testing.TB
	ws *websocket.Conn
}

// dial connects with a query such as "vsn=2.0.0".
func (s *server) dial(t testing.TB, query string) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/socket/websocket?"+query, nil)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	ws.SetReadLimit(8 << 20)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{t, ws}
}

func (c *client) say(frame string) {
	c.t.Helper()
	if err := c.ws.Write(context.Background(), websocket.MessageText, []byte(frame)); err != nil {
		c.t.Fatalf("say %s: %v", frame, err)
	}
}

func (c *client) hear() string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, b, err := c.ws.Read(ctx)
	if err != nil {
		c.t.Fatalf("hear: %v", err)
	}
	return string(b)
}

// hears fails unless the next frames are these.
func (c *client) hears(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.hear(); got != w {
			c.t.Fatalf("heard %s, want %s", got, w)
		}
	}
}

// closed reads until the server has closed and returns code and reason.
func (c *client) closed() (int, string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		_, _, err := c.ws.Read(ctx)
		var ce websocket.CloseError
		if errors.As(err, &ce) {
			return int(ce.Code), ce.Reason
		}
		if err != nil {
			c.t.Fatalf("ended without a close frame: %v", err)
		}
	}
}

// rawDial is a plain TCP connection to the server.
func (s *server) rawDial(t testing.TB) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	return nc
}

// mustJSON encodes what surely encodes.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
