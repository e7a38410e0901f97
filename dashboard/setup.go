package dashboard

import (
	"net/url"

	"planga/chat"
)

// setupForm is the page on which the first account is made.
type setupForm struct {
	Token, Site, Email                   string
	SiteError, EmailError, PasswordError string
}

// home leads everybody to where they belong.
func (d *Dashboard) home(v *visit) error {
	if v.account == nil {
		return d.homeOfStrangers(v)
	}
	apps, err := d.store.ListApps(v.r.Context())
	if err != nil {
		return err
	}
	if len(apps) == 1 {
		return v.goTo(appURL(apps[0].ID, ""))
	}
	return v.goTo("/apps")
}

func (d *Dashboard) homeOfStrangers(v *visit) error {
	any, err := d.store.HasAccounts(v.r.Context())
	if err != nil {
		return err
	}
	if any {
		return v.goTo("/login")
	}
	return v.show(notSetUpPage())
}

// setupPage shows the form. Looking at it does not use the link up: programs that preview links do so too.
func (d *Dashboard) setupPage(v *visit) error {
	token := v.r.PathValue("token")
	open, err := d.store.SetupOpen(v.r.Context(), digestOf(token), d.now())
	if err != nil {
		return err
	}
	if !open {
		return v.refuse(setupUsedPage())
	}
	return v.show(setupPage(setupForm{Token: token}))
}

// setup makes the first account and the first app, and signs the browser in.
func (d *Dashboard) setup(v *visit) error {
	token := v.r.PathValue("token")
	open, err := d.store.SetupOpen(v.r.Context(), digestOf(token), d.now())
	if err != nil {
		return err
	}
	if !open {
		return v.refuse(setupUsedPage())
	}
	f := setupForm{Token: token, Site: v.form("site"), Email: v.form("email")}
	site, email, ok := f.check(v.form("password"))
	if !ok {
		return v.refuse(setupPage(f))
	}
	hash, err := d.passwords.Hash(v.r.Context(), v.form("password"))
	if err != nil {
		return err
	}
	return d.redeem(v, token, Account{Email: email, PasswordHash: hash, CreatedAt: d.now()}, site)
}

// check fills in what is wrong with the form.
func (f *setupForm) check(password string) (site, email string, ok bool) {
	site, siteErr := CheckOrigin(f.Site)
	email, emailErr := CheckEmail(f.Email)
	passwordErr := CheckPassword(password, email)
	f.SiteError, f.EmailError, f.PasswordError = sentence(siteErr), sentence(emailErr), sentence(passwordErr)
	return site, email, siteErr == nil && emailErr == nil && passwordErr == nil
}

// sentence is what a refusal says; "" for none.
func sentence(err error) string {
	if err == nil {
		return ""
	}
	return chat.AsError(err).Message
}

func (d *Dashboard) redeem(v *visit, token string, first Account, site string) error {
	app, err := newApp(siteName(site), []string{site}, first.CreatedAt)
	if err != nil {
		return err
	}
	account, app, err := d.store.RedeemSetup(v.r.Context(), digestOf(token), first, app)
	if chat.CodeOf(err) == chat.Forbidden {
		return v.refuse(setupUsedPage())
	}
	if err != nil {
		return err
	}
	d.teller.nudge()
	if err := d.sessions.start(v.w, v.r, account); err != nil {
		return err
	}
	return v.goTo(appURL(app.ID, "/install"))
}

// siteName is a first name for the app of a site: its host.
func siteName(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return origin
	}
	name := []rune(u.Host)
	return string(name[:min(len(name), maxName)])
}
