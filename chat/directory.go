package chat

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Directory knows the apps and their keys, and vouches for credentials. It is filled only by settings messages
// ([Directory.Apply]) and, at start, by what an earlier run kept of them ([Directory.Load]). All methods may be
// called at once from many goroutines; looking up and verifying take no lock.
//
// Whatever is derived from a key is kept with that key of that app, so nothing of one tenant can answer for
// another. Public ids are unique among all apps: a key whose public id another app holds already is left out.
type Directory struct {
	kept Apps

	apps sync.Map // AppID -> *App, never changed once stored
	keys sync.Map // public id -> *holding, never changed once stored

	mu       sync.Mutex // one change at a time; guards what follows
	unsaved  map[AppID]bool
	watchers []func(App)
}

// holding is one key of one app, with its secrets in the form in which they are used.
type holding struct {
	app     *App
	id      string
	active  bool
	secret  []byte // HS256 key; nil if the key cannot sign
	private []byte // AES-128 key; nil if the key cannot decrypt
}

// NewDirectory returns an empty directory that keeps what it learns in kept.
func NewDirectory(kept Apps) *Directory {
	return &Directory{kept: kept, unsaved: map[AppID]bool{}}
}

// Load fills in the apps that an earlier run kept. Where newer settings have arrived already, those stay.
func (d *Directory) Load(ctx context.Context) error {
	apps, err := d.kept.LoadApps(ctx)
	if err != nil {
		return fmt.Errorf("load apps: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range apps {
		if _, known := d.apps.Load(a.ID); !known {
			d.put(a)
		}
	}
	return nil
}

// Apply takes over an app as a settings message tells it, keeps it, and tells the watchers. A revision that is not
// newer than the known one changes nothing; revision 0 (from a dashboard of 2018) counts as newest.
//
// The change counts at once, even if it cannot be kept just now, so that a revoked key is refused whatever the disk
// does. Then the error is that of the store, and applying the same app again tries again to keep it.
func (d *Directory) Apply(ctx context.Context, a App) error {
	if a.ID <= 0 {
		return Errorf(Invalid, "The app id must be positive.")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	old, known := d.app(a.ID)
	switch {
	case !known || a.Revision > old.Revision:
		d.change(a)
	case a.Revision == 0:
		a.Revision = old.Revision
		d.change(a)
	}
	return d.save(ctx, a.ID)
}

// change puts a in place and tells the watchers.
func (d *Directory) change(a App) {
	d.unsaved[a.ID] = true
	now := d.put(a)
	for _, tell := range d.watchers {
		tell(now)
	}
}

// save keeps the app if it has changed since it was last kept.
func (d *Directory) save(ctx context.Context, id AppID) error {
	a, _ := d.app(id)
	if !d.unsaved[id] {
		return nil
	}
	if err := d.kept.SaveApp(ctx, *a); err != nil {
		return fmt.Errorf("save app %s: %w", id, err)
	}
	delete(d.unsaved, id)
	return nil
}

// put replaces an app and its keys.
func (d *Directory) put(a App) App {
	if old, known := d.app(a.ID); known {
		defer d.dropKeys(old, &a)
	}
	a.Keys = d.ownKeys(a)
	if a.Deleted {
		a.Keys = nil
	}
	d.apps.Store(a.ID, &a)
	for _, k := range a.Keys {
		d.keys.Store(k.PublicID, hold(&a, k))
	}
	return a
}

// ownKeys returns the keys of a without those whose public id is empty, given twice, or held by another app.
func (d *Directory) ownKeys(a App) []Key {
	var own []Key
	seen := map[string]bool{"": true}
	for _, k := range a.Keys {
		held, taken := d.holding(k.PublicID)
		if seen[k.PublicID] || taken && held.app.ID != a.ID {
			slog.Error("a key was left out: its public id is empty or taken", "app", a.ID, "key", k.PublicID)
			continue
		}
		seen[k.PublicID] = true
		own = append(own, k)
	}
	return own
}

// dropKeys forgets the keys that old had and now no longer has.
func (d *Directory) dropKeys(old, now *App) {
	for _, k := range old.Keys {
		if held, ok := d.holding(k.PublicID); ok && held.app != now {
			d.keys.Delete(k.PublicID)
		}
	}
}

func hold(a *App, k Key) *holding {
	h := &holding{app: a, id: k.PublicID, active: k.Active}
	if len(k.Secret) >= minSecret {
		h.secret = []byte(k.Secret)
	}
	private, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(k.PrivateKey, "="))
	if err == nil && len(private) == privateKeyBytes {
		h.private = private
	}
	return h
}

// Watch has tell called after each change that is applied from now on, with the app as it is then: possibly
// deleted. Calls come one at a time, in order. tell must return soon, keep the app unchanged, and not call Apply.
func (d *Directory) Watch(tell func(App)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watchers = append(d.watchers, tell)
}

// App returns an app that exists. Its slices must not be changed.
func (d *Directory) App(id AppID) (App, bool) {
	a, ok := d.app(id)
	if !ok || a.Deleted {
		return App{}, false
	}
	return *a, true
}

// Apps calls each app that exists, in any order, until yield returns false. It is an iterator for range.
func (d *Directory) Apps(yield func(App) bool) {
	d.apps.Range(func(_, v any) bool {
		a := v.(*App)
		return a.Deleted || yield(*a)
	})
}

// APIKey returns the app of an active key whose secret is presented, as in HTTP Basic authentication. The error is
// [Unauthorized], with a [Refused] as the cause. It takes the same time however much of the secret is right.
func (d *Directory) APIKey(publicID, secret string) (App, error) {
	held, known := d.holding(publicID)
	if !known {
		held = &holding{app: &App{}}
	}
	given, want := sha256.Sum256([]byte(secret)), sha256.Sum256(held.secret)
	fits := subtle.ConstantTimeCompare(given[:], want[:]) == 1
	switch {
	case !known:
		return App{}, refuse(unknownKey)
	case !held.active:
		return App{}, refuse(held.blame(disabledKey))
	case held.secret == nil || !fits:
		return App{}, refuse(held.blame(wrongSecret))
	}
	return *held.app, nil
}

// Authenticate verifies a credential and returns who it vouches for. The error is always the same [Unauthorized], so
// that nobody outside learns what was wrong; its cause, a [Refused], says it for the app's owner.
func (d *Directory) Authenticate(now time.Time, c Credential) (Identity, error) {
	held, claims, flaw := d.open(c)
	if flaw != nil {
		return Identity{}, refuse(flaw)
	}
	r := held.reading(now, claims, c.EncryptedOptions != "")
	for i := range claimChecks {
		if flaw := r.run(&claimChecks[i]); flaw != nil {
			return Identity{}, refuse(held.blame(flaw))
		}
	}
	return r.identity, nil
}

// Vouches reports whether the key behind an identity still vouches for it: the app exists, the key is active, and
// without an expiry pages of 2018 are served. Time is not looked at. A socket asks after it has made itself known, so
// that a key revoked meanwhile does not slip through, and again at each change of its app.
func (d *Directory) Vouches(i Identity) bool {
	held, ok := d.holding(i.Key)
	return ok && held.active && held.app.ID == i.App && (!i.Expires.IsZero() || held.app.Clients2018)
}

// app returns what is known of an app, deleted or not.
func (d *Directory) app(id AppID) (*App, bool) {
	v, ok := d.apps.Load(id)
	if !ok {
		return nil, false
	}
	return v.(*App), true
}

func (d *Directory) holding(publicID string) (*holding, bool) {
	v, ok := d.keys.Load(publicID)
	if !ok {
		return nil, false
	}
	return v.(*holding), true
}

// blame completes a refusal with the key it concerns.
func (h *holding) blame(r *Refused) *Refused {
	blamed := *r
	blamed.App, blamed.KeyID = h.app.ID, h.id
	return &blamed
}

// AsRefused returns why a credential was refused, if err is about that.
func AsRefused(err error) (*Refused, bool) {
	var r *Refused
	return r, errors.As(err, &r)
}
