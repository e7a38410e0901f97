package dashboard_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheCookieIsBoundToTheServer(t *testing.T) {
	for name, want := range map[string]struct {
		url, cookie string
		secure      bool
	}{
		"over HTTPS":               {"https://chat.wheelhouse.example", "__Host-planga", true},
		"over HTTP on the machine": {"", "planga", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, want.url)
			link, _, err := h.board.SetupURL(t.Context())
			h.must(err)
			if want.url != "" && !strings.HasPrefix(link, want.url+"/setup/") {
				t.Errorf("the setup link is %q", link)
			}
			a := h.stranger().post(pathOf(link), "site", "https://a.example", "email", sanasEmail, "password", sanasPassword)
			cookies := a.is(http.StatusSeeOther).Cookies()
			if len(cookies) != 1 {
				t.Fatalf("%d cookies are set, want 1", len(cookies))
			}
			c := cookies[0]
			if c.Name != want.cookie || c.Secure != want.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("the cookie is %v", c)
			}
		})
	}
}

func TestSessionsAreNewAtSignInAndEndAtSignOut(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	here, err := url.Parse(h.URL)
	h.must(err)
	old := sana.client.Jar.Cookies(here)[0].Value

	sana.post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusSeeOther)
	fresh := sana.client.Jar.Cookies(here)[0].Value
	if fresh == old {
		t.Error("the session that came with the browser was kept")
	}
	with := func(value string) *person {
		p := h.stranger()
		p.client.Jar.SetCookies(here, []*http.Cookie{{Name: "planga", Value: value, Path: "/"}})
		return p
	}
	with(old).get("/apps").leadsTo("/login?next=%2Fapps")
	with("chosen-by-somebody-else").post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusSeeOther)
	with("chosen-by-somebody-else").get("/apps").leadsTo("/login?next=%2Fapps")

	with(fresh).get("/apps").is(http.StatusOK)
	sana.post("/logout").leadsTo("/login")
	with(fresh).get("/apps").leadsTo("/login?next=%2Fapps")
	with(strings.Repeat("x", 5000)).get("/apps").leadsTo("/login?next=%2Fapps")
}

func TestSessionsEndWhenTheyAreOldOrIdleOrTooMany(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	h.clock.advance(6 * 24 * time.Hour)
	sana.get("/apps").is(http.StatusOK)
	h.clock.advance(6 * 24 * time.Hour)
	sana.get("/apps").is(http.StatusOK) // used within a week each time
	h.clock.advance(8 * 24 * time.Hour)
	sana.get("/apps").leadsTo("/login?next=%2Fapps")

	first := h.stranger()
	first.post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusSeeOther)
	for range 30 {
		h.clock.advance(time.Second)
		h.stranger().post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusSeeOther)
	}
	first.get("/apps").leadsTo("/login?next=%2Fapps")
}

func TestAPageThatAsksByItselfDoesNotKeepTheSessionAlive(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	for range 8 {
		h.clock.advance(24 * time.Hour)
		sana.get(fmt.Sprintf("/apps/%d/figures", app))
	}
	sana.get("/apps").leadsTo("/login?next=%2Fapps")
}

func TestSignInGivesNothingAway(t *testing.T) {
	h := open(t, "")
	h.owner()
	unknown := h.stranger().post("/login", "email", "nobody@wheelhouse.example", "password", "wrong wrong wrong")
	wrong := h.stranger().post("/login", "email", sanasEmail, "password", "wrong wrong wrong")
	if unknown.StatusCode != wrong.StatusCode {
		t.Errorf("an unknown address gets %d, a wrong password %d", unknown.StatusCode, wrong.StatusCode)
	}
	if strings.ReplaceAll(unknown.body, "nobody@", "") != strings.ReplaceAll(wrong.body, "sana@", "") {
		t.Errorf("the pages differ:\n%s\n%s", unknown.words(), wrong.words())
	}
	if len(unknown.Cookies()) != 0 || len(wrong.Cookies()) != 0 {
		t.Error("a failed sign-in sets a cookie")
	}
}

func TestOddSignInsAreRefusedCalmly(t *testing.T) {
	h := open(t, "")
	h.owner()
	for i, c := range []struct{ email, password string }{
		{sanasEmail, ""}, {sanasEmail, "\x00"}, {sanasEmail, sanasPassword + "\x00"}, {sanasEmail, strings.Repeat("é", 2000)},
		{"", sanasPassword}, {"\"a b\"@x", "x"}, {"sana@wheelhouse.example\r\nBcc: all@x", sanasPassword},
		{"sàna@wheelhouse.example", sanasPassword}, {"Sana <sana@wheelhouse.example>", sanasPassword}, {strings.Repeat("a", 60000), "x"},
	} {
		h.clock.advance(2 * time.Hour) // each is a first try
		a := h.stranger().post("/login", "email", c.email, "password", c.password)
		if a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%d: got %d, want 422", i, a.StatusCode)
		}
		a.says("E-mail and password do not match")
	}
	h.stranger().post("/login", "email", sanasEmail, "password", strings.Repeat("a", 1<<20)).is(http.StatusRequestEntityTooLarge)
}

func TestGuessingIsPausedForTheGuesserAlone(t *testing.T) {
	h := open(t, "")
	h.owner()
	guesser := h.stranger()
	for i := range 5 {
		a := guesser.post("/login", "email", sanasEmail, "password", "wrong wrong wrong").is(http.StatusUnprocessableEntity)
		if i == 0 {
			a.says("4 tries are left before a pause.")
		}
	}
	a := guesser.post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusTooManyRequests).says("Too many tries")
	if a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After is %q, want 60", a.Header.Get("Retry-After"))
	}
	h.clock.advance(61 * time.Second)
	guesser.post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusSeeOther)
}

func TestGuessesMadeAtOnceAreAllCounted(t *testing.T) {
	h := open(t, "")
	h.owner()
	var group sync.WaitGroup
	statuses := make(chan int, 30)
	for range 30 {
		p := h.stranger()
		group.Go(func() {
			statuses <- p.post("/login", "email", sanasEmail, "password", "wrong wrong wrong").StatusCode
		})
	}
	group.Wait()
	close(statuses)
	got := map[int]int{}
	for s := range statuses {
		got[s]++
	}
	if got[http.StatusUnprocessableEntity] != 5 || got[http.StatusTooManyRequests] != 25 {
		t.Errorf("answers are %v, want 5 refusals and 25 pauses", got)
	}
}

func TestSignInLeadsOnlyToPagesOfTheDashboard(t *testing.T) {
	h := open(t, "")
	h.owner()
	for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "apps"} {
		h.stranger().post("/login", "email", sanasEmail, "password", sanasPassword, "next", next).leadsTo("/")
	}
}
