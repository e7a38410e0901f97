package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheckTellsAWellServerFromAnIllOneAndNone(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "storage is not available", status)
	}))
	addr := strings.TrimPrefix(s.URL, "http://")
	if err := healthy(t.Context(), addr); err != nil {
		t.Errorf("well: %v", err)
	}
	status = http.StatusServiceUnavailable
	if err := healthy(t.Context(), addr); err == nil || !strings.Contains(err.Error(), "storage is not available") {
		t.Errorf("ill: got %v, want the reason", err)
	}
	s.Close()
	if err := healthy(t.Context(), addr); err == nil || !strings.Contains(err.Error(), "no server answers") {
		t.Errorf("none: got %v", err)
	}
}

func TestAListenAddressIsCalledFromThisMachine(t *testing.T) {
	for listen, want := range map[string]string{
		":8080": "127.0.0.1:8080", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80", "10.1.2.3:80": "10.1.2.3:80",
	} {
		if got := Loopback(listen); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
}
