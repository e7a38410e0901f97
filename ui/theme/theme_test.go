package theme

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("GET", address, nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(body)
}

func TestEachFileIsServedForGoodUnderItsHash(t *testing.T) {
	hashed := regexp.MustCompile(`^/theme/[\w.]+-[0-9a-f]{12}\.\w+$`)
	for name, a := range assets {
		if address := URL(name); !hashed.MatchString(address) {
			t.Errorf("%s is at %q", name, address)
		}
		answer, body := get(t, URL(name))
		if answer.StatusCode != http.StatusOK || body != string(a.body) || body == "" {
			t.Errorf("%s: got %d and %d bytes", name, answer.StatusCode, len(body))
		}
		if got := answer.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control is %q", name, got)
		}
		if got := answer.Header.Get("Content-Type"); got != a.kind {
			t.Errorf("%s: Content-Type is %q, want %q", name, got, a.kind)
		}
	}
}

func TestOtherAddressesAreNotFound(t *testing.T) {
	for _, address := range []string{"/theme/", "/theme/dashboard.css", "/theme/css/tokens.css", "/theme/../theme.go"} {
		if answer, _ := get(t, address); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d", address, answer.StatusCode)
		}
	}
}

func TestTheStyleSheetAsksNobodyForAnything(t *testing.T) {
	sheet := string(assets["dashboard.css"].body)
	for _, ask := range []string{"url(", "@import", "http:", "https:", "//"} {
		if strings.Contains(sheet, ask) {
			t.Errorf("the style sheet has %q in it", ask)
		}
	}
	if strings.Count(sheet, "{") != strings.Count(sheet, "}") {
		t.Error("the style sheet's braces do not match")
	}
	for _, name := range sheets {
		if !strings.Contains(sheet, string(read("css/"+name+".css"))) {
			t.Errorf("%s.css is missing", name)
		}
	}
}

func TestEachSheetIsTaken(t *testing.T) {
	entries, err := files.ReadDir("css")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(sheets) {
		t.Errorf("there are %d sheets, but %d are taken", len(entries), len(sheets))
	}
}
