package dashboard

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"

	"planga/chat"
	"planga/ui/theme"
)

// errSignedOut tells that the page needs an account.
var errSignedOut = errors.New("signed out")

// failure is what the page about a failure shows.
type failure struct {
	Title    string
	Sentence string
	Word     string // stands beside the error in the log; "" if it was not logged
	SignIn   bool
}

// fail answers a request that was refused or went wrong.
func (d *Dashboard) fail(w http.ResponseWriter, r *http.Request, account *Account, err error) {
	if errors.Is(err, errSignedOut) {
		d.sendToLogin(w, r)
		return
	}
	status, f := d.describe(r, err)
	if refusal := chat.AsError(err); refusal.RetryAfter > 0 {
		w.Header().Set("Retry-After", seconds(refusal.RetryAfter))
	}
	if r.Header.Get("HX-Request") != "" { // a form that wants a part of a page gets the sentence in its place
		render(w, r, status, theme.Notice("is-bad", "alert", f.Sentence))
		return
	}
	render(w, r, status, failurePage(f, account != nil))
}

// describe finds the words for an error, and writes those down that nobody expected.
func (d *Dashboard) describe(r *http.Request, err error) (int, failure) {
	if e, ok := errors.AsType[statusError](err); ok {
		return e.status, failure{Title: "That did not work", Sentence: e.sentence}
	}
	refusal := chat.AsError(err)
	switch refusal.Code {
	case chat.NotFound:
		return http.StatusNotFound, failure{Title: "Not here", Sentence: refusal.Message + " It may have been deleted, or the address has a slip in it."}
	case chat.Forbidden:
		return http.StatusForbidden, failure{Title: "Not done", Sentence: refusal.Message}
	case chat.Invalid, chat.TooLong:
		return http.StatusBadRequest, failure{Title: "That did not work", Sentence: refusal.Message}
	case chat.Conflict:
		return http.StatusConflict, failure{Title: "That did not work", Sentence: refusal.Message}
	case chat.Busy, chat.RateLimited:
		return http.StatusServiceUnavailable, failure{Title: "Just a moment", Sentence: refusal.Message}
	case chat.StorageUnavailable:
		d.log.Error("page not made", "page", r.Pattern, "error", err)
		return http.StatusServiceUnavailable, failure{Title: "Nothing can be saved right now",
			Sentence: "The disk is full or does not answer. Nothing was changed. The server tries again every second; look whether the disk has room."}
	}
	word := "e-" + rand.Text()[:6]
	d.log.Error("page not made", "word", word, "page", r.Pattern, "error", err)
	return http.StatusInternalServerError, failure{Title: "This page could not be made", Sentence: "Chats are not touched by this.", Word: word}
}

// sendToLogin leads a reader to the sign-in page and back; a form or a script is told.
func (d *Dashboard) sendToLogin(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "" {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	w.Header().Set("HX-Redirect", "/login")
	render(w, r, http.StatusUnauthorized, failurePage(failure{Title: "You are signed out",
		Sentence: "Nothing was changed. Sign in, and do it again.", SignIn: true}, false))
}
