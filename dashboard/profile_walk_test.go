package dashboard_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAPasswordIsForgottenAndChangedInABrowser(t *testing.T) {
	for name, withoutScripts := range map[string]bool{"with scripts": false, "without scripts": true} {
		t.Run(name, func(t *testing.T) {
			h := open(t, "")
			h.owner()
			b := h.browser()
			prefix := ""
			if withoutScripts {
				prefix = "noscript-"
				b.withoutScripts()
			}
			b.open("/login")
			b.sees(".door", "planga account link")
			b.picture(prefix + "login-hint")
			b.choosesAPassword(prefix)
			b.signsOthersOut(prefix)
			b.changesThePassword(prefix)
		})
	}
}

// choosesAPassword follows a link for a forgotten password.
func (b *browser) choosesAPassword(prefix string) {
	b.Helper()
	link := b.passwordLink()
	b.open(link)
	b.sees("h1", "Choose a new password")
	b.fill("#password", "bicycle123")
	b.do(chromedp.Click(chromedp.CSS(".door button")))
	b.sees("#password-error", "among the first a guesser tries")
	b.picture(prefix + "password-link")
	b.fill("#password", newPassword)
	b.do(chromedp.Click(chromedp.CSS(".door button")))
	b.sees(".done", "Your password is changed")
	b.sees("#sessions", "This browser")
	b.open(link)
	b.sees("h1", "This link is closed")
	b.picture(prefix + "password-link-closed")
}

// signsOthersOut ends the sessions of other browsers, first one and then the rest.
func (b *browser) signsOthersOut(prefix string) {
	b.Helper()
	b.signIn(firefox, newPassword)
	b.signIn(iphone, newPassword)
	b.signIn(strings.Repeat("Firefox/", 1000), newPassword)
	b.open("/apps")
	b.do(chromedp.Click(chromedp.CSS(".rail .me a")))
	b.sees("h1", "Your account")
	b.sees(".me a[aria-current=page]", sanasEmail)
	b.sees("#sessions li:first-child", "This browser")
	b.sees("#sessions", "Safari on iPhone")
	b.picture(prefix + "account")
	b.do(chromedp.Click(chromedp.CSS("#sessions form button")))
	b.sees(".done", "That browser is signed out.")
	b.do(chromedp.Click(chromedp.CSS("form[action$=others] button")))
	b.sees(".done", "Every other browser is signed out.")
	b.picture(prefix + "account-alone")
}

// changesThePassword needs the current one.
func (b *browser) changesThePassword(prefix string) {
	b.Helper()
	b.open("/account")
	b.fill("#current", sanasPassword)
	b.fill("#password", "yet more bicycle words here")
	b.do(chromedp.Click(chromedp.CSS("form[action$=password] button")))
	b.sees("#current-error", "This is not your current password. 4 tries are left")
	b.picture(prefix + "account-error")
	b.fill("#current", newPassword)
	b.fill("#password", sanasPassword)
	b.do(chromedp.Click(chromedp.CSS("form[action$=password] button")))
	b.sees(".done", "Your password is changed")
	b.signIn("", sanasPassword)
}
