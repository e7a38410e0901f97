// Package widget serves the chat that host pages put on themselves with one script tag. The TypeScript it is made of
// lies beside this file, and `go generate` bundles it into dist, which is embedded: nothing but this package is needed
// to serve it, and the widget asks no third party for anything.
//
// # How the widget is made
//
// State knows no page: conversation.ts puts together what was said (ledger.ts, messages.ts, revisions.ts), what is on
// its way (outbox.ts), who is there (people.ts) and what was read (unread.ts). connection.ts carries it over a Phoenix
// channel. The files in view draw it with Preact inside a shadow root, style holds its sheet, and planga.ts is the
// public door. What lies in more is a second file, fetched when it is first wanted: more.ts fetches it, and lend.ts
// names what the core lends to it. Its name contains the hash of its contents, so that browsers keep it for good; a
// core that asks for one which is no longer there goes on without it.
package widget

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
)

//go:embed dist
var dist embed.FS

// asset is one file with everything that its answer needs.
type asset struct {
	body, gzipped    []byte
	kind, tag, cache string
}

const (
	askAgain = "public, max-age=300, stale-while-revalidate=86400"
	forGood  = "public, max-age=31536000, immutable"
)

// Paths lists what [Handler] answers, for the router that mounts it. The 2018 addresses are among them: pages written
// then load /js/js_snippet.js, which is today's widget and defines window.Planga synchronously, and
// /css/chat-style-basic.css, which has nothing to say any more.
func Paths() []string {
	return append(chunks(), "/planga.js", "/js/js_snippet.js", "/css/chat-style-basic.css", "/planga.LICENSES.txt", "/js/planga.LICENSES.txt")
}

// chunks are the addresses of the lazily loaded files, which are named for their contents.
func chunks() []string {
	files, err := fs.Glob(dist, "dist/chunks/*.js")
	if err != nil || len(files) == 0 {
		panic(fmt.Sprintf("the embedded bundle is incomplete: %v", err)) // a build without them cannot be
	}
	for i, file := range files {
		files[i] = strings.TrimPrefix(file, "dist")
	}
	return files
}

// Handler serves the widget's files to any origin. Browsers ask again after five minutes and are answered with
// 304 while nothing changed; the files below /chunks are never asked for again. It may be used from many goroutines at once; every call returns the same handler.
func Handler() http.Handler { return handler() }

var handler = sync.OnceValue(func() http.Handler {
	script := load("planga.js", "text/javascript; charset=utf-8")
	notices := load("planga.LICENSES.txt", "text/plain; charset=utf-8")
	sheet := newAsset([]byte("/* Planga brings its own style. */\n"), "text/css; charset=utf-8")
	mux := http.NewServeMux()
	mux.Handle("GET /planga.js", script)
	mux.Handle("GET /js/js_snippet.js", script)
	mux.Handle("GET /css/chat-style-basic.css", sheet)
	mux.Handle("GET /planga.LICENSES.txt", notices)
	mux.Handle("GET /js/planga.LICENSES.txt", notices)
	for _, path := range chunks() {
		chunk := load(strings.TrimPrefix(path, "/"), "text/javascript; charset=utf-8")
		chunk.cache = forGood
		mux.Handle("GET "+path, chunk)
	}
	return mux
})

func load(name, kind string) *asset {
	body, err := dist.ReadFile("dist/" + name)
	if err != nil {
		panic(fmt.Sprintf("the embedded bundle is incomplete: %v", err)) // a build without the file cannot be
	}
	return newAsset(body, kind)
}

func newAsset(body []byte, kind string) *asset {
	sum := sha256.Sum256(body)
	return &asset{body: body, gzipped: compress(body), kind: kind, tag: hex.EncodeToString(sum[:12]), cache: askAgain}
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is a valid one
	_, _ = w.Write(body)                                    // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// ServeHTTP answers with the file, compressed where the client takes it.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, tag, zipped := a.body, a.tag, acceptsGzip(r)
	if zipped {
		body, tag = a.gzipped, a.tag+"-gz"
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", `"`+tag+`"`)
	h.Set("Cache-Control", a.cache)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.Contains(r.Header.Get("If-None-Match"), `"`+tag+`"`) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if zipped {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that went away needs no answer
	}
}

// acceptsGzip reads Accept-Encoding as far as it matters here: gzip named, and not with a weight of zero.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			value, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			return !found || strings.Trim(value, "0.") != ""
		}
	}
	return false
}
