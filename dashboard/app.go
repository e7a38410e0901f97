package dashboard

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"planga/chat"
)

// App is one customer site, as its developers describe it.
type App struct {
	ID          chat.AppID
	Name        string
	Revision    int64 // grows with every change; over all apps no two are equal
	Origins     []string
	Clients2018 bool
	First       FirstMessage
	CreatedAt   time.Time
}

// Glyph is the one or two letters that stand for the app.
func (a App) Glyph() string {
	letters := []rune(a.Name)
	return string(letters[:min(2, len(letters))])
}

// FirstMessage tells of the first message of an app that the dashboard heard of. Its zero value: none so far.
type FirstMessage struct {
	At           time.Time
	Author       string
	Conversation chat.ConversationID
}

// Key is one API key, without its secrets.
type Key struct {
	PublicID  string
	App       chat.AppID
	Name      string
	Active    bool
	CreatedAt time.Time
	UsedAt    time.Time // when a connection was last opened with it; zero: never
	DeletedAt time.Time // zero: it exists
}

// Secrets are the parts of a key that must be kept secret. They are shown once.
type Secrets struct {
	Secret     string // "sk_" and 32 random bytes in base64url
	PrivateKey string // 16 random bytes in base64url
}

// Apps keeps apps and keys, with secrets sealed. All methods may be called at once from many goroutines and
// processes. A change is durable when its method returns. What is looked up within an app is never found through another.
type Apps interface {
	// CreateApp keeps a new app and returns it with its id and revision. [chat.Conflict] if there are too many.
	CreateApp(ctx context.Context, a App) (App, error)

	// ListApps returns the apps by name.
	ListApps(ctx context.Context) ([]App, error)

	// App returns one app. [chat.NotFound] if there is none, or it was deleted.
	App(ctx context.Context, id chat.AppID) (App, error)

	// ChangeApp hands change the app as it is and keeps the outcome, all in one step; its name, origins and switches can be
	// changed. If nothing differs, the revision stays. change's error is returned with nothing kept. [chat.NotFound] as above.
	ChangeApp(ctx context.Context, id chat.AppID, at time.Time, change func(*App) error) (App, error)

	// DeleteApp deletes the app and the secrets of its keys. [chat.NotFound] as above.
	DeleteApp(ctx context.Context, id chat.AppID, at time.Time) error

	// CreateKey keeps a new key. [chat.NotFound] if there is no such app, [chat.Conflict] if it has too many.
	CreateKey(ctx context.Context, k Key, s Secrets) error

	// ListKeys returns the app's keys, deleted ones included, the newest first. [chat.NotFound] if there is no such app.
	ListKeys(ctx context.Context, app chat.AppID) ([]Key, error)

	// SetKeyActive enables or disables a key. [chat.NotFound] if the app has none such, or it was deleted.
	SetKeyActive(ctx context.Context, app chat.AppID, publicID string, active bool, at time.Time) error

	// DeleteKey deletes a key for good, with its secrets. [chat.NotFound] as above.
	DeleteKey(ctx context.Context, app chat.AppID, publicID string, at time.Time) error

	// Settings returns what the chat must know of the apps changed after the revision, deleted ones
	// included, the earliest change first. After 0 it returns all.
	Settings(ctx context.Context, after int64) ([]chat.App, error)

	// RecordFirst keeps the first message of an app; later ones change nothing, nor do those of unknown apps.
	RecordFirst(ctx context.Context, app chat.AppID, f FirstMessage) error
}

// Bounds of what one server keeps.
const (
	MaxApps    = 1000
	MaxKeys    = 50 // of one app, without the deleted ones
	MaxOrigins = 50 // of one app
	maxName    = 60 // code points
)

// checkName returns the name of what (an app, a key) without surrounding spaces.
func checkName(what, text, example string) (string, error) {
	name := strings.TrimSpace(text)
	switch {
	case name == "":
		return "", chat.Errorf(chat.Invalid, "Write a name for the %s, such as %s.", what, example)
	case utf8.RuneCountInString(name) > maxName:
		return "", chat.Errorf(chat.Invalid, "Write a name of at most %d characters.", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable):
		return "", chat.Errorf(chat.Invalid, "Write a name of letters, digits, signs and spaces; this one has characters that cannot be seen.")
	}
	return name, nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
