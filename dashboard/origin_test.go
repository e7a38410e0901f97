package dashboard_test

import (
	"strings"
	"testing"

	"planga/chat"
	"planga/dashboard"
)

func TestOriginsAreKeptAsBrowsersSendThem(t *testing.T) {
	for text, want := range map[string]string{
		"https://wheelhouse.example":         "https://wheelhouse.example",
		"  https://wheelhouse.example/ ":     "https://wheelhouse.example",
		"HTTPS://Wheelhouse.EXAMPLE":         "https://wheelhouse.example",
		"https://wheelhouse.example:443":     "https://wheelhouse.example",
		"http://wheelhouse.example:80":       "http://wheelhouse.example",
		"http://wheelhouse.example:443":      "http://wheelhouse.example:443",
		"https://wheelhouse.example:8443":    "https://wheelhouse.example:8443",
		"http://localhost:3000":              "http://localhost:3000",
		"http://127.0.0.1:8080":              "http://127.0.0.1:8080",
		"http://[::1]:8080":                  "http://[::1]:8080",
		"https://xn--bcher-kva.example":      "https://xn--bcher-kva.example",
		"https://good.com.evil.com":          "https://good.com.evil.com", // an origin of its own, equal to no other
		"https://my_host.internal":           "https://my_host.internal",
		"https://" + strings.Repeat("a", 63): "https://" + strings.Repeat("a", 63),
	} {
		got, err := dashboard.CheckOrigin(text)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestARefusedOriginSaysWhatToWrite(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "such as https://wheelhouse.example",
		"null":                               "any sandboxed page sends",
		"*":                                  "Each origin is written out",
		"https://*.wheelhouse.example":       "Each origin is written out",
		"evil.com":                           "write https://evil.com.",
		"wheelhouse.example/bikes":           "write https://wheelhouse.example.",
		"localhost:3000":                     "write https://localhost:3000.",
		"https://wheelhouse.example/bikes":   "write https://wheelhouse.example.",
		"https://wheelhouse.example?a=1":     "write https://wheelhouse.example.",
		"https://wheelhouse.example#top":     "write https://wheelhouse.example.",
		"https://user:pass@wheelhouse.test":  "no user name in it: write https://wheelhouse.test.",
		"ftp://wheelhouse.example":           "over https or http",
		"javascript://wheelhouse.example":    "over https or http",
		"chrome-extension://abcdef":          "over https or http",
		"https://":                           "Write scheme, host and port",
		"https://wheelhouse.example:0":       "1 to 65535",
		"https://wheelhouse.example:":        "1 to 65535",
		"https://wheelhouse.example:0080":    "1 to 65535",
		"https://wheelhouse.example:99999":   "1 to 65535",
		"https://bücher.example":             "xn-- form",
		"https://wheelhouse..example":        "no host name",
		"https://wheelhouse.example.":        "no host name",
		"https://-wheelhouse.example":        "no host name",
		"https://[fe80::1%25eth0]":           "no host name",
		"https://wheel house.example":        "Write scheme, host and port",
		"https://wheelhouse.example\r\nX: y": "Write scheme, host and port",
		"https://" + strings.Repeat("a", 64): "no host name",
		strings.Repeat("h", 5000):            "only scheme, host and port",
	} {
		got, err := dashboard.CheckOrigin(text)
		if chat.CodeOf(err) != chat.Invalid {
			t.Errorf("%q: got %q, %v; want a refusal", text, got, err)
			continue
		}
		if said := chat.AsError(err).Message; !strings.Contains(said, want) {
			t.Errorf("%q: says %q, want %q in it", text, said, want)
		}
	}
}

func FuzzCheckOrigin(f *testing.F) {
	f.Add("https://wheelhouse.example:8443")
	f.Add("http://[::1]")
	f.Fuzz(func(t *testing.T, text string) {
		origin, err := dashboard.CheckOrigin(text)
		if err != nil {
			return
		}
		if again, err := dashboard.CheckOrigin(origin); err != nil || again != origin {
			t.Errorf("%q became %q, and that %q, %v", text, origin, again, err)
		}
	})
}
