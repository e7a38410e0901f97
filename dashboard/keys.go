package dashboard

import (
	"net/http"
	"strings"
	"time"

	"planga/chat"
)

// keysView is the page of an app's keys.
type keysView struct {
	frame
	Keys      []Key // the newest first
	Deleted   []Key
	Name      string // of the form for a new one
	NameError string
	Fresh     *freshKey
	Confirm   *confirmation
	Now       time.Time
}

// freshKey is a key whose secrets are shown, this once.
type freshKey struct {
	Key
	Secrets
	HowToSign, Away string
}

func (d *Dashboard) keysView(v *visit) (keysView, error) {
	f, err := d.frame(v, "API keys", "keys")
	if err != nil {
		return keysView{}, err
	}
	keys, err := d.register.ListKeys(v.r.Context(), v.app.ID)
	if err != nil {
		return keysView{}, err
	}
	view := keysView{frame: f, Now: d.now()}
	for _, k := range keys {
		if k.DeletedAt.IsZero() {
			view.Keys = append(view.Keys, k)
		} else {
			view.Deleted = append(view.Deleted, k)
		}
	}
	return view, nil
}

func (d *Dashboard) keysPage(v *visit) error {
	view, err := d.keysView(v)
	if err != nil {
		return err
	}
	if id := v.r.URL.Query().Get("new"); id != "" {
		view.Fresh = d.freshKey(v, view.Keys, id)
	}
	return v.show(keysPage(view))
}

// freshKey returns a new key with its secrets if they wait to be shown to this account.
func (d *Dashboard) freshKey(v *visit, keys []Key, publicID string) *freshKey {
	for _, k := range keys {
		if k.PublicID != publicID {
			continue
		}
		if s, waiting := d.shown.take(v.account.ID, publicID); waiting {
			return &freshKey{Key: k, Secrets: s, HowToSign: appURL(v.app.ID, "/install"), Away: appURL(v.app.ID, "/keys")}
		}
	}
	return nil
}

// createKey makes a key and leads to the page that shows its secrets, so that loading that again does not make another.
func (d *Dashboard) createKey(v *visit) error {
	key, secrets, err := d.register.CreateKey(v.r.Context(), v.app.ID, v.form("name"))
	if code := chat.CodeOf(err); code == chat.Invalid || code == chat.Conflict {
		view, viewErr := d.keysView(v)
		if viewErr != nil {
			return viewErr
		}
		view.Name, view.NameError = v.form("name"), sentence(err)
		return v.refuse(keysPage(view))
	}
	if err != nil {
		return err
	}
	d.teller.nudge()
	d.shown.put(v.account.ID, key.PublicID, secrets)
	return v.goTo(appURL(v.app.ID, "/keys?new="+key.PublicID))
}

func (d *Dashboard) disableKey(v *visit) error { return d.setKeyActive(v, false, "disabled") }

func (d *Dashboard) enableKey(v *visit) error { return d.setKeyActive(v, true, "enabled") }

func (d *Dashboard) setKeyActive(v *visit, active bool, word string) error {
	if err := d.register.SetKeyActive(v.r.Context(), v.app.ID, v.r.PathValue("key"), active); err != nil {
		return err
	}
	d.teller.nudge()
	return v.goTo(appURL(v.app.ID, "/keys?done="+word))
}

func (d *Dashboard) deleteKeyPage(v *visit) error {
	return d.showDeleteKey(v, http.StatusOK, confirmation{})
}

func (d *Dashboard) showDeleteKey(v *visit, status int, c confirmation) error {
	key, err := d.register.Key(v.r.Context(), v.app.ID, v.r.PathValue("key"))
	if err != nil {
		return err
	}
	view, err := d.keysView(v)
	if err != nil {
		return err
	}
	c.Title = "Delete the key “" + key.Name + "”?"
	c.Sentence = lastUse(key, view.Now) + " Whoever is connected with it is disconnected within a second, and needs a page signed by another key. This cannot be undone."
	c.Label, c.Verb = "Type the key’s name to confirm", "Delete key"
	c.Action, c.Away = keyURL(key, "delete"), appURL(v.app.ID, "/keys")
	view.Confirm = &c
	return render(v.w, v.r, status, keysPage(view))
}

func lastUse(k Key, now time.Time) string {
	if k.UsedAt.IsZero() {
		return "It was never used."
	}
	return "It was last used " + ago(k.UsedAt, now) + "."
}

func (d *Dashboard) deleteKey(v *visit) error {
	key, err := d.register.Key(v.r.Context(), v.app.ID, v.r.PathValue("key"))
	if err != nil {
		return err
	}
	if typed := v.form("name"); strings.TrimSpace(typed) != key.Name {
		return d.showDeleteKey(v, http.StatusUnprocessableEntity, confirmation{
			Typed: typed, Error: "That is not the key’s name. It is “" + key.Name + "”.",
		})
	}
	if err := d.register.DeleteKey(v.r.Context(), v.app.ID, key.PublicID); err != nil {
		return err
	}
	d.teller.nudge()
	return v.goTo(appURL(v.app.ID, "/keys?done=deleted"))
}
