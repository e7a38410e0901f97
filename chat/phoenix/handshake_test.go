package phoenix_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"planga/chat/phoenix"
)

const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"

// TestHandshakes sends requests as written and looks at the status.
func TestHandshakes(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	for _, c := range []struct {
		name, method, query, head, body string
		want                            int
	}{
		{"a good one", "GET", "vsn=2.0.0", upgrade, "", 101},
		{"with 200 cookies", "GET", "", upgrade + "Cookie: " + strings.Repeat("a=b; ", 200) + "\r\n", "", 101},
		{"with an extension that is not taken up", "GET", "", upgrade + "Sec-WebSocket-Extensions: permessage-deflate\r\n", "", 101},
		{"without a key", "GET", "", strings.Replace(upgrade, "Sec-WebSocket-Key", "X-Key", 1), "", 400},
		{"with two keys", "GET", "", upgrade + "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n", "", 400},
		{"with a short key", "GET", "", strings.Replace(upgrade, "MDEyMzQ1Njc4OWFiY2RlZg==", "MDEy", 1), "", 400},
		{"of version 8", "GET", "", strings.Replace(upgrade, "13", "8", 1), "", 400},
		{"to h2c", "GET", "", strings.Replace(upgrade, "websocket", "h2c", 1), "", 426},
		{"without upgrade", "GET", "", "", "", 426},
		{"by POST", "POST", "", upgrade, "", 405},
		{"with a body", "GET", "", upgrade + "Content-Length: 5\r\n", "hello", 400},
		{"with a chunked body", "GET", "", upgrade + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", 400},
		{"with a header of 1.1 MiB", "GET", "", "X: " + strings.Repeat("x", 11<<17) + "\r\n", "", 431},
		{"vsn 1.0.0", "GET", "vsn=1.0.0", upgrade, "", 101},
		{"vsn 2.0.12", "GET", "vsn=2.0.12", upgrade, "", 101},
		{"vsn 3.0.0", "GET", "vsn=3.0.0", upgrade, "", 400},
		{"vsn 2", "GET", "vsn=2", upgrade, "", 400},
		{"vsn with a NUL", "GET", "vsn=2.0.0%00", upgrade, "", 400},
		{"two Origin headers", "GET", "", upgrade + "Origin: https://good.com\r\nOrigin: https://evil.com\r\n", "", 403},
		{"a refused credential", "GET", "token=wrong", upgrade, "", 403},
		{"an application in trouble", "GET", "token=broken", upgrade, "", 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			nc := s.rawDial(t)
			go func() {
				fmt.Fprintf(nc, "%s /socket/websocket?%s HTTP/1.1\r\nHost: good.com\r\n%s\r\n%s", c.method, c.query, c.head, c.body)
			}()
			resp, err := http.ReadResponse(bufio.NewReader(nc), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != c.want {
				t.Errorf("got %d, want %d", resp.StatusCode, c.want)
			}
			if ext := resp.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
				t.Errorf("negotiated %q", ext)
			}
		})
	}
	if log := s.logs.String(); strings.Contains(log, "wrong") || strings.Contains(log, "token=") {
		t.Errorf("a credential is in the log: %s", log)
	}
}

// TestFramesBehindTheHandshake: a client need not wait for the answer.
func TestFramesBehindTheHandshake(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	nc := s.rawDial(t)
	request := "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: good.com\r\n" + upgrade + "\r\n"
	pipelined := frames([]byte(request), textFrame(beat), textFrame(beat), textFrame(beat+strings.Repeat(" ", 3000)))
	if _, err := nc.Write(pipelined); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(nc)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatal(resp, err)
	}
	for range 3 {
		first, payload, err := readFrame(r)
		if err != nil || told(first, payload) != beatBack {
			t.Fatalf("got %s, %v", told(first, payload), err)
		}
	}
}

// TestCredentials: where a token may stand, and which place goes first.
func TestCredentials(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	coded := base64.RawURLEncoding.EncodeToString
	for _, c := range []struct {
		name, query string
		header      http.Header
		protocols   []string
		want        string
	}{
		{"nowhere", "", nil, nil, ""},
		{"in the query", "token=q%2Bq", nil, nil, "q+q"},
		{"in a header of Phoenix", "token=q", http.Header{"X-Phoenix-Authtoken": {"h"}}, nil, "h"},
		{"as a bearer", "token=q", http.Header{"Authorization": {"bearer  b"}}, nil, "b"},
		{"not as a password", "token=q", http.Header{"Authorization": {"Basic eDp5"}}, nil, "q"},
		{"in the subprotocol", "token=q", http.Header{"X-Phoenix-Authtoken": {"h"}},
			[]string{"phoenix", "base64url.bearer.phx." + coded([]byte("sub>proto"))}, "sub>proto"},
		{"in the standard alphabet, as phoenix.js has it", "", nil,
			[]string{"phoenix", "base64url.bearer.phx.dG8+"}, "to>"},
		{"in a subprotocol that is not base64", "token=q", nil, []string{"phoenix", "base64url.bearer.phx.!!!"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ws, resp, err := websocket.Dial(ctx, "ws://"+s.addr+"/socket/websocket?vsn=2.0.0&"+c.query,
				&websocket.DialOptions{HTTPHeader: c.header, Subprotocols: c.protocols})
			if err != nil {
				t.Fatal(err)
			}
			defer ws.CloseNow()
			if len(c.protocols) > 0 && resp.Header.Get("Sec-WebSocket-Protocol") != "phoenix" {
				t.Errorf("answered the subprotocol %q", resp.Header.Get("Sec-WebSocket-Protocol"))
			}
			if got := s.house.lastShake().Token; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestHandshakeFields: the application sees what the client sent, undecoded.
func TestHandshakeFields(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	for _, origin := range []string{"null", "https://good.com.evil.com", "https://good.com:444", "HTTPS://Good.Com", "https://xn--80ak6aa92e.com", ""} {
		ctx, cancel := context.WithCancel(t.Context())
		header := http.Header{"User-Agent": {strings.Repeat("u", 300)}}
		if origin != "" {
			header.Set("Origin", origin)
		}
		ws, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/socket/websocket?public_api_id=YQ+/=&config=a%2Bb", &websocket.DialOptions{HTTPHeader: header})
		if err != nil {
			t.Fatal(err)
		}
		h := s.house.lastShake()
		if h.Origin != origin {
			t.Errorf("got origin %q, want %q", h.Origin, origin)
		}
		if want := "public_api_id=YQ+/=&config=a%2Bb"; h.RawQuery != want {
			t.Errorf("got query %q, want %q", h.RawQuery, want)
		}
		if h.Version != phoenix.V1 || h.Transport != phoenix.WebSocket || h.Host != s.addr ||
			!h.RemoteAddr.IsLoopback() || len(h.UserAgent) != 256 {
			t.Errorf("got %+v", h)
		}
		_ = ws.CloseNow()
		cancel()
	}
}

// TestConnectionThatIsClosedWhileItConnects: revoking finds it at any time.
func TestConnectionThatIsClosedWhileItConnects(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0&token=closed")
	if code, reason := ann.closed(); code != 1008 || reason != "credential revoked" {
		t.Errorf("closed with %d %q", code, reason)
	}
	s.house.waitFor(t, "closed closed by the server: 1008 credential revoked", 1)
}
