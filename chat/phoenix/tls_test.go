package phoenix_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"planga/chat/phoenix"
)

// TestOverTLS: a connection that cannot be written to without waiting, and
// whose goodbye may wait, behaves no differently.
func TestOverTLS(t *testing.T) {
	s := newServer(t, phoenix.Options{OutboxFrames: 8})
	mux := http.NewServeMux()
	s.Register(mux, "/socket")
	web := httptest.NewTLSServer(mux)
	t.Cleanup(web.Close)
	dial := func() *client {
		ws, _, err := websocket.Dial(t.Context(), web.URL+"/socket/websocket?vsn=2.0.0", &websocket.DialOptions{HTTPClient: web.Client()})
		if err != nil {
			t.Fatal(err)
		}
		ws.SetReadLimit(8 << 20)
		t.Cleanup(func() { _ = ws.CloseNow() })
		return &client{t, ws}
	}
	ann := dial()
	ch := enter(t, s, ann)
	big := strings.Repeat("x", 100<<10)
	for range 4 {
		_ = ch.Push("big", big)
	}
	for range 4 {
		ann.hears(`["1",null,"room:a","big","` + big + `"]`)
	}

	stuck, err := tls.Dial("tcp", web.Listener.Addr().String(), web.Client().Transport.(*http.Transport).TLSClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	if err := handshakeOn(stuck, "good.com", "vsn=2.0.0"); err != nil {
		t.Fatal(err)
	}
	_, _ = stuck.Write(textFrame(`["1","1","room:stuck","phx_join",{}]`))
	s.house.waitFor(t, "join", 2)
	for s.Stats().Overflows == 0 {
		s.house.shout("room:stuck", "message", big)
	}
	ann.say(beat)
	ann.hears(beatBack)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.Drain(ctx) // cuts the stuck one without waiting for it
	s.house.waitFor(t, "closed closed by the server: 1013", 1)
	s.house.waitFor(t, "closed", 2)
}
