// Package demo is the page of `planga demo`: two people in one conversation, side by side.
package demo

import (
	"bytes"
	"embed"
	"io/fs"
	"net"
	"net/http"
	"path"
	"time"
)

//go:embed page
var pages embed.FS

// Conversation is the one that the page opens.
const Conversation = "cargo-bike-3977"

// People are the two who talk, by user id.
var People = map[string]string{"jonas": "Jonas Lind", "mira": "Mira Okafor"}

// Handler serves the page below /demo/. sign makes the token of one of the [People]: as anybody may ask for either, it
// answers loopback addresses only.
func Handler(sign func(user string) (string, error)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/{file...}", serveFile)
	mux.HandleFunc("GET /demo/token", func(w http.ResponseWriter, r *http.Request) {
		user := r.URL.Query().Get("user")
		if _, ok := People[user]; !ok {
			http.Error(w, "The demo knows the users jonas and mira.", http.StatusNotFound)
			return
		}
		token, err := sign(user)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(token))
	})
	return onlyLoopback(mux)
}

func serveFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if name == "" {
		name = "index.html"
	}
	content, err := fs.ReadFile(pages, path.Join("page", path.Clean("/"+name)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// onlyLoopback also refuses foreign names in Host, so that no page elsewhere can reach the demo by rebinding its own
// name to this machine.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		ip := net.ParseIP(host)
		peer, _, _ := net.SplitHostPort(r.RemoteAddr)
		from := net.ParseIP(peer)
		if from == nil || !from.IsLoopback() || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
			http.Error(w, "The demo answers only on this machine.", http.StatusForbidden)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
