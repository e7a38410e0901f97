package sqlite

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"planga/chat"
)

var _ chat.Files = (*Chat)(nil)

var errNoFile = chat.Errorf(chat.NotFound, "There is no such file.")

// DerivedKey returns 32 secret bytes for one purpose, made of the data directory's master key: other purposes have other
// keys, and none of them tells the master key. The error is a sentence for the operator.
func DerivedKey(dir, purpose string) ([]byte, error) {
	key, err := readMasterKey(filepath.Join(dir, masterKeyName))
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, key, nil, "planga "+purpose, sha256.Size)
}

const insertFile = `INSERT INTO files (id, app, owner, name, type, size, width, height, hash, uploaded_at, idle_since)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// AddFile records a file: see [chat.Files].
func (c *Chat) AddFile(ctx context.Context, f chat.File, limits chat.FileLimits) error {
	_, err := submit(ctx, c.engine, func(b *batch) (struct{}, error) {
		if err := roomForFile(b, f, limits); err != nil {
			return struct{}{}, err
		}
		_, err := b.exec(insertFile, f.ID, int64(f.App), string(f.Owner), f.Name, f.Type, f.Size, f.Width, f.Height,
			f.Hash[:], millis(f.UploadedAt), millis(f.IdleSince))
		if notUnique(err) {
			err = chat.Errorf(chat.Conflict, "There is a file with this id already.")
		}
		return struct{}{}, err
	})
	return err
}

// roomForFile says why a file would be one too many, if it would.
func roomForFile(b *batch, f chat.File, limits chat.FileLimits) error {
	used, err := fileBytes(b, f.App)
	if err == nil && used+f.Size > limits.Quota {
		err = chat.ErrFileQuota
	}
	if err != nil {
		return err
	}
	var idle int
	err = b.queryRow(`SELECT count(*) FROM files WHERE app = ? AND owner = ? AND messages = 0`, int64(f.App), string(f.Owner)).Scan(&idle)
	if err == nil && idle >= limits.Idle {
		err = chat.ErrIdleFiles
	}
	return err
}

// FileBytes returns how many bytes the files of an app have together.
func (c *Chat) FileBytes(ctx context.Context, app chat.AppID) (n int64, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		n, err = fileBytes(s, app)
		return err
	})
	return n, err
}

func fileBytes(v view, app chat.AppID) (n int64, err error) {
	err = v.queryRow(`SELECT bytes FROM file_totals WHERE app = ?`, int64(app)).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

const selectFiles = `SELECT id, app, owner, name, type, size, width, height, hash, uploaded_at, idle_since FROM files `

func scanFile(r row) (f chat.File, err error) {
	var hash []byte
	var uploaded, idle int64
	err = r.Scan(&f.ID, &f.App, &f.Owner, &f.Name, &f.Type, &f.Size, &f.Width, &f.Height, &hash, &uploaded, &idle)
	copy(f.Hash[:], hash)
	f.UploadedAt, f.IdleSince = fromMillis(uploaded), fromMillis(idle)
	return f, err
}

// File returns a file. The error is [chat.NotFound] if there is none.
func (c *Chat) File(ctx context.Context, id string) (f chat.File, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		f, err = scanFile(s.queryRow(selectFiles+`WHERE id = ?`, id))
		if errors.Is(err, sql.ErrNoRows) {
			return errNoFile
		}
		return err
	})
	return f, err
}

// FilesOf returns those of the named files that exist and belong to the user.
func (c *Chat) FilesOf(ctx context.Context, app chat.AppID, owner chat.UserID, ids []string) (files []chat.File, err error) {
	named, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	err = c.engine.look(ctx, func(s *snapshot) error {
		rows, err := s.query(selectFiles+`WHERE app = ? AND owner = ? AND id IN (SELECT value FROM json_each(?))`,
			int64(app), string(owner), string(named))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			f, err := scanFile(rows)
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return files, nil
}

// HoldsHash reports whether any file has this content.
func (c *Chat) HoldsHash(ctx context.Context, h chat.Hash) (held bool, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		return s.queryRow(`SELECT EXISTS (SELECT 1 FROM files WHERE hash = ?)`, h[:]).Scan(&held)
	})
	return held, err
}

// DropIdleFiles forgets files that no message has held since before: see [chat.Files].
func (c *Chat) DropIdleFiles(ctx context.Context, before time.Time, limit int) ([]chat.Hash, error) {
	return c.dropFiles(ctx, `DELETE FROM files WHERE key IN (
		SELECT key FROM files WHERE messages = 0 AND idle_since < ? ORDER BY idle_since LIMIT ?) RETURNING hash`, millis(before), limit)
}

// DropFilesOf forgets files of a user or an app: see [chat.Files].
func (c *Chat) DropFilesOf(ctx context.Context, app chat.AppID, owner chat.UserID, limit int) ([]chat.Hash, error) {
	return c.dropFiles(ctx, `DELETE FROM files WHERE key IN (
		SELECT key FROM files WHERE app = ?1 AND (owner = ?2 OR ?2 = '') LIMIT ?3) RETURNING hash`, int64(app), string(owner), limit)
}

// dropFiles runs a DELETE that returns hashes.
func (c *Chat) dropFiles(ctx context.Context, text string, args ...any) ([]chat.Hash, error) {
	return submit(ctx, c.engine, func(b *batch) (hashes []chat.Hash, err error) {
		err = b.savepoint(func(tx *sql.Tx) error {
			hashes, err = hashesOf(tx.Query(text, args...))
			return err
		})
		return hashes, err
	})
}

func hashesOf(rows *sql.Rows, err error) (hashes []chat.Hash, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			return nil, err
		}
		hashes = append(hashes, chat.Hash(hash))
	}
	return hashes, rows.Err()
}
