package dashboard

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"

	"planga/chat"
)

// Register is the deeds around apps and keys, without any page: the dashboard's forms and the operator's commands both
// call it. A running dashboard notices what another process has changed. All methods may be called at once from many goroutines.
// Their errors are refusals of package chat, fit to be shown.
type Register struct {
	apps Apps
	now  func() time.Time
}

// NewRegister returns a register over apps.
func NewRegister(apps Apps, now func() time.Time) *Register {
	return &Register{apps: apps, now: now}
}

// ListApps returns the apps by name.
func (r *Register) ListApps(ctx context.Context) ([]App, error) { return r.apps.ListApps(ctx) }

// App returns one app. [chat.NotFound] if there is none.
func (r *Register) App(ctx context.Context, id chat.AppID) (App, error) { return r.apps.App(ctx, id) }

// CreateApp makes an app that pages of the given origins may use.
func (r *Register) CreateApp(ctx context.Context, name string, origins ...string) (App, error) {
	a, err := newApp(name, origins, r.now())
	if err != nil {
		return App{}, err
	}
	return r.apps.CreateApp(ctx, a)
}

func newApp(name string, origins []string, at time.Time) (App, error) {
	name, err := checkName("app", name, "Wheelhouse")
	if err != nil {
		return App{}, err
	}
	origins, err = checkOrigins(origins)
	if err != nil {
		return App{}, err
	}
	return App{Name: name, Origins: origins, CreatedAt: at}, nil
}

// RenameApp gives the app another name.
func (r *Register) RenameApp(ctx context.Context, id chat.AppID, name string) (App, error) {
	name, err := checkName("app", name, "Wheelhouse")
	if err != nil {
		return App{}, err
	}
	return r.apps.ChangeApp(ctx, id, r.now(), func(a *App) error {
		a.Name = name
		return nil
	})
}

// DeleteApp deletes an app with its keys for good. Its visitors are disconnected, and its chats cannot be opened any more.
func (r *Register) DeleteApp(ctx context.Context, id chat.AppID) error {
	return r.apps.DeleteApp(ctx, id, r.now())
}

// SetOrigins replaces the app's allowed origins.
func (r *Register) SetOrigins(ctx context.Context, id chat.AppID, origins []string) (App, error) {
	origins, err := checkOrigins(origins)
	if err != nil {
		return App{}, err
	}
	return r.apps.ChangeApp(ctx, id, r.now(), func(a *App) error {
		a.Origins = origins
		return nil
	})
}

func checkOrigins(texts []string) ([]string, error) {
	var origins []string
	for _, text := range texts {
		origin, err := CheckOrigin(text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	if len(origins) > MaxOrigins {
		return nil, chat.Errorf(chat.Invalid, "An app has at most %d origins. Remove one that is no longer used.", MaxOrigins)
	}
	return origins, nil
}

// AddOrigin allows pages of one more origin. Adding one that is there changes nothing.
func (r *Register) AddOrigin(ctx context.Context, id chat.AppID, origin string) (App, error) {
	origin, err := CheckOrigin(origin)
	if err != nil {
		return App{}, err
	}
	return r.apps.ChangeApp(ctx, id, r.now(), func(a *App) (err error) {
		a.Origins, err = checkOrigins(append(slices.Clone(a.Origins), origin))
		return err
	})
}

// RemoveOrigin no longer allows pages of the origin. Removing one that is not there changes nothing.
func (r *Register) RemoveOrigin(ctx context.Context, id chat.AppID, origin string) (App, error) {
	return r.apps.ChangeApp(ctx, id, r.now(), func(a *App) error {
		a.Origins = slices.DeleteFunc(slices.Clone(a.Origins), func(o string) bool { return o == origin })
		return nil
	})
}

// SetClients2018 switches whether pages and tokens made for Planga in 2018 are served.
func (r *Register) SetClients2018(ctx context.Context, id chat.AppID, on bool) (App, error) {
	return r.apps.ChangeApp(ctx, id, r.now(), func(a *App) error {
		a.Clients2018 = on
		return nil
	})
}

// CreateKey makes a key. The secrets are returned this once.
func (r *Register) CreateKey(ctx context.Context, app chat.AppID, name string) (Key, Secrets, error) {
	name, err := checkName("key", name, "Website")
	if err != nil {
		return Key{}, Secrets{}, err
	}
	k := Key{PublicID: newPublicID(), App: app, Name: name, Active: true, CreatedAt: r.now()}
	s := Secrets{Secret: "sk_" + randomText(32), PrivateKey: randomText(16)}
	if err := r.apps.CreateKey(ctx, k, s); err != nil {
		return Key{}, Secrets{}, err
	}
	return k, s, nil
}

// ListKeys returns the app's keys, deleted ones included, the newest first.
func (r *Register) ListKeys(ctx context.Context, app chat.AppID) ([]Key, error) {
	return r.apps.ListKeys(ctx, app)
}

// Key returns one key of the app that was not deleted. [chat.NotFound] if there is none.
func (r *Register) Key(ctx context.Context, app chat.AppID, publicID string) (Key, error) {
	keys, err := r.apps.ListKeys(ctx, app)
	if err != nil {
		return Key{}, err
	}
	for _, k := range keys {
		if k.PublicID == publicID && k.DeletedAt.IsZero() {
			return k, nil
		}
	}
	return Key{}, chat.Errorf(chat.NotFound, "This app has no such key.")
}

// SetKeyActive enables or disables a key. Disabling closes the connections opened with it within a second.
func (r *Register) SetKeyActive(ctx context.Context, app chat.AppID, publicID string, active bool) error {
	return r.apps.SetKeyActive(ctx, app, publicID, active, r.now())
}

// DeleteKey deletes a key for good, and closes the connections opened with it within a second.
func (r *Register) DeleteKey(ctx context.Context, app chat.AppID, publicID string) error {
	return r.apps.DeleteKey(ctx, app, publicID, r.now())
}

func randomText(bytes int) string {
	raw := make([]byte, bytes)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// newPublicID returns "pk_" and 12 random letters and digits, 71 bits: it names a key and guards nothing.
func newPublicID() string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := []byte("pk_")
	for len(id) < 15 {
		var b [1]byte
		rand.Read(b[:])
		if int(b[0]) < 256-256%len(alphabet) {
			id = append(id, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(id)
}
