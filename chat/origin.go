package chat

import (
	"net/url"
	"slices"
)

// Welcomes reports whether a page of that origin may speak for a visitor of the app. Clients that are no browsers send no
// origin. The server's own pages, recognised by its address own or by the host that the request itself names, always may; "null"
// never may.
func (a App) Welcomes(origin, host, own string) bool {
	switch {
	case origin == "":
		return true
	case origin == "null":
		return false
	case origin == own || slices.Contains(a.Origins, origin):
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host == host && host != ""
}
