package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"planga/chat"
	"planga/dashboard"
)

// OfferPassword implements [dashboard.Accounts].
func (d *Dashboard) OfferPassword(ctx context.Context, account dashboard.AccountID, token dashboard.Digest, expires time.Time) error {
	return d.exec(ctx, `
		INSERT INTO password_links (account, token, expires_ms) VALUES (?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET token = excluded.token, expires_ms = excluded.expires_ms`,
		account, token[:], toMS(expires))
}

// PasswordOffered implements [dashboard.Accounts].
func (d *Dashboard) PasswordOffered(ctx context.Context, token dashboard.Digest, at time.Time) (dashboard.Account, error) {
	return d.account(ctx, `id = (SELECT account FROM password_links WHERE token = ? AND expires_ms > ?)`, token[:], toMS(at))
}

// RedeemPassword implements [dashboard.Accounts].
func (d *Dashboard) RedeemPassword(ctx context.Context, token dashboard.Digest, hash string, at time.Time) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		var account dashboard.AccountID
		err := tx.QueryRowContext(ctx, `DELETE FROM password_links WHERE token = ? AND expires_ms > ? RETURNING account`,
			token[:], toMS(at)).Scan(&account)
		if errors.Is(err, sql.ErrNoRows) {
			return chat.Errorf(chat.Forbidden, "This link has been used, or a newer one was made.")
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE accounts SET password_hash = ? WHERE id = ?`, hash, account); err != nil {
			return err
		}
		return shutOut(ctx, tx, account)
	})
}

// ChangePassword implements [dashboard.Accounts].
func (d *Dashboard) ChangePassword(ctx context.Context, account dashboard.AccountID, from, to string) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?`, to, account, from)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return passwordChanged()
		}
		return shutOut(ctx, tx, account)
	})
}

// shutOut ends all that an older password or link opened.
func shutOut(ctx context.Context, tx *sql.Tx, account dashboard.AccountID) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM password_links WHERE account = ?`, account); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE account = ?`, account)
	return err
}

// passwordChanged tells that somebody else was faster.
func passwordChanged() error {
	return chat.Errorf(chat.Conflict, "The password was changed meanwhile. Sign in with the new one.")
}
