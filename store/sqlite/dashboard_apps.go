package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"planga/chat"
	"planga/dashboard"
)

var errNoApp = chat.Errorf(chat.NotFound, "There is no such app.")

const appColumns = `id, name, revision, origins, clients_2018, first_ms, first_author, first_conversation, created_ms`

func scanApp(row interface{ Scan(...any) error }) (a dashboard.App, err error) {
	var origins []byte
	var first, created int64
	err = row.Scan(&a.ID, &a.Name, &a.Revision, &origins, &a.Clients2018, &first, &a.First.Author, &a.First.Conversation, &created)
	if err != nil {
		return dashboard.App{}, err
	}
	a.First.At, a.CreatedAt = fromMS(first), fromMS(created)
	return a, json.Unmarshal(origins, &a.Origins)
}

// CreateApp implements [dashboard.Apps].
func (d *Dashboard) CreateApp(ctx context.Context, a dashboard.App) (dashboard.App, error) {
	err := d.engine.write(ctx, func(tx *sql.Tx) error { return insertApp(ctx, tx, &a) })
	if err != nil {
		return dashboard.App{}, err
	}
	return a, nil
}

// insertApp keeps a new app, and gives it its id and revision.
func insertApp(ctx context.Context, tx *sql.Tx, a *dashboard.App) error {
	var count int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM apps WHERE deleted_ms = 0`).Scan(&count); err != nil {
		return err
	}
	if count >= dashboard.MaxApps {
		return chat.Errorf(chat.Conflict, "A server has at most %d apps. Delete one that is no longer used.", dashboard.MaxApps)
	}
	origins, err := json.Marshal(slices.Concat([]string{}, a.Origins))
	if err != nil {
		return err
	}
	if a.Revision, err = nextRevision(ctx, tx, a.CreatedAt); err != nil {
		return err
	}
	return tx.QueryRowContext(ctx, `
		INSERT INTO apps (name, revision, origins, clients_2018, created_ms) VALUES (?, ?, ?, ?, ?) RETURNING id`,
		a.Name, a.Revision, string(origins), a.Clients2018, toMS(a.CreatedAt)).Scan(&a.ID)
}

// nextRevision gives out the next revision. It is at least the time in milliseconds, so that after a restore from an older
// backup new changes are still newer than what the chat has heard before.
func nextRevision(ctx context.Context, tx *sql.Tx, at time.Time) (revision int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE revisions SET last = max(last + 1, ?) RETURNING last`, toMS(at)).Scan(&revision)
	return revision, err
}

// ListApps implements [dashboard.Apps].
func (d *Dashboard) ListApps(ctx context.Context) (apps []dashboard.App, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT `+appColumns+` FROM apps WHERE deleted_ms = 0 ORDER BY name COLLATE NOCASE, id`)
		if err != nil {
			return err
		}
		apps, err = collect(rows, scanApp)
		return err
	})
	return apps, err
}

// collect reads all rows with scan, and closes them.
func collect[T any](rows *sql.Rows, scan func(interface{ Scan(...any) error }) (T, error)) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// App implements [dashboard.Apps].
func (d *Dashboard) App(ctx context.Context, id chat.AppID) (a dashboard.App, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		a, err = findApp(ctx, tx, id)
		return err
	})
	return a, err
}

func findApp(ctx context.Context, tx *sql.Tx, id chat.AppID) (dashboard.App, error) {
	a, err := scanApp(tx.QueryRowContext(ctx, `SELECT `+appColumns+` FROM apps WHERE id = ? AND deleted_ms = 0`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return a, errNoApp
	}
	return a, err
}

// ChangeApp implements [dashboard.Apps].
func (d *Dashboard) ChangeApp(ctx context.Context, id chat.AppID, at time.Time, change func(*dashboard.App) error) (a dashboard.App, err error) {
	err = d.engine.write(ctx, func(tx *sql.Tx) error {
		was, err := findApp(ctx, tx, id)
		if err != nil {
			return err
		}
		a = was
		a.Origins = slices.Clone(was.Origins)
		if err := change(&a); err != nil {
			return err
		}
		if a.Name == was.Name && a.Clients2018 == was.Clients2018 && slices.Equal(a.Origins, was.Origins) {
			return nil
		}
		return updateApp(ctx, tx, &a, at)
	})
	if err != nil {
		return dashboard.App{}, err
	}
	return a, nil
}

func updateApp(ctx context.Context, tx *sql.Tx, a *dashboard.App, at time.Time) error {
	origins, err := json.Marshal(slices.Concat([]string{}, a.Origins))
	if err != nil {
		return err
	}
	if a.Revision, err = nextRevision(ctx, tx, at); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE apps SET name = ?, revision = ?, origins = ?, clients_2018 = ? WHERE id = ?`,
		a.Name, a.Revision, string(origins), a.Clients2018, a.ID)
	return err
}

// DeleteApp implements [dashboard.Apps].
func (d *Dashboard) DeleteApp(ctx context.Context, id chat.AppID, at time.Time) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		if _, err := findApp(ctx, tx, id); err != nil {
			return err
		}
		if err := markChanged(ctx, tx, id, at); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE apps SET deleted_ms = ? WHERE id = ?`, toMS(at), id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE keys SET deleted_ms = ?, active = 0, secret = NULL, private_key = NULL WHERE app = ? AND deleted_ms = 0`, toMS(at), id)
		return err
	})
}

// markChanged gives the app its next revision.
func markChanged(ctx context.Context, tx *sql.Tx, id chat.AppID, at time.Time) error {
	revision, err := nextRevision(ctx, tx, at)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE apps SET revision = ? WHERE id = ?`, revision, id)
	return err
}

// RecordFirst implements [dashboard.Apps].
func (d *Dashboard) RecordFirst(ctx context.Context, app chat.AppID, f dashboard.FirstMessage) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `
			UPDATE apps SET first_ms = ?, first_author = ?, first_conversation = ? WHERE id = ? AND first_ms = 0 AND deleted_ms = 0`,
			toMS(f.At), f.Author, f.Conversation, app)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return markChanged(ctx, tx, app, f.At)
	})
}
