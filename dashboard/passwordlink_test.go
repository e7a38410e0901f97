package dashboard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"planga/dashboard"
)

// passwordLink makes a link with which sana chooses a new password, and returns its path.
func (h *house) passwordLink() string {
	h.Helper()
	link, err := dashboard.PasswordURL(h.Context(), h.store, h.URL, sanasEmail, h.clock.now())
	h.must(err)
	return pathOf(link)
}

// serves serves another dashboard until the test ends.
func (h *house) serves(board *dashboard.Dashboard) *httptest.Server {
	server := httptest.NewServer(board.Handler())
	h.Cleanup(server.Close)
	return server
}

func TestAForgottenPasswordIsChosenAnew(t *testing.T) {
	h := open(t, "")
	elsewhere, _ := h.owner()
	h.stranger().get("/login").says("planga account link")
	sana := h.stranger()
	for range 5 {
		sana.post("/login", "email", sanasEmail, "password", "was it this one?").is(http.StatusUnprocessableEntity)
	}
	link := h.passwordLink()
	sana.get(link).is(http.StatusOK).says("to sign in as " + sanasEmail)
	sana.get(link).is(http.StatusOK) // looking at it does not use it up
	sana.post(link, "password", "short").is(http.StatusUnprocessableEntity).says("Write at least 10 characters.")
	elsewhere.get("/apps").is(http.StatusOK)

	sana.post(link, "password", newPassword).leadsTo("/account?done=password")
	sana.get("/account").is(http.StatusOK).doesNotSay("Sign out everywhere else")
	elsewhere.get("/apps").leadsTo("/login?next=%2Fapps")
	h.signIn("", newPassword) // although five tries have failed
	h.stranger().post("/login", "email", sanasEmail, "password", sanasPassword).is(http.StatusUnprocessableEntity)
}

func TestAPasswordLinkClosesWhenItIsOldOrReplacedOrUsed(t *testing.T) {
	h := open(t, "")
	sana, _ := h.owner()
	closed := func(link string) {
		t.Helper()
		sana.get(link).is(http.StatusUnprocessableEntity).says("This link is closed")
		sana.post(link, "password", "some words of a stranger").is(http.StatusUnprocessableEntity).says("This link is closed")
		h.signIn("", sanasPassword)
	}
	closed("/password/guess")
	closed("/password/" + strings.Repeat("x", 5000))
	first, second := h.passwordLink(), h.passwordLink()
	closed(first)
	h.clock.advance(61 * time.Minute)
	closed(second)
	third := h.passwordLink()
	sana.post("/account/password", "current", sanasPassword, "password", newPassword).is(http.StatusSeeOther)
	sana.post("/account/password", "current", newPassword, "password", sanasPassword).is(http.StatusSeeOther)
	closed(third)
	fourth := h.passwordLink()
	h.stranger().post(fourth, "password", sanasPassword).is(http.StatusSeeOther)
	closed(fourth)
}

func TestFiftyPeopleRedeemOnePasswordLinkAndOneGetsIn(t *testing.T) {
	h := open(t, "")
	h.owner()
	link := h.passwordLink()
	var group sync.WaitGroup
	won := make(chan string, 50)
	statuses := make(chan int, 50)
	start := make(chan struct{})
	for i := range 50 {
		p, password := h.stranger(), fmt.Sprintf("words of person number %d", i)
		group.Go(func() {
			<-start
			a := p.post(link, "password", password)
			statuses <- a.StatusCode
			if a.StatusCode == http.StatusSeeOther {
				won <- password
			}
		})
	}
	close(start)
	group.Wait()
	close(won)
	close(statuses)
	got := map[int]int{}
	for s := range statuses {
		got[s]++
	}
	if got[http.StatusSeeOther] != 1 || got[http.StatusSeeOther]+got[http.StatusUnprocessableEntity]+got[http.StatusServiceUnavailable] != 50 {
		t.Fatalf("answers are %v, want one success, refusals, and invitations to come back", got)
	}
	h.signIn("", <-won)
}

func TestAPasswordLinkTakesNoFormFromAnotherSite(t *testing.T) {
	h := open(t, "")
	h.owner()
	r := h.stranger().form(h.passwordLink(), "password", newPassword)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	h.stranger().do(r).is(http.StatusForbidden)
	h.signIn("", sanasPassword)
}
