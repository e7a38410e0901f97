package demo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, host, remote, path string) *httptest.ResponseRecorder {
	t.Helper()
	h := Handler(func(user string) (string, error) { return "token of " + user, nil })
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host, r.RemoteAddr = host, remote
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestOnlyThisMachineGetsAToken(t *testing.T) {
	for _, c := range []struct {
		name, host, remote string
		want               int
	}{
		{"localhost", "localhost:8080", "127.0.0.1:5000", 200},
		{"IPv6", "[::1]:8080", "[::1]:5000", 200},
		{"a neighbour", "127.0.0.1:8080", "192.0.2.7:5000", 403},
		{"a rebound name", "evil.example:8080", "127.0.0.1:5000", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := get(t, c.host, c.remote, "/demo/token?user=mira"); got.Code != c.want {
				t.Errorf("got %d %s; want %d", got.Code, got.Body, c.want)
			}
		})
	}
}

func TestStrangersAndFilesOutsideAreNotFound(t *testing.T) {
	for _, path := range []string{"/demo/token?user=eve", "/demo/nothing.js", "/demo/%2e%2e/demo.go", "/demo/..%2fdemo.go"} {
		if got := get(t, "localhost", "127.0.0.1:1", path); got.Code == 200 {
			t.Errorf("%s: got 200", path)
		}
	}
}

func TestThePageLoadsNothingFromElsewhere(t *testing.T) {
	page := get(t, "localhost", "127.0.0.1:1", "/demo/")
	if page.Code != 200 || !strings.Contains(page.Header().Get("Content-Security-Policy"), "script-src 'self'") {
		t.Fatalf("got %d, policy %q", page.Code, page.Header().Get("Content-Security-Policy"))
	}
	if strings.Contains(page.Body.String(), "http://") || strings.Contains(page.Body.String(), "https://") {
		t.Error("the page names another address")
	}
}
