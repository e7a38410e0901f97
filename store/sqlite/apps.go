package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"planga/chat"
)

// settings is what of an app is neither looked up nor secret.
type settings struct {
	Name        string           `json:"name"`
	Origins     []string         `json:"origins,omitempty"`
	Clients2018 bool             `json:"clients_2018,omitempty"`
	Deleted     bool             `json:"deleted,omitempty"`
	Events      []chat.EventType `json:"events,omitempty"`
}

// SaveApp replaces what is kept of the app unless a newer revision is kept already. Secrets are sealed.
func (c *Chat) SaveApp(ctx context.Context, a chat.App) error {
	text, err := json.Marshal(settings{a.Name, a.Origins, a.Clients2018, a.Deleted, a.Events})
	if err != nil {
		return err
	}
	return c.engine.write(ctx, func(tx *sql.Tx) error {
		var kept int64
		err := tx.QueryRow(`SELECT revision FROM apps WHERE id = ?`, int64(a.ID)).Scan(&kept)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if a.Revision != 0 && kept > a.Revision {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO apps (id, revision, settings) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, settings = excluded.settings`,
			int64(a.ID), a.Revision, string(text))
		if err != nil {
			return err
		}
		return c.saveKeys(tx, a)
	})
}

func (c *Chat) saveKeys(tx *sql.Tx, a chat.App) error {
	if _, err := tx.Exec(`DELETE FROM app_keys WHERE app = ?`, int64(a.ID)); err != nil {
		return err
	}
	for i, k := range a.Keys {
		_, err := tx.Exec(`INSERT INTO app_keys (app, place, public_id, active, secret, private_key)
			VALUES (?, ?, ?, ?, ?, ?)`, int64(a.ID), i, k.PublicID, k.Active,
			c.sealer.seal(k.Secret, a.ID, k.PublicID, "secret"), c.sealer.seal(k.PrivateKey, a.ID, k.PublicID, "private_key"))
		if err != nil {
			return err
		}
	}
	return nil
}

// LoadApps returns all apps, deleted ones included. It fails if a secret cannot be opened with the master key.
func (c *Chat) LoadApps(ctx context.Context) (apps []chat.App, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		if apps, err = loadApps(s); err != nil {
			return err
		}
		for i := range apps {
			if apps[i].Keys, err = c.loadKeys(s, apps[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return apps, nil
}

func loadApps(s *snapshot) (apps []chat.App, err error) {
	rows, err := s.query(`SELECT id, revision, settings FROM apps ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a chat.App
		var text []byte
		var x settings
		if err := rows.Scan(&a.ID, &a.Revision, &text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &x); err != nil {
			return nil, err
		}
		a.Name, a.Origins, a.Clients2018, a.Deleted, a.Events = x.Name, x.Origins, x.Clients2018, x.Deleted, x.Events
		apps = append(apps, a)
	}
	return apps, rows.Err()
}

func (c *Chat) loadKeys(s *snapshot, app chat.AppID) (keys []chat.Key, err error) {
	rows, err := s.query(`SELECT public_id, active, secret, private_key FROM app_keys WHERE app = ? ORDER BY place`, int64(app))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k chat.Key
		var secret, private []byte
		if err := rows.Scan(&k.PublicID, &k.Active, &secret, &private); err != nil {
			return nil, err
		}
		if k.Secret, err = c.sealer.open(secret, app, k.PublicID, "secret"); err != nil {
			return nil, err
		}
		if k.PrivateKey, err = c.sealer.open(private, app, k.PublicID, "private_key"); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}
