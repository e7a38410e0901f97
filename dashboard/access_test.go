package dashboard_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// everyPage is each address with which something can be seen or done, with %d for an app and %s for a key.
var everyPage = []string{
	"GET /account", "POST /account/password", "POST /account/sessions/end", "POST /account/sessions/others",
	"GET /apps", "POST /apps", "GET /apps/%d", "GET /apps/%d/figures", "GET /apps/%d/install", "POST /apps/%d/install/token",
	"GET /apps/%d/install/first", "GET /apps/%d/keys", "POST /apps/%d/keys", "GET /apps/%d/keys/%s/delete",
	"POST /apps/%d/keys/%s/delete", "POST /apps/%d/keys/%s/disable", "POST /apps/%d/keys/%s/enable", "GET /apps/%d/settings",
	"POST /apps/%d/settings/name", "POST /apps/%d/settings/origins", "POST /apps/%d/settings/origins/remove",
	"POST /apps/%d/settings/clients2018", "GET /apps/%d/delete", "POST /apps/%d/delete",
}

// ask sends a request without any form, or with an empty one.
func (p *person) ask(method, path string) answer {
	p.Helper()
	if method == "POST" {
		return p.post(path)
	}
	return p.get(path)
}

func address(pattern string, app any, key string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, strings.NewReplacer("%d", fmt.Sprint(app), "%s", key).Replace(path)
}

func TestNothingIsShownOrDoneWithoutASession(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	key, _ := sana.createKey(app, "Website")
	before, err := h.store.App(t.Context(), app)
	h.must(err)
	for _, pattern := range everyPage {
		method, path := address(pattern, app, key)
		a := h.stranger().ask(method, path)
		if method == "GET" {
			a.leadsTo("/login?next=" + url.QueryEscape(path))
		} else {
			a.is(http.StatusUnauthorized).says("You are signed out").doesNotSay("wheelhouse")
		}
	}
	after, err := h.store.App(t.Context(), app)
	h.must(err)
	if after.Revision != before.Revision {
		t.Error("a stranger changed the app")
	}
}

func TestEveryPageIsInTheListOfTheSecurityTests(t *testing.T) {
	toAnybody := []string{"GET /{$}", "GET /setup/{token}", "POST /setup/{token}", "GET /login", "POST /login", "POST /logout",
		"GET /password/{token}", "POST /password/{token}"}
	var listed []string
	for _, pattern := range everyPage {
		listed = append(listed, strings.NewReplacer("%d", "{app}", "%s", "{key}").Replace(pattern))
	}
	for _, pattern := range open(t, "").board.Patterns() {
		if !slices.Contains(listed, pattern) && !slices.Contains(toAnybody, pattern) {
			t.Errorf("%q is not tested", pattern)
		}
	}
}

func TestWhatIsNotThereLooksLikeWhatNeverWas(t *testing.T) {
	h := open(t, "")
	sana, mine := h.owner()
	other := sana.post("/apps", "name", "Other", "origin", "https://other.example").app()
	theirs, _ := sana.createKey(other, "Theirs")
	for _, pattern := range everyPage {
		if !strings.Contains(pattern, "%d") {
			continue
		}
		for _, id := range []any{0, -1, "01", "+1", mine + 1000, "9223372036854775807", "9223372036854775808", "1e3", "x", "1%2f..", "%00"} {
			method, path := address(pattern, id, theirs)
			if a := sana.ask(method, path); a.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: got %d, want 404", method, path, a.StatusCode)
			}
		}
		if !strings.Contains(pattern, "%s") {
			continue
		}
		method, path := address(pattern, mine, theirs)
		foreign := sana.ask(method, path).is(http.StatusNotFound)
		method, path = address(pattern, mine, "pk_neverexisted")
		never := sana.ask(method, path).is(http.StatusNotFound)
		if foreign.body != never.body {
			t.Errorf("%s: another app's key looks unlike one that never was", pattern)
		}
	}
}

func TestOtherMethodsAndAddressesAreAnsweredInTheSameDesign(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	for _, method := range []string{"PUT", "DELETE", "PATCH", "TRACE"} {
		r, err := http.NewRequest(method, h.URL+"/apps", nil)
		h.must(err)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-HTTP-Method-Override", "POST")
		a := sana.do(r).is(http.StatusMethodNotAllowed).says("cannot be used in that way")
		if a.Header.Get("Allow") == "" {
			t.Errorf("%s: no Allow header", method)
		}
	}
	for _, path := range []string{"/nothing", "/apps/1/nothing", "/theme/nothing.css", "/setup", "/apps/1/keys/pk_x/", fmt.Sprintf("/apps/%d;x=1", app), fmt.Sprintf("/apps/%d.", app), "/%c0%ae%c0%ae/etc/passwd", "/..%2f..%2fetc/passwd", "/apps%00"} {
		if a := sana.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, a.StatusCode)
		}
	}
	sana.get("/nothing").says("There is no page at this address")
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	check := func(a answer) {
		t.Helper()
		csp := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: the policy %q lacks %q", a.Request.URL.Path, csp, part)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q", a.Request.URL.Path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", a.Request.URL.Path, name, got, want)
			}
		}
		if strings.HasPrefix(a.Request.URL.Path, "/theme/") {
			return
		}
		if got := a.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control is %q", a.Request.URL.Path, got)
		}
		for _, inline := range []string{"<style", " style=", " onclick=", "javascript:"} {
			if strings.Contains(a.body, inline) {
				t.Errorf("%s has %q in it", a.Request.URL.Path, inline)
			}
		}
	}
	for _, pattern := range everyPage {
		method, path := address(pattern, app, "pk_x")
		check(sana.ask(method, path))
		check(h.stranger().ask(method, path))
	}
	for _, path := range []string{"/", "/login", "/setup/x", "/password/x", "/nothing"} {
		check(h.stranger().get(path))
	}
	sheet := between(h.stranger().get("/login").body, `rel="stylesheet" href="`, `"`)
	a := h.stranger().get(sheet).is(http.StatusOK)
	check(a)
	if got := a.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("the style sheet's Cache-Control is %q", got)
	}
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}
