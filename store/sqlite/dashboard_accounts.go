package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"planga/chat"
	"planga/dashboard"
)

// OfferSetup implements [dashboard.Accounts].
func (d *Dashboard) OfferSetup(ctx context.Context, token dashboard.Digest, expires time.Time) (offered bool, err error) {
	err = d.engine.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `
			INSERT INTO setup (id, token, expires_ms) SELECT 1, ?, ? WHERE NOT EXISTS (SELECT 1 FROM accounts)
			ON CONFLICT (id) DO UPDATE SET token = excluded.token, expires_ms = excluded.expires_ms`,
			token[:], toMS(expires))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		offered = n == 1
		return err
	})
	return offered && err == nil, err
}

// SetupOpen implements [dashboard.Accounts].
func (d *Dashboard) SetupOpen(ctx context.Context, token dashboard.Digest, at time.Time) (bool, error) {
	return readRow[bool](ctx, d.engine, `SELECT EXISTS (SELECT 1 FROM setup WHERE token = ? AND expires_ms > ?)`, token[:], toMS(at))
}

// RedeemSetup implements [dashboard.Accounts].
func (d *Dashboard) RedeemSetup(ctx context.Context, token dashboard.Digest, first dashboard.Account, app dashboard.App) (dashboard.Account, dashboard.App, error) {
	err := d.engine.write(ctx, func(tx *sql.Tx) error {
		if err := consumeSetup(ctx, tx, token, first.CreatedAt); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, `INSERT INTO accounts (email, password_hash, created_ms) VALUES (?, ?, ?) RETURNING id`,
			first.Email, first.PasswordHash, toMS(first.CreatedAt)).Scan(&first.ID)
		if err != nil {
			return err
		}
		return insertApp(ctx, tx, &app)
	})
	if err != nil {
		return dashboard.Account{}, dashboard.App{}, err
	}
	return first, app, nil
}

func consumeSetup(ctx context.Context, tx *sql.Tx, token dashboard.Digest, at time.Time) error {
	done, err := tx.ExecContext(ctx, `DELETE FROM setup WHERE token = ? AND expires_ms > ?`, token[:], toMS(at))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return chat.Errorf(chat.Forbidden, "This link has been used, or a newer one was made.")
}

// HasAccounts implements [dashboard.Accounts].
func (d *Dashboard) HasAccounts(ctx context.Context) (bool, error) {
	return readRow[bool](ctx, d.engine, `SELECT EXISTS (SELECT 1 FROM accounts)`)
}

// ListAccounts implements [dashboard.Accounts].
func (d *Dashboard) ListAccounts(ctx context.Context) (all []dashboard.Account, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT `+accountColumns+` FROM accounts ORDER BY email`)
		if err != nil {
			return err
		}
		all, err = collect(rows, scanAccount)
		return err
	})
	return all, err
}

// AccountByEmail implements [dashboard.Accounts].
func (d *Dashboard) AccountByEmail(ctx context.Context, email string) (dashboard.Account, error) {
	return d.account(ctx, `email = ?`, email)
}

const accountColumns = `id, email, password_hash, created_ms`

func scanAccount(row interface{ Scan(...any) error }) (a dashboard.Account, err error) {
	var created int64
	err = row.Scan(&a.ID, &a.Email, &a.PasswordHash, &created)
	a.CreatedAt = fromMS(created)
	return a, err
}

// account returns the account that fits the condition.
func (d *Dashboard) account(ctx context.Context, condition string, args ...any) (a dashboard.Account, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		a, err = scanAccount(tx.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE `+condition, args...))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return dashboard.Account{}, chat.Errorf(chat.NotFound, "There is no such account.")
	}
	return a, err
}

func (d *Dashboard) exec(ctx context.Context, query string, args ...any) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}
