package phoenix_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
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

// handshake opens a WebSocket by hand.
func (s *server) handshake(t testing.TB, query string) net.Conn {
	t.Helper()
	nc := s.rawDial(t)
	_ = nc.SetDeadline(time.Time{})
	if err := handshakeOn(nc, s.addr, query); err != nil {
		t.Fatal(err)
	}
	return nc
}

// handshakeOn upgrades a connection. It reads byte by byte, so that no frame
// is swallowed.
func handshakeOn(nc net.Conn, host, query string) error {
	key := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef"))
	fmt.Fprintf(nc, "GET /socket/websocket?%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", query, host, key)
	var head []byte
	for one := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); {
		if _, err := nc.Read(one); err != nil {
			return fmt.Errorf("handshake: %w", err)
		}
		head = append(head, one[0])
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("handshake answered %.60q", head)
	}
	return nil
}

// textFrame is a masked WebSocket frame, masked with zeroes.
func textFrame(s string) []byte { return clientFrame(0x81, s) }

// clientFrame builds a masked frame with the first byte given.
func clientFrame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n > 0xffff:
		b = append(b, 0x80|127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	case n > 125:
		b = append(b, 0x80|126, byte(n>>8), byte(n))
	default:
		b = append(b, 0x80|byte(n))
	}
	b = append(b, 0, 0, 0, 0)
	return append(b, payload...)
}
