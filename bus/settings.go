package bus

import (
	"planga/bus/etf"
	"planga/chat"
)

// settings writes the shape of 2018, extended by "revision", "allowed_origins", "settings" and each credential's
// "secret", so that a chat service of 2018 could listen:
//
//	{"id" int, "name" text, "api_credentials" [{"public_id", "private_key", "active" bool, "secret"}],
//	 "revision" int, "allowed_origins" [text], "settings" {"clients_2018" bool, "deleted" bool, "events" [text]}}
func (w *writer) settings(a *chat.App) {
	w.fields(7)
	texts(w, "allowed_origins", a.Origins)
	w.key("api_credentials")
	w.b = etf.AppendList(w.b, len(a.Keys))
	for _, k := range a.Keys {
		w.credential(k)
	}
	w.b = etf.AppendListEnd(w.b)
	w.int("id", int64(a.ID))
	w.text("name", a.Name)
	w.int("revision", a.Revision)
	w.key("settings")
	w.fields(3)
	w.bool("clients_2018", a.Clients2018)
	w.bool("deleted", a.Deleted)
	texts(w, "events", a.Events)
	w.end()
	if a.ID <= 0 || a.Revision < 0 {
		w.fail("app id or revision not positive")
	}
}

func (w *writer) credential(k chat.Key) {
	w.fields(4)
	w.bool("active", k.Active)
	w.text("private_key", k.PrivateKey)
	w.text("public_id", k.PublicID)
	w.text("secret", k.Secret)
	if k.PublicID == "" {
		w.fail("credential without public id")
	}
}

// readSettings also reads what a dashboard of 2018 sends: no revision, keys of maps that may be atoms, nil where
// nothing was entered, and much else beside.
func readSettings(r *etf.Reader) chat.App {
	var a chat.App
	for key := range r.Map {
		switch key {
		case "id":
			a.ID = chat.AppID(r.Int())
		case "name":
			a.Name = readOptional(r)
		case "api_credentials":
			for range r.List {
				a.Keys = appendCredential(a.Keys, r)
			}
		case "revision":
			a.Revision = readCount(r)
		case "allowed_origins":
			a.Origins = readTexts[string](r)
		case "settings":
			readSwitches(r, &a)
		case "v":
			readVersion(r)
		}
	}
	if a.ID <= 0 {
		r.Fail("app id missing")
	}
	return a
}

// appendCredential reads a credential. It is active only if that is said. One without public id can be used
// by nobody and is left out, so that it does not keep the app's other settings from arriving.
func appendCredential(keys []chat.Key, r *etf.Reader) []chat.Key {
	var k chat.Key
	for key := range r.Map {
		switch key {
		case "public_id":
			k.PublicID = readOptional(r)
		case "private_key":
			k.PrivateKey = readOptional(r)
		case "secret":
			k.Secret = readOptional(r)
		case "active":
			k.Active = !r.Null() && r.Bool()
		}
	}
	if k.PublicID == "" {
		return keys
	}
	return append(keys, k)
}

func readSwitches(r *etf.Reader, a *chat.App) {
	if r.Null() {
		return
	}
	for key := range r.Map {
		switch key {
		case "clients_2018":
			a.Clients2018 = r.Bool()
		case "deleted":
			a.Deleted = r.Bool()
		case "events":
			a.Events = readTexts[chat.EventType](r)
		}
	}
}

// settingsRequest writes {"node" text}.
func (w *writer) settingsRequest(m SettingsRequest) {
	w.fields(2)
	w.text("node", m.Node)
	w.end()
}

func readSettingsRequest(r *etf.Reader) SettingsRequest {
	var m SettingsRequest
	for key := range r.Map {
		switch key {
		case "node":
			m.Node = r.Text()
		case "v":
			readVersion(r)
		}
	}
	return m
}
