package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"planga/chat"
	"planga/dashboard"
)

// The fields of a key that are sealed.
const (
	secretField     = "secret"
	privateKeyField = "private_key"
)

// CreateKey implements [dashboard.Apps].
func (d *Dashboard) CreateKey(ctx context.Context, k dashboard.Key, s dashboard.Secrets) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		if _, err := findApp(ctx, tx, k.App); err != nil {
			return err
		}
		var count int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM keys WHERE app = ? AND deleted_ms = 0`, k.App).Scan(&count)
		if err != nil {
			return err
		}
		if count >= dashboard.MaxKeys {
			return chat.Errorf(chat.Conflict, "An app has at most %d keys. Delete one that is no longer used.", dashboard.MaxKeys)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO keys (public_id, app, name, secret, private_key, active, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			k.PublicID, k.App, k.Name, d.sealer.seal(s.Secret, k.App, k.PublicID, secretField),
			d.sealer.seal(s.PrivateKey, k.App, k.PublicID, privateKeyField), k.Active, toMS(k.CreatedAt))
		if err != nil {
			return err
		}
		return markChanged(ctx, tx, k.App, k.CreatedAt)
	})
}

func scanKey(row interface{ Scan(...any) error }) (k dashboard.Key, err error) {
	var created, used, deleted int64
	err = row.Scan(&k.PublicID, &k.App, &k.Name, &k.Active, &created, &used, &deleted)
	k.CreatedAt, k.UsedAt, k.DeletedAt = fromMS(created), fromMS(used), fromMS(deleted)
	return k, err
}

// ListKeys implements [dashboard.Apps].
func (d *Dashboard) ListKeys(ctx context.Context, app chat.AppID) (keys []dashboard.Key, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		if _, err := findApp(ctx, tx, app); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `
			SELECT public_id, app, name, active, created_ms, used_ms, deleted_ms FROM keys
			WHERE app = ? ORDER BY created_ms DESC, public_id`, app)
		if err != nil {
			return err
		}
		keys, err = collect(rows, scanKey)
		return err
	})
	return keys, err
}

// SetKeyActive implements [dashboard.Apps].
func (d *Dashboard) SetKeyActive(ctx context.Context, app chat.AppID, publicID string, active bool, at time.Time) error {
	return d.changeKey(ctx, app, at, `UPDATE keys SET active = ? WHERE app = ? AND public_id = ? AND deleted_ms = 0`, active, app, publicID)
}

// DeleteKey implements [dashboard.Apps].
func (d *Dashboard) DeleteKey(ctx context.Context, app chat.AppID, publicID string, at time.Time) error {
	return d.changeKey(ctx, app, at, `
		UPDATE keys SET deleted_ms = ?, active = 0, secret = NULL, private_key = NULL
		WHERE app = ? AND public_id = ? AND deleted_ms = 0`, toMS(at), app, publicID)
}

// changeKey runs an update of one key, and gives its app the next revision.
func (d *Dashboard) changeKey(ctx context.Context, app chat.AppID, at time.Time, query string, args ...any) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		if _, err := findApp(ctx, tx, app); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return chat.Errorf(chat.NotFound, "This app has no such key.")
		}
		return markChanged(ctx, tx, app, at)
	})
}

// Settings implements [dashboard.Apps]. A key whose secrets cannot be opened is left out and named in the error; the rest is
// returned beside it, so that one damaged row does not silence the others.
func (d *Dashboard) Settings(ctx context.Context, after int64) (apps []chat.App, err error) {
	var damaged error
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			SELECT id, name, revision, origins, clients_2018, first_ms = 0, deleted_ms != 0 FROM apps
			WHERE revision > ? ORDER BY revision`, after)
		if err != nil {
			return err
		}
		if apps, err = collect(rows, scanSettings); err != nil {
			return err
		}
		for i := range apps {
			apps[i].Keys, err = d.openKeys(ctx, tx, apps[i].ID, &damaged)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return apps, damaged
}

// scanSettings reads an app as the chat knows it. The dashboard listens to new messages until it has seen one.
func scanSettings(row interface{ Scan(...any) error }) (a chat.App, err error) {
	var origins []byte
	var silent bool
	err = row.Scan(&a.ID, &a.Name, &a.Revision, &origins, &a.Clients2018, &silent, &a.Deleted)
	if err != nil {
		return chat.App{}, err
	}
	if silent && !a.Deleted {
		a.Events = []chat.EventType{chat.OnMessageCreated}
	}
	return a, json.Unmarshal(origins, &a.Origins)
}

func (d *Dashboard) openKeys(ctx context.Context, tx *sql.Tx, app chat.AppID, damaged *error) ([]chat.Key, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT public_id, secret, private_key, active FROM keys WHERE app = ? AND deleted_ms = 0 ORDER BY created_ms, public_id`, app)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []chat.Key
	for rows.Next() {
		var k chat.Key
		var secret, private []byte
		if err := rows.Scan(&k.PublicID, &secret, &private, &k.Active); err != nil {
			return nil, err
		}
		k.Secret, err = d.sealer.open(secret, app, k.PublicID, secretField)
		if err == nil {
			k.PrivateKey, err = d.sealer.open(private, app, k.PublicID, privateKeyField)
		}
		if err != nil {
			*damaged = errors.Join(*damaged, fmt.Errorf("key %s of app %d: %w", k.PublicID, app, err))
			continue
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}
