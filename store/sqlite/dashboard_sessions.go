package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"planga/chat"
	"planga/dashboard"
)

// StartSession implements [dashboard.Accounts].
func (d *Dashboard) StartSession(ctx context.Context, s dashboard.Session, hash string, keep int) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `
			INSERT INTO sessions (token, account, created_ms, seen_ms, browser, address)
			SELECT ?, id, ?, ?, ?, ? FROM accounts WHERE id = ? AND password_hash = ?`,
			s.Token[:], toMS(s.CreatedAt), toMS(s.SeenAt), s.Browser, s.Address, s.Account, hash)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return passwordChanged()
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
		s, err = scanSession(tx.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE token = ? AND created_ms >= ? AND seen_ms >= ?`,
			token[:], toMS(born), toMS(seen)))
		if err != nil {
			return err
		}
		a, err = scanAccount(tx.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE id = ?`, s.Account))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return dashboard.Session{}, dashboard.Account{}, chat.Errorf(chat.NotFound, "There is no such session.")
	}
	return s, a, err
}

// ListSessions implements [dashboard.Accounts].
func (d *Dashboard) ListSessions(ctx context.Context, account dashboard.AccountID, born, seen time.Time) (all []dashboard.Session, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions
			WHERE account = ? AND created_ms >= ? AND seen_ms >= ? ORDER BY seen_ms DESC, created_ms DESC, token`,
			account, toMS(born), toMS(seen))
		if err != nil {
			return err
		}
		all, err = collect(rows, scanSession)
		return err
	})
	return all, err
}

const sessionColumns = `token, account, created_ms, seen_ms, browser, address`

func scanSession(row interface{ Scan(...any) error }) (s dashboard.Session, err error) {
	var token []byte
	var created, seen int64
	err = row.Scan(&token, &s.Account, &created, &seen, &s.Browser, &s.Address)
	copy(s.Token[:], token)
	s.CreatedAt, s.SeenAt = fromMS(created), fromMS(seen)
	return s, err
}

// EndOtherSessions implements [dashboard.Accounts].
func (d *Dashboard) EndOtherSessions(ctx context.Context, account dashboard.AccountID, keep dashboard.Digest) error {
	return d.exec(ctx, `DELETE FROM sessions WHERE account = ? AND token <> ?`, account, keep[:])
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
