package front

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyATrustedProxyCanSpeakForAnother(t *testing.T) {
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"a visitor", "203.0.113.9:1000", nil, "203.0.113.9"},
		{"a visitor who lies", "203.0.113.9:1000", []string{"1.2.3.4"}, "203.0.113.9"},
		{"through the proxy", "127.0.0.1:1000", []string{"203.0.113.9"}, "203.0.113.9"},
		{"through two proxies", "127.0.0.1:1000", []string{"203.0.113.9, 10.1.2.3"}, "203.0.113.9"},
		{"a lie before the proxy", "127.0.0.1:1000", []string{"1.2.3.4, 203.0.113.9"}, "203.0.113.9"},
		{"a lie in a header of its own", "127.0.0.1:1000", []string{"1.2.3.4", "203.0.113.9"}, "203.0.113.9"},
		{"rubbish before", "127.0.0.1:1000", []string{"rubbish, 203.0.113.9"}, "203.0.113.9"},
		{"rubbish last", "127.0.0.1:1000", []string{"203.0.113.9, rubbish"}, "127.0.0.1"},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:1000", []string{"203.0.113.9"}, "203.0.113.9"},
		{"the proxy itself", "127.0.0.1:1000", nil, "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxies, err := ParseProxies([]string{"127.0.0.1", "10.0.0.0/8"})
			if err != nil {
				t.Fatal(err)
			}
			var got string
			var kept []string
			h := proxies.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got, kept = RemoteAddr(r).String(), r.Header.Values("X-Forwarded-For")
			}))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = c.forwarded
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if c.name == "a visitor who lies" && len(kept) > 0 {
				t.Errorf("the lie %v is still there for others to believe", kept)
			}
		})
	}
}

func TestAProxyListThatMeansNothingOrEverybodyIsRefused(t *testing.T) {
	for _, bad := range []string{"localhost", "10.0.0.0/33", "0.0.0.0/0", "::/0", "10.0.0.1:80"} {
		if _, err := ParseProxies([]string{bad}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
