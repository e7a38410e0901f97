package dashboard_test

import (
	"bytes"
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"planga/dashboard"
)

const newPassword = "six other bicycle words instead"

// signIn signs a person in with a browser that calls itself agent.
func (h *house) signIn(agent, password string) *person {
	h.Helper()
	p := h.stranger()
	r := p.form("/login", "email", sanasEmail, "password", password)
	r.Header.Set("User-Agent", agent)
	p.do(r).leadsTo("/")
	return p
}

func TestAChangedPasswordEndsEveryOtherSession(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	here, err := url.Parse(h.URL)
	h.must(err)
	before := sana.client.Jar.Cookies(here)[0].Value
	elsewhere := h.signIn("", sanasPassword)

	sana.get("/account").is(http.StatusOK).says("You sign in as " + sanasEmail)
	sana.post("/account/password", "current", sanasPassword, "password", newPassword).leadsTo("/account?done=password")
	sana.get("/account?done=password").is(http.StatusOK).says("Your password is changed")
	elsewhere.get("/apps").leadsTo("/login?next=%2Fapps")
	if sana.client.Jar.Cookies(here)[0].Value == before {
		t.Error("the session kept its token")
	}
	h.stranger().post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusUnprocessableEntity)
	h.signIn("", newPassword)
}

func TestTheCurrentPasswordIsAskedForAndANewOneJudged(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	other := h.signIn("", sanasPassword)
	for _, c := range []struct{ current, chosen, says string }{
		{"wrong wrong wrong", newPassword, "This is not your current password. 4 tries are left before a pause."},
		{"", newPassword, "This is not your current password. 3 tries are left"},
		{sanasPassword, "", "Write at least 10 characters."},
		{sanasPassword, sanasEmail, "your own address"},
		{sanasPassword, strings.Repeat("ab", 600), "at most 1024"},
	} {
		a := sana.post("/account/password", "current", c.current, "password", c.chosen).is(http.StatusUnprocessableEntity).says(c.says)
		a.doesNotSay(sanasPassword).doesNotSay(newPassword)
	}
	other.get("/apps").is(http.StatusOK)
	h.signIn("", sanasPassword)
}

func TestGuessingTheCurrentPasswordIsPausedAsAtSignIn(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	for range 3 {
		sana.post("/account/password", "current", "wrong wrong wrong", "password", newPassword).is(http.StatusUnprocessableEntity)
	}
	for range 2 { // the same count
		h.stranger().post("/login", "email", sanasEmail, "password", "wrong wrong wrong").is(http.StatusUnprocessableEntity)
	}
	a := sana.post("/account/password", "current", sanasPassword, "password", newPassword).is(http.StatusTooManyRequests).says("Too many tries")
	if a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After is %q, want 60", a.Header.Get("Retry-After"))
	}
	h.clock.advance(61 * time.Second)
	sana.post("/account/password", "current", sanasPassword, "password", newPassword).is(http.StatusSeeOther)
	h.signIn("", newPassword) // which forgot the failures
}

func TestNoOtherSiteChangesAPasswordOrEndsASession(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	other := h.signIn("", sanasPassword)
	for _, path := range []string{"/account/password", "/account/sessions/others", "/account/sessions/end"} {
		r := sana.form(path, "current", sanasPassword, "password", newPassword)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		sana.do(r).is(http.StatusForbidden).says("sent from another site")
	}
	other.get("/apps").is(http.StatusOK)
	h.signIn("", sanasPassword)
}

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1"
)

var sessionField = regexp.MustCompile(`name="session" value="([0-9a-f]{16})"`)

func TestBrowsersAreListedAndSignedOutOneByOne(t *testing.T) {
	h := open(t, "")
	h.owner()
	sana, phone := h.signIn(firefox, sanasPassword), h.signIn(iphone, sanasPassword)
	sana.get("/account").says("last seen just now")
	h.clock.advance(30 * time.Minute)
	page := sana.get("/account").is(http.StatusOK).says("Firefox on Linux").says("Safari on iPhone").says("from 127.0.0.1").says("last seen 30 min ago")
	page.says("This browser").says("Sign out everywhere else")
	if found := sessionField.FindAllStringSubmatch(page.body, -1); len(found) != 2 {
		t.Fatalf("%d browsers can be signed out, want the 2 others", len(found))
	}
	id := between(page.body[strings.Index(page.body, "Safari on iPhone"):], `name="session" value="`, `"`)
	sana.post("/account/sessions/end", "session", id).leadsTo("/account?done=session")
	phone.get("/apps").leadsTo("/login?next=%2Fapps")
	sana.post("/account/sessions/end", "session", id).is(http.StatusNotFound).says("not signed in any more")
	sana.get("/account").doesNotSay("Safari on iPhone").says("Firefox on Linux")

	phone = h.signIn(iphone, sanasPassword)
	sana.post("/account/sessions/others").leadsTo("/account?done=others")
	phone.get("/apps").leadsTo("/login?next=%2Fapps")
	sana.get("/account?done=others").says("Every other browser is signed out.").doesNotSay("Sign out everywhere else")
}

func TestOnesOwnSessionCanBeNamedToo(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	other := h.signIn("", sanasPassword)
	id := between(other.get("/account").body, `name="session" value="`, `"`)
	sana.post("/account/sessions/end", "session", id).leadsTo("/login")
	sana.get("/apps").leadsTo("/login?next=%2Fapps")
	other.get("/apps").is(http.StatusOK)
}

func TestNobodyElsesSessionIsShownOrEnded(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	jonas := h.stranger()
	h.second("jonas@wheelhouse.example")
	jonas.post("/login", "email", "jonas@wheelhouse.example", "password", sanasPassword).leadsTo("/")
	page := jonas.get("/account").is(http.StatusOK).says("You sign in as jonas@wheelhouse.example").doesNotSay(sanasEmail)
	if sessionField.MatchString(page.body) {
		t.Error("somebody else's session is listed")
	}
	h.signIn("", sanasPassword)
	id := between(sana.get("/account").body, `name="session" value="`, `"`)
	jonas.post("/account/sessions/end", "session", id).is(http.StatusNotFound)
	jonas.post("/account/sessions/others").is(http.StatusSeeOther)
	jonas.post("/account/password", "current", sanasPassword, "password", newPassword).is(http.StatusSeeOther)
	sana.get("/account").is(http.StatusOK).says("Sign out everywhere else")
	h.signIn("", sanasPassword)
}

// second makes another account with the same password.
func (h *house) second(email string) {
	h.Helper()
	hash, err := dashboard.NewPasswords().Hash(h.Context(), sanasPassword)
	h.must(err)
	db, err := sql.Open("sqlite", filepath.Join(h.dir, "dashboard.db"))
	h.must(err)
	defer db.Close()
	_, err = db.ExecContext(h.Context(), `INSERT INTO accounts (email, password_hash, created_ms) VALUES (?, ?, 1)`, email, hash)
	h.must(err)
}

// slow is a store in which the password is replaced between the moment it was checked and the moment the session is kept.
type slow struct {
	dashboard.Store
	meanwhile func()
}

func (s slow) StartSession(ctx context.Context, one dashboard.Session, hash string, keep int) error {
	s.meanwhile()
	return s.Store.StartSession(ctx, one, hash, keep)
}

func TestNoSessionOutlivesThePasswordItWasOpenedWith(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	board, err := dashboard.New(dashboard.Options{Bus: h.bus, URL: h.URL, Logger: quiet(), Store: slow{h.store, func() {
		sana.post("/account/password", "current", sanasPassword, "password", newPassword).is(http.StatusSeeOther)
	}}})
	h.must(err)
	thief := h.stranger().at(h.serves(board))
	a := thief.post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusConflict).says("The password was changed meanwhile")
	if len(a.Cookies()) != 0 {
		t.Error("a cookie is set")
	}
	sana.get("/account").is(http.StatusOK).doesNotSay("Sign out everywhere else")
}

func TestBrowsersAreToldToStayOnHTTPS(t *testing.T) {
	for address, want := range map[string]string{
		"https://chat.wheelhouse.example": "max-age=31536000", "https://chat.wheelhouse.example:443": "max-age=31536000",
		"https://chat.wheelhouse.example:8443": "", "https://localhost": "", "https://127.0.0.1": "", "http://chat.wheelhouse.example": "", "": "",
	} {
		h := open(t, address)
		for _, path := range []string{"/login", "/nothing"} {
			if got := h.stranger().get(path).Header.Get("Strict-Transport-Security"); got != want {
				t.Errorf("%s%s: got %q, want %q", address, path, got, want)
			}
		}
	}
}

func TestTheDatabaseHoldsNoPasswordLink(t *testing.T) {
	h := open(t, "")
	h.owner()
	link := h.passwordLink()
	token := link[strings.LastIndex(link, "/")+1:]
	for _, file := range h.files() {
		if bytes.Contains(file, []byte(token)) {
			t.Error("a file of the data directory has the link's token in it")
		}
	}
}
