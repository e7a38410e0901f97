package front

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestHealthTellsLoadBalancersTheTruth(t *testing.T) {
	var broken error
	h := &Health{Check: func() error { return broken }}
	status := func(f http.HandlerFunc) int {
		w := httptest.NewRecorder()
		f(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w.Code
	}
	if l, r := status(h.Live), status(h.Ready); l != 200 || r != 200 {
		t.Errorf("well: got %d, %d", l, r)
	}
	broken = errors.New("disk full")
	if l, r := status(h.Live), status(h.Ready); l != 503 || r != 503 {
		t.Errorf("broken: got %d, %d", l, r)
	}
	broken = nil
	h.Drain()
	if l, r := status(h.Live), status(h.Ready); l != 200 || r != 503 {
		t.Errorf("draining: got %d, %d", l, r)
	}
}

func TestMetricsAreForThisMachineOrTheToken(t *testing.T) {
	for _, c := range []struct {
		name, peer, token, given string
		want                     int
	}{
		{"loopback", "127.0.0.1:1", "", "", 200},
		{"through an undeclared proxy here", "127.0.0.1:1", "", "", 403},
		{"elsewhere", "203.0.113.9:1", "", "", 403},
		{"elsewhere with an empty token", "203.0.113.9:1", "", "Bearer ", 403},
		{"elsewhere with the token", "203.0.113.9:1", "s3cret", "Bearer s3cret", 200},
		{"elsewhere with another", "203.0.113.9:1", "s3cret", "Bearer other", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			r.RemoteAddr = c.peer
			r.Header.Set("Authorization", c.given)
			if c.name == "through an undeclared proxy here" {
				r.Header.Set("X-Forwarded-For", "203.0.113.9")
			}
			w := httptest.NewRecorder()
			Proxies(nil).Handler(Metrics(prometheus.NewRegistry(), c.token)).ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("got %d, want %d", w.Code, c.want)
			}
		})
	}
}
