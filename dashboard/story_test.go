package dashboard_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"planga/chat"
)

var newKeyPath = regexp.MustCompile(`^/apps/\d+/keys\?new=(pk_\w+)$`)
var secretText = regexp.MustCompile(`sk_[\w-]{43}`)

// createKey makes a key and returns its public id and the page that shows its secret.
func (p *person) createKey(app chat.AppID, name string) (string, answer) {
	p.Helper()
	a := p.post(fmt.Sprintf("/apps/%d/keys", app), "name", name).is(http.StatusSeeOther)
	found := newKeyPath.FindStringSubmatch(a.Header.Get("Location"))
	if found == nil {
		p.Fatalf("leads to %q, which shows no new key", a.Header.Get("Location"))
	}
	return found[1], p.get(a.Header.Get("Location")).is(http.StatusOK)
}

func TestFromTheSetupLinkToAWorkingKey(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	h.told.await(t, app, "of the new app", func(a chat.App) bool {
		return a.Name == "wheelhouse.example" && len(a.Origins) == 1 && a.Origins[0] == "https://wheelhouse.example"
	})

	sana.get(fmt.Sprintf("/apps/%d/install", app)).is(http.StatusOK).says("First, a key to sign with")
	id, page := sana.createKey(app, "Website")
	secret := secretText.FindString(page.body)
	if secret == "" {
		t.Fatalf("the new key's page does not show its secret:\n%s", page.words())
	}
	told := h.told.await(t, app, "of the key", func(a chat.App) bool { return len(a.Keys) == 1 })
	if k := told.Keys[0]; k.PublicID != id || k.Secret != secret || !k.Active || len(k.PrivateKey) != 22 {
		t.Errorf("the chat was told %+v, the page showed %s and %s", k, id, secret)
	}

	again := sana.get(fmt.Sprintf("/apps/%d/keys?new=%s", app, id)).is(http.StatusOK)
	again.doesNotSay(secret)
	again.says("Website").says(id)
	sana.get(fmt.Sprintf("/apps/%d/install", app)).is(http.StatusOK).says(id).doesNotSay(secret)
	for _, path := range []string{"", "/keys", "/settings", "/keys/" + id + "/delete", "/delete"} {
		sana.get(fmt.Sprintf("/apps/%d%s", app, path)).is(http.StatusOK).doesNotSay(secret)
	}
}

func TestSigningInAndOut(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	sana.post("/logout").leadsTo("/login")
	sana.get("/apps").leadsTo("/login?next=%2Fapps")
	sana.post("/login", "email", strings.ToUpper(sanasEmail), "password", sanasPassword, "next", "/apps").leadsTo("/apps")
	sana.get("/").leadsTo(fmt.Sprintf("/apps/%d", app))
	sana.get("/apps").is(http.StatusOK).says("wheelhouse.example")
}

func TestAppsAreMadeRenamedAndDeleted(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	app := sana.post("/apps", "name", "Bike fair", "origin", "http://localhost:3000").is(http.StatusSeeOther).app()
	sana.createKey(app, "Website")
	sana.post(fmt.Sprintf("/apps/%d/settings/name", app), "name", "Fair").is(http.StatusSeeOther)
	h.told.await(t, app, "of the new name", func(a chat.App) bool { return a.Name == "Fair" })

	sana.post(fmt.Sprintf("/apps/%d/delete", app), "name", "fair").is(http.StatusUnprocessableEntity).says("That is not the app’s name. It is “Fair”.")
	sana.post(fmt.Sprintf("/apps/%d/delete", app), "name", "Fair").leadsTo("/apps?done=gone")
	sana.get(fmt.Sprintf("/apps/%d", app)).is(http.StatusNotFound)
	told := h.told.await(t, app, "that it is deleted", func(a chat.App) bool { return a.Deleted })
	if len(told.Keys) != 0 {
		t.Errorf("a deleted app still has keys: %+v", told.Keys)
	}
}

func TestKeysAreDisabledEnabledAndDeleted(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	id, _ := sana.createKey(app, "Website")
	key := fmt.Sprintf("/apps/%d/keys/%s", app, id)

	sana.post(key + "/disable").is(http.StatusSeeOther)
	h.told.await(t, app, "that the key is disabled", func(a chat.App) bool { return len(a.Keys) == 1 && !a.Keys[0].Active })
	sana.post(key + "/enable").is(http.StatusSeeOther)
	h.told.await(t, app, "that the key is enabled", func(a chat.App) bool { return len(a.Keys) == 1 && a.Keys[0].Active })

	sana.post(key+"/delete", "name", "Websit").is(http.StatusUnprocessableEntity).says("It is “Website”")
	sana.post(key+"/delete", "name", "Website").is(http.StatusSeeOther)
	h.told.await(t, app, "that the key is deleted", func(a chat.App) bool { return len(a.Keys) == 0 })
	sana.post(key + "/enable").is(http.StatusNotFound)
	sana.get(fmt.Sprintf("/apps/%d/keys", app)).is(http.StatusOK).says("1 deleted key").says("No keys yet")
}
