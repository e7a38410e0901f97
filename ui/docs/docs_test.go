package docs

import (
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"planga/ui/docs/signing"
)

// get asks the handler as a browser would.
func get(t *testing.T, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestEveryPageIsServedAndInTheNavigation(t *testing.T) {
	names, err := fs.Glob(files, "*.md")
	if err != nil || len(names) != len(contents) {
		t.Fatalf("%d files, %d in the contents (%v)", len(names), len(contents), err)
	}
	for _, name := range contents {
		w := get(t, address(name))
		body := w.Body.String()
		if w.Code != http.StatusOK || strings.Count(body, "<h1") != 1 || strings.Count(body, "aria-current") != 1 {
			t.Errorf("%s: got %d\n%s", name, w.Code, body)
		}
		if strings.Contains(body, "style=") || strings.Contains(body, "<script") || strings.Contains(body, "<!-- raw HTML") {
			t.Errorf("%s holds what the Content-Security-Policy forbids, or lost raw HTML", name)
		}
		if first := get(t, "/docs/").Body.String(); !strings.Contains(first, `href="`+address(name)+`"`) {
			t.Errorf("%s is not in the navigation", name)
		}
	}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	link := regexp.MustCompile(`href="([^"]*)"`)
	for _, name := range contents {
		for _, m := range link.FindAllStringSubmatch(get(t, address(name)).Body.String(), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.HasPrefix(path, "https://") || path == "" && anchor == "text" {
				continue
			}
			w := get(t, path)
			if w.Code != http.StatusOK || anchor != "" && !strings.Contains(w.Body.String(), `id="`+anchor+`"`) {
				t.Errorf("%s links to %s: got %d", name, m[1], w.Code)
			}
		}
	}
}

func TestSigningPageShowsTheCodeOfEveryLanguage(t *testing.T) {
	body := html.UnescapeString(get(t, "/docs/signing").Body.String())
	for _, l := range signing.Languages() {
		code, err := signing.Render(l.ID, signing.Vars{})
		if err != nil || !strings.Contains(body, code) || !strings.Contains(body, ">"+l.Name+"<") {
			t.Errorf("%s is missing (%v)", l.Name, err)
		}
	}
}

func TestOnlyPagesAreServed(t *testing.T) {
	for _, path := range []string{"/docs/x", "/docs/README", "/docs/tokens.md", "/docs/page.html", "/docs/signing/code/token.go", "/docs/docs.go", "/docs/%2e%2e/docs.go"} {
		if w := get(t, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
}

func TestAnswersAreGuardedAndKept(t *testing.T) {
	w := get(t, "/docs/tokens")
	if h := w.Header(); !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'") ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("got headers %v", h)
	}
	if again := get(t, "/docs/tokens", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asking again: got %d", again.Code)
	}
	many := "bytes=" + strings.Repeat("0-0,", 10_000) + "0-0"
	if ranged := get(t, "/docs/tokens", "Range", many); ranged.Body.Len() > w.Body.Len() {
		t.Errorf("10,000 ranges: got %d bytes for a page of %d", ranged.Body.Len(), w.Body.Len())
	}
}
