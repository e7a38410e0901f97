// Package docs holds Planga's documentation: Markdown that can be read in the repository, and that every server shows
// at /docs/. A link that stands alone in its paragraph and leads to signing code becomes that code.
package docs

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed *.md docs.css page.html signing/code
var files embed.FS

// contents are the pages in the order of reading. The first is shown at /docs/ itself.
var contents = []string{
	"README", "install", "tokens", "signing", "widget", "protocol", "files", "delivery", "hosting", "configuration", "pages-of-2018",
}

// page is one page as the template shows it.
type page struct {
	Path  string // "/docs/tokens"
	Title string
	Body  template.HTML
	Nav   []entry
}

// entry is one line of the navigation.
type entry struct {
	Path, Title string
	Here        bool
}

// Handler serves the documentation below /docs/, and what it needs; it asks no other server for anything. It may be
// called at once from many goroutines.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/docs/", http.NotFound)
	for path, body := range pages() {
		pattern := "GET " + path
		if strings.HasSuffix(path, "/") {
			pattern += "{$}"
		}
		mux.Handle(pattern, serve(body, "text/html; charset=utf-8"))
	}
	mux.Handle("GET /docs/docs.css", serve(read("docs.css"), "text/css; charset=utf-8"))
	return mux
}

// pages renders everything, by path.
func pages() map[string][]byte {
	layout := template.Must(template.New("page").Parse(string(read("page.html"))))
	var all []page
	for _, name := range contents {
		all = append(all, render(name))
	}
	rendered := map[string][]byte{}
	for _, p := range all {
		for _, other := range all {
			p.Nav = append(p.Nav, entry{other.Path, other.Title, other.Path == p.Path})
		}
		var out bytes.Buffer
		if err := layout.Execute(&out, p); err != nil {
			panic(fmt.Sprintf("the embedded documentation cannot be shown: %v", err)) // the same for everybody: a test sees it
		}
		rendered[p.Path] = out.Bytes()
	}
	return rendered
}

// read returns an embedded file.
func read(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("the embedded documentation is incomplete: %v", err)) // a build without the file cannot be
	}
	return content
}

// serve answers with one file, which browsers may keep for five minutes.
func serve(body []byte, kind string) http.HandlerFunc {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("ETag", tag)
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	}
}
