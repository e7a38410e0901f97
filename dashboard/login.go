package dashboard

import (
	"net/http"
	"strings"
	"time"

	"planga/chat"
)

// loginForm is the sign-in page.
type loginForm struct {
	Email   string
	Next    string // where to go afterwards, "" for the start
	Server  string
	Problem string
}

func (d *Dashboard) loginPage(v *visit) error {
	if v.account != nil {
		return v.goTo("/")
	}
	return v.show(loginPage(loginForm{Next: localPath(v.r.URL.Query().Get("next")), Server: d.base.Host}))
}

// login signs the browser in. Whether the address or the password is wrong, the answer is the same and takes as long.
func (d *Dashboard) login(v *visit) error {
	f := loginForm{Email: v.form("email"), Next: localPath(v.form("next")), Server: d.base.Host}
	email, emailErr := CheckEmail(f.Email)
	left, pausedUntil := d.attempts.Begin(email, d.clientIP(v.r))
	if !pausedUntil.IsZero() {
		return d.refuseLogin(v, f, pausedUntil)
	}
	account, err := d.accountFor(v, email, emailErr)
	if err != nil {
		return err
	}
	fits, err := d.passwords.Check(v.r.Context(), v.form("password"), account.PasswordHash)
	if err != nil {
		return err
	}
	if !fits {
		d.log.Warn("sign-in refused", "from", d.clientIP(v.r))
		f.Problem = "E-mail and password do not match. " + triesLeft(left)
		return v.refuse(loginPage(f))
	}
	d.attempts.Succeed(email, d.clientIP(v.r))
	d.log.Info("signed in", "account", account.ID, "from", d.clientIP(v.r))
	if err := d.sessions.start(v.w, v.r, account); err != nil {
		return err
	}
	if f.Next == "" {
		f.Next = "/"
	}
	return v.goTo(f.Next)
}

// accountFor returns the account of an address; its zero value, whose password never fits, if there is none.
func (d *Dashboard) accountFor(v *visit, email string, emailErr error) (Account, error) {
	if emailErr != nil {
		return Account{}, nil
	}
	account, err := d.store.AccountByEmail(v.r.Context(), email)
	if chat.CodeOf(err) == chat.NotFound {
		return Account{}, nil
	}
	return account, err
}

func (d *Dashboard) refuseLogin(v *visit, f loginForm, until time.Time) error {
	f.Problem = d.pause(v, until)
	return render(v.w, v.r, http.StatusTooManyRequests, loginPage(f))
}

// pause says that too many passwords were tried, to people and to programs.
func (d *Dashboard) pause(v *visit, until time.Time) string {
	v.w.Header().Set("Retry-After", seconds(until.Sub(d.now())))
	return "Too many tries. The next one is possible at " + clock(until) + "."
}

func triesLeft(n int) string {
	switch n {
	case 0:
		return "After a pause you can try again."
	case 1:
		return "One try is left before a pause."
	}
	return count(n, "try is", "tries are") + " left before a pause."
}

func (d *Dashboard) logout(v *visit) error {
	if err := d.sessions.end(v.w, v.r); err != nil {
		return err
	}
	return v.goTo("/login")
}

// localPath returns path if it leads to a page of this dashboard, else "".
func localPath(path string) string {
	odd := func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, odd) || len(path) > 500 {
		return ""
	}
	return path
}
