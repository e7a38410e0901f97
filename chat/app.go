package chat

import "context"

// Key is one API key of an app, as the dashboard tells it.
type Key struct {
	PublicID   string
	Secret     string // "sk_…": its UTF-8 bytes sign JWTs and authorise the API
	PrivateKey string // 16 random bytes, base64url: for encrypted options
	Active     bool
}

// App is one customer site as the chat knows it: only from settings messages.
type App struct {
	ID          AppID
	Name        string
	Revision    int64 // the newest wins; 0 from a dashboard of 2018, taken as newest
	Keys        []Key
	Origins     []string // allowed, exact "scheme://host[:port]"; empty allows none but the server's own pages
	Clients2018 bool     // pages and tokens of 2018 are served
	Deleted     bool
	Events      []EventType // outgoing events somebody listens to
}

// Listens reports whether somebody listens to t, so that plain chat pays nothing for it.
func (a *App) Listens(t EventType) bool {
	for _, e := range a.Events {
		if e == t {
			return true
		}
	}
	return false
}

// Apps keeps what the settings messages said, with secrets sealed, so that a node starts and works while the
// dashboard is away.
type Apps interface {
	// SaveApp replaces what is kept of the app unless a newer revision is kept already.
	SaveApp(ctx context.Context, a App) error
	// LoadApps returns all apps, deleted ones included.
	LoadApps(ctx context.Context) ([]App, error)
}
