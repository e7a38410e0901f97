package dashboard

import (
	"context"
	"time"

	"planga/chat"
)

// passwordLinkLife is how long a link for a new password works.
const passwordLinkLife = time.Hour

// PasswordURL makes a link with which the account's password can be chosen anew, once, within an hour. An earlier link of the
// account is void. Server is where browsers reach the dashboard. The error is [chat.NotFound] if there is no such account.
func PasswordURL(ctx context.Context, accounts Accounts, server, email string, now time.Time) (string, error) {
	base, err := checkURL(server)
	if err != nil {
		return "", err
	}
	if email, err = CheckEmail(email); err != nil {
		return "", err
	}
	account, err := accounts.AccountByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	token, digest := newToken()
	if err := accounts.OfferPassword(ctx, account.ID, digest, now.Add(passwordLinkLife)); err != nil {
		return "", err
	}
	return base.JoinPath("password", token).String(), nil
}

// passwordLinkForm is the page on which a new password is chosen.
type passwordLinkForm struct {
	Token, Email  string
	PasswordError string
}

// passwordLinkPage shows the form. Looking at it does not use the link up: programs that preview links do so too.
func (d *Dashboard) passwordLinkPage(v *visit) error {
	token := v.r.PathValue("token")
	account, err := d.store.PasswordOffered(v.r.Context(), digestOf(token), d.now())
	if chat.CodeOf(err) == chat.NotFound {
		return v.refuse(passwordLinkUsedPage())
	}
	if err != nil {
		return err
	}
	return v.show(passwordLinkPage(passwordLinkForm{Token: token, Email: account.Email}))
}

// redeemPassword sets the password that was chosen, ends whatever the old one opened, and signs the browser in.
func (d *Dashboard) redeemPassword(v *visit) error {
	ctx, token := v.r.Context(), v.r.PathValue("token")
	account, err := d.store.PasswordOffered(ctx, digestOf(token), d.now())
	if chat.CodeOf(err) == chat.NotFound {
		return v.refuse(passwordLinkUsedPage())
	}
	if err != nil {
		return err
	}
	if err := CheckPassword(v.form("password"), account.Email); err != nil {
		return v.refuse(passwordLinkPage(passwordLinkForm{Token: token, Email: account.Email, PasswordError: sentence(err)}))
	}
	if account.PasswordHash, err = d.passwords.Hash(ctx, v.form("password")); err != nil {
		return err
	}
	err = d.store.RedeemPassword(ctx, digestOf(token), account.PasswordHash, d.now())
	if chat.CodeOf(err) == chat.Forbidden {
		return v.refuse(passwordLinkUsedPage())
	}
	if err != nil {
		return err
	}
	d.log.Info("password chosen with a link", "account", account.ID, "from", d.clientIP(v.r))
	d.attempts.Forgive(account.Email, d.clientIP(v.r))
	if err := d.sessions.start(v.w, v.r, account); err != nil {
		return err
	}
	return v.goTo("/account?done=password")
}
