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

// AccountByEmail implements [dashboard.Accounts].
func (d *Dashboard) AccountByEmail(ctx context.Context, email string) (a dashboard.Account, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		var created int64
		err := tx.QueryRowContext(ctx, `SELECT id, email, password_hash, created_ms FROM accounts WHERE email = ?`, email).
			Scan(&a.ID, &a.Email, &a.PasswordHash, &created)
		a.CreatedAt = fromMS(created)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return dashboard.Account{}, chat.Errorf(chat.NotFound, "There is no such account.")
	}
	return a, err
}

// StartSession implements [dashboard.Accounts].
func (d *Dashboard) StartSession(ctx context.Context, s dashboard.Session, keep int) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (token, account, created_ms, seen_ms) VALUES (?, ?, ?, ?)`,
			s.Token[:], s.Account, toMS(s.CreatedAt), toMS(s.SeenAt))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM sessions WHERE account = ?1 AND token NOT IN
				(SELECT token FROM sessions WHERE account = ?1 ORDER BY created_ms DESC, token = ?2 DESC LIMIT ?3)`,
			s.Account, s.Token[:], keep)
		return err
	})
}

// Session implements [dashboard.Accounts].
func (d *Dashboard) Session(ctx context.Context, token dashboard.Digest, born, seen time.Time) (s dashboard.Session, a dashboard.Account, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		var created, seenAt, joined int64
		err := tx.QueryRowContext(ctx, `
			SELECT s.created_ms, s.seen_ms, a.id, a.email, a.password_hash, a.created_ms
			FROM sessions s JOIN accounts a ON a.id = s.account
			WHERE s.token = ? AND s.created_ms >= ? AND s.seen_ms >= ?`, token[:], toMS(born), toMS(seen)).
			Scan(&created, &seenAt, &a.ID, &a.Email, &a.PasswordHash, &joined)
		s = dashboard.Session{Token: token, Account: a.ID, CreatedAt: fromMS(created), SeenAt: fromMS(seenAt)}
		a.CreatedAt = fromMS(joined)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return dashboard.Session{}, dashboard.Account{}, chat.Errorf(chat.NotFound, "There is no such session.")
	}
	return s, a, err
}

// TouchSession implements [dashboard.Accounts].
func (d *Dashboard) TouchSession(ctx context.Context, token dashboard.Digest, at time.Time) error {
	return d.exec(ctx, `UPDATE sessions SET seen_ms = max(seen_ms, ?) WHERE token = ?`, toMS(at), token[:])
}

// EndSession implements [dashboard.Accounts].
func (d *Dashboard) EndSession(ctx context.Context, token dashboard.Digest) error {
	return d.exec(ctx, `DELETE FROM sessions WHERE token = ?`, token[:])
}

// EndOldSessions implements [dashboard.Accounts].
func (d *Dashboard) EndOldSessions(ctx context.Context, born, seen time.Time) error {
	return d.exec(ctx, `DELETE FROM sessions WHERE created_ms < ? OR seen_ms < ?`, toMS(born), toMS(seen))
}

func (d *Dashboard) exec(ctx context.Context, query string, args ...any) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}
