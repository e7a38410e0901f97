package widget

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read the answer: %v", err)
	}
	return b
}

func TestEveryPathIsServedToAnyOrigin(t *testing.T) {
	for _, path := range Paths() {
		answer := get(t, path)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("GET %s: got %d, want 200", path, answer.StatusCode)
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "cross-origin",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("GET %s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	if got := get(t, "/planga.map").StatusCode; got != http.StatusNotFound {
		t.Errorf("GET of an unknown path: got %d, want 404", got)
	}
}

func TestTypesFitTheFiles(t *testing.T) {
	for path, want := range map[string]string{
		"/planga.js": "text/javascript; charset=utf-8", "/js/js_snippet.js": "text/javascript; charset=utf-8",
		"/css/chat-style-basic.css": "text/css; charset=utf-8", "/planga.LICENSES.txt": "text/plain; charset=utf-8",
	} {
		if got := get(t, path).Header.Get("Content-Type"); got != want {
			t.Errorf("GET %s: type %q, want %q", path, got, want)
		}
	}
}

func TestTheScriptIsCompressedForThoseWhoTakeIt(t *testing.T) {
	plain := body(t, get(t, "/planga.js").Body)
	zipped := get(t, "/planga.js", "Accept-Encoding", "br;q=1.0, gzip;q=0.8")
	if got := zipped.Header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding is %q, want gzip", got)
	}
	r, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatalf("open the compressed answer: %v", err)
	}
	if !bytes.Equal(body(t, r), plain) {
		t.Error("the compressed script differs from the plain one")
	}
	for _, refusal := range []string{"gzip;q=0", "gzip; q=0.0", "br", ""} {
		if got := get(t, "/planga.js", "Accept-Encoding", refusal).Header.Get("Content-Encoding"); got != "" {
			t.Errorf("Accept-Encoding %q: got Content-Encoding %q, want none", refusal, got)
		}
	}
}

func TestAnUnchangedScriptIsNotSentAgain(t *testing.T) {
	for _, encoding := range []string{"", "gzip"} {
		tag := get(t, "/planga.js", "Accept-Encoding", encoding).Header.Get("ETag")
		again := get(t, "/planga.js", "Accept-Encoding", encoding, "If-None-Match", `"other", `+tag)
		if again.StatusCode != http.StatusNotModified || len(body(t, again.Body)) != 0 {
			t.Errorf("Accept-Encoding %q: got %d, want 304 without a body", encoding, again.StatusCode)
		}
	}
}

func TestTheAddressOf2018ServesTheWidget(t *testing.T) {
	if !bytes.Equal(body(t, get(t, "/js/js_snippet.js").Body), body(t, get(t, "/planga.js").Body)) {
		t.Error("/js/js_snippet.js is not today's widget")
	}
}

func TestTheNoticesOfWhatIsInsideAreThere(t *testing.T) {
	notices := string(body(t, get(t, "/planga.LICENSES.txt").Body))
	for _, want := range []string{"Chris McCord", "Jason Miller", "Permission is hereby granted"} {
		if !strings.Contains(notices, want) {
			t.Errorf("the notices lack %q", want)
		}
	}
	if !strings.HasPrefix(string(body(t, get(t, "/planga.js").Body)), "/*! planga") {
		t.Error("the script does not begin with its notice")
	}
}

// What visitors of host pages have to load, in bytes: at once, and with everything that is fetched when it is wanted.
const (
	coreLimit = 36_200
	allLimit  = 40_960
)

func TestTheScriptIsSmall(t *testing.T) {
	core := len(load("planga.js", "").gzipped)
	if core > coreLimit {
		t.Errorf("planga.js is %d bytes gzipped, want at most %d", core, coreLimit)
	}
	all := core
	for _, path := range chunks() {
		all += len(load(strings.TrimPrefix(path, "/"), "").gzipped)
	}
	if all > allLimit {
		t.Errorf("all together is %d bytes gzipped, want at most %d", all, allLimit)
	}
}

func TestALazyPartIsNamedForItsContentsAndKeptForGood(t *testing.T) {
	script := body(t, get(t, "/planga.js").Body)
	for _, path := range chunks() {
		answer := get(t, path)
		if got, want := answer.Header.Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
			t.Errorf("GET %s: Cache-Control %q, want %q", path, got, want)
		}
		sum := sha256.Sum256(body(t, answer.Body))
		name := "more-" + hex.EncodeToString(sum[:6]) + ".js"
		if path != "/chunks/"+name {
			t.Errorf("%s contains what belongs into %s", path, name)
		}
		if !bytes.Contains(script, []byte(name)) {
			t.Errorf("planga.js does not ask for %s", name)
		}
	}
	if got := get(t, "/chunks/more-000000000000.js").StatusCode; got != http.StatusNotFound {
		t.Errorf("GET of the part of another version: got %d, want 404", got)
	}
	if got := get(t, "/planga.js").Header.Get("Cache-Control"); strings.Contains(got, "immutable") {
		t.Errorf("planga.js is kept for good: %s", got)
	}
}

// A strict content security policy forbids what these words do.
func TestTheScriptNeedsNoEvalAndNoMarkup(t *testing.T) {
	for _, path := range append(chunks(), "/planga.js") {
		script := string(body(t, get(t, path).Body))
		for _, word := range []string{"eval(", "new Function", "document.write", "insertAdjacentHTML"} {
			if strings.Contains(script, word) {
				t.Errorf("%s contains %q", path, word)
			}
		}
	}
}
