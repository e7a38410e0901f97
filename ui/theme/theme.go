// Package theme is how the dashboard looks: its style sheet, its scripts, its icons, and the components that several
// pages share. Each file has its content's hash in its address, so browsers keep it for good. Nothing is requested from
// anywhere else, and nothing needs inline style or script.
package theme

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

// Prefix is where [Handler] must be mounted.
const Prefix = "/theme/"

//go:embed css static
var files embed.FS

// sheets are joined, in this order, into one style sheet.
var sheets = []string{
	"tokens", "base", "shell", "buttons", "parts", "figures", "tables", "forms", "install", "dialog", "door", "narrow",
}

type asset struct {
	address string
	kind    string
	body    []byte
}

var assets = load()

func load() map[string]asset {
	var sheet []byte
	for _, name := range sheets {
		sheet = append(sheet, read("css/"+name+".css")...)
	}
	return map[string]asset{
		"dashboard.css":    newAsset("dashboard.css", "text/css; charset=utf-8", sheet),
		"dashboard.js":     newAsset("dashboard.js", "text/javascript; charset=utf-8", read("static/dashboard.js")),
		"htmx.js":          newAsset("htmx.js", "text/javascript; charset=utf-8", read("static/htmx.js")),
		"htmx.LICENSE.txt": newAsset("htmx.LICENSE.txt", "text/plain; charset=utf-8", read("static/htmx.LICENSE.txt")),
		"icons.svg":        newAsset("icons.svg", "image/svg+xml", read("static/icons.svg")),
		"mark.svg":         newAsset("mark.svg", "image/svg+xml", read("static/mark.svg")),
	}
}

// read panics on a missing file: the list above names embedded files only, and a test loads them all.
func read(name string) []byte {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return body
}

func newAsset(name, kind string, body []byte) asset {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	address := Prefix + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
	return asset{address: address, kind: kind, body: body}
}

// URL returns the address of a file such as "dashboard.css", with its hash. An unknown name is a mistake in the
// program and panics.
func URL(name string) string {
	a, ok := assets[name]
	if !ok {
		panic("theme: no file " + name)
	}
	return a.address
}

// Handler serves the files below [Prefix]. Other addresses are not found.
func Handler() http.Handler {
	served := make(map[string]asset, len(assets))
	for _, a := range assets {
		served[a.address] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := served[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", a.kind)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Write(a.body)
	})
}
