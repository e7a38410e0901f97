package dashboard

import (
	"net/http"
	"slices"

	"planga/chat"
)

// profileView is the page of one's own account.
type profileView struct {
	frame
	Sessions                  []sessionView
	CurrentError, ChosenError string
	Problem                   string // "" if passwords may be tried
}

// sessionView is one signed-in browser.
type sessionView struct {
	ID, Browser, Where string
	Here               bool // the browser that asks
}

func (d *Dashboard) profileView(v *visit) (profileView, error) {
	f, err := d.frame(v, "Your account", "account")
	if err != nil {
		return profileView{}, err
	}
	open, err := d.sessions.list(v.r.Context(), v.account.ID)
	if err != nil {
		return profileView{}, err
	}
	view := profileView{frame: f}
	for _, s := range open {
		here := s.Token == v.session.Token
		one := d.sessionView(s, here)
		if here {
			view.Sessions = slices.Insert(view.Sessions, 0, one)
		} else {
			view.Sessions = append(view.Sessions, one)
		}
	}
	return view, nil
}

func (d *Dashboard) sessionView(s Session, here bool) sessionView {
	one := sessionView{ID: s.ID(), Browser: s.Browser, Here: here, Where: "Signed in " + day(s.CreatedAt)}
	if one.Browser == "" {
		one.Browser = "A browser"
	}
	if s.Address != "" {
		one.Where += " from " + s.Address
	}
	switch {
	case here:
	case d.now().Sub(s.SeenAt) < 2*touchEvery: // it is not known more exactly
		one.Where += ", last seen just now"
	default:
		one.Where += ", last seen " + ago(s.SeenAt, d.now())
	}
	return one
}

func (d *Dashboard) accountPage(v *visit) error {
	view, err := d.profileView(v)
	if err != nil {
		return err
	}
	return v.show(profilePage(view))
}

// changePassword takes the current password and a new one. Whoever found a browser signed in can guess here no faster than at sign-in:
// both count the same tries.
func (d *Dashboard) changePassword(v *visit) error {
	current, chosen := v.form("current"), v.form("password")
	if err := CheckPassword(chosen, v.account.Email); err != nil {
		return d.refuseProfile(v, http.StatusUnprocessableEntity, func(view *profileView) { view.ChosenError = sentence(err) })
	}
	left, pausedUntil := d.attempts.Begin(v.account.Email, d.clientIP(v.r))
	if !pausedUntil.IsZero() {
		return d.refuseProfile(v, http.StatusTooManyRequests, func(view *profileView) { view.Problem = d.pause(v, pausedUntil) })
	}
	fits, err := d.passwords.Check(v.r.Context(), current, v.account.PasswordHash)
	if err != nil {
		return err
	}
	if !fits {
		d.log.Warn("change of password refused", "account", v.account.ID, "from", d.clientIP(v.r))
		return d.refuseProfile(v, http.StatusUnprocessableEntity, func(view *profileView) {
			view.CurrentError = "This is not your current password. " + triesLeft(left)
		})
	}
	d.attempts.Succeed(v.account.Email, d.clientIP(v.r))
	return d.replacePassword(v, chosen)
}

// replacePassword ends whatever the old password opened, and signs this browser in afresh.
func (d *Dashboard) replacePassword(v *visit, chosen string) error {
	hash, err := d.passwords.Hash(v.r.Context(), chosen)
	if err != nil {
		return err
	}
	if err := d.store.ChangePassword(v.r.Context(), v.account.ID, v.account.PasswordHash, hash); err != nil {
		return err
	}
	d.log.Info("password changed", "account", v.account.ID, "from", d.clientIP(v.r))
	account := *v.account
	account.PasswordHash = hash
	if err := d.sessions.start(v.w, v.r, account); err != nil {
		return err
	}
	return v.goTo("/account?done=password")
}

// refuseProfile shows the page again with what mark finds wrong.
func (d *Dashboard) refuseProfile(v *visit, status int, mark func(*profileView)) error {
	view, err := d.profileView(v)
	if err != nil {
		return err
	}
	mark(&view)
	return render(v.w, v.r, status, profilePage(view))
}

// endSession signs one browser of the account out. Sessions of others cannot be named.
func (d *Dashboard) endSession(v *visit) error {
	open, err := d.sessions.list(v.r.Context(), v.account.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(open, func(s Session) bool { return s.ID() == v.form("session") })
	if i < 0 {
		return chat.Errorf(chat.NotFound, "That browser is not signed in any more.")
	}
	if open[i].Token == v.session.Token {
		return d.logout(v)
	}
	if err := d.store.EndSession(v.r.Context(), open[i].Token); err != nil {
		return err
	}
	return v.goTo("/account?done=session")
}

func (d *Dashboard) endOtherSessions(v *visit) error {
	if err := d.store.EndOtherSessions(v.r.Context(), v.account.ID, v.session.Token); err != nil {
		return err
	}
	return v.goTo("/account?done=others")
}
