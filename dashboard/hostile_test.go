package dashboard_test

import (
	"bytes"
	"fmt"
	"net/http"
	"planga/chat"
	"planga/dashboard"
	"strings"
	"sync"
	"testing"
)

func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	for name, mark := range map[string]func(*http.Request){
		"Sec-Fetch-Site says cross-site": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"Sec-Fetch-Site says same-site":  func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"an old browser sends a foreign Origin": func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://evil.example")
		},
		"an old browser sends a null Origin": func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "null")
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := sana.form(fmt.Sprintf("/apps/%d/settings/name", app), "name", "Taken over")
			mark(r)
			sana.do(r).is(http.StatusForbidden).says("sent from another site")
		})
	}
	if a, err := h.store.App(t.Context(), app); err != nil || a.Name == "Taken over" {
		t.Errorf("a form of another site was carried out: %+v, %v", a, err)
	}
}

func TestOnlyFormsAreTaken(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	path := fmt.Sprintf("/apps/%d/settings/name", app)
	for _, kind := range []string{"", "text/plain", "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-7", ";;"} {
		r := sana.form(path, "name", "Other")
		r.Header.Set("Content-Type", kind)
		sana.do(r).is(http.StatusUnsupportedMediaType)
	}
	r := sana.form(path, "name", "Other")
	r.Header.Set("Content-Encoding", "gzip")
	sana.do(r).is(http.StatusUnsupportedMediaType)
	sana.post(path, "name", strings.Repeat("a", 1<<20)).is(http.StatusRequestEntityTooLarge)
	bad := sana.form(path)
	bad.Body, bad.ContentLength = http.NoBody, 0
	sana.do(bad).is(http.StatusUnprocessableEntity).says("Write a name for the app")
	sana.post(path + "?name=FromTheAddress").is(http.StatusUnprocessableEntity)
}

func TestWhatPeopleWriteIsShownAsText(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	name := `<img src=x onerror=alert(1)>"'&`
	app := sana.post("/apps", "name", name, "origin", "https://a.example").app()
	id, _ := sana.createKey(app, name)
	for _, path := range []string{"/apps", fmt.Sprintf("/apps/%d", app), fmt.Sprintf("/apps/%d/keys", app), fmt.Sprintf("/apps/%d/install", app),
		fmt.Sprintf("/apps/%d/settings", app), fmt.Sprintf("/apps/%d/delete", app), fmt.Sprintf("/apps/%d/keys/%s/delete", app, id)} {
		sana.get(path).is(http.StatusOK).doesNotSay("<img").says("onerror")
	}
	sana.post(fmt.Sprintf("/apps/%d/install/token", app), "token", "<script>alert(1)</script>").is(http.StatusOK).doesNotSay("<script>alert")
}

func TestManyKeysMadeAndDeletedAtOnce(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	var group sync.WaitGroup
	for range 60 {
		group.Go(func() { sana.post(fmt.Sprintf("/apps/%d/keys", app), "name", "Website") })
	}
	group.Wait()
	keys, err := h.store.ListKeys(t.Context(), app)
	h.must(err)
	if len(keys) != dashboard.MaxKeys {
		t.Fatalf("there are %d keys, want %d", len(keys), dashboard.MaxKeys)
	}
	gone := make(chan int, 50)
	for range 50 {
		group.Go(func() {
			gone <- sana.post(fmt.Sprintf("/apps/%d/keys/%s/delete", app, keys[0].PublicID), "name", "Website").StatusCode
		})
	}
	group.Wait()
	close(gone)
	got := map[int]int{}
	for s := range gone {
		got[s]++
	}
	if got[http.StatusSeeOther] != 1 || got[http.StatusNotFound] != 49 {
		t.Errorf("answers are %v, want 1 success and 49 times not found", got)
	}
}

func TestSecretsAreNotInTheDatabaseFile(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	_, page := sana.createKey(app, "Website")
	secret := secretText.FindString(page.body)
	private := h.told.await(t, app, "of the key", func(a chat.App) bool { return len(a.Keys) == 1 }).Keys[0].PrivateKey
	for _, file := range h.files() {
		for _, text := range []string{secret, private, sanasPassword} {
			if bytes.Contains(file, []byte(text)) {
				t.Errorf("a file of the data directory has %q in it", text)
			}
		}
	}
}
