package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

// schema is one of the two databases: its file, the mark by which it is recognised, and the folder of its migrations.
type schema struct {
	file          string
	applicationID int32 // PRAGMA application_id
	folder        string
}

var (
	chatSchema      = schema{file: "chat.db", applicationID: 0x506c4368, folder: "migrations/chat"}           // "PlCh"
	dashboardSchema = schema{file: "dashboard.db", applicationID: 0x506c4462, folder: "migrations/dashboard"} // "PlDb"
)

// prepare brings the file at path into being or up to date. Several processes may do so at once: a lock file
// beside the database lets them in one by one.
func prepare(path string, s schema) error {
	if err := checkEngine(); err != nil {
		return err
	}
	unlock, err := waitLock(path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := createPrivate(path); err != nil {
		return err
	}
	pool, err := openWriter(path)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	err = s.claim(context.Background(), pool)
	if err == nil {
		err = s.migrate(context.Background(), pool)
	}
	if err = errors.Join(err, pool.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, inWords(err))
	}
	return nil
}

// createPrivate makes sure that the file exists and that a new one is its owner's alone.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("the database cannot be opened: %w", err)
	}
	return f.Close()
}

// checkEngine refuses an SQLite in which a WAL that is reset at the wrong moment can corrupt the file (mended in 3.51.3).
func checkEngine() error {
	if sqlite3.SQLITE_VERSION_NUMBER < 3051003 {
		return fmt.Errorf("SQLite %s is built in, but at least 3.51.3 is needed", sqlite3.SQLITE_VERSION)
	}
	return nil
}

// claim marks an empty file as ours, and refuses one that is somebody else's.
func (s schema) claim(ctx context.Context, pool *sql.DB) error {
	var id int32
	var tables int
	if err := pool.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if id == 0 && tables == 0 {
		_, err := pool.ExecContext(ctx, "PRAGMA application_id = "+strconv.Itoa(int(s.applicationID)))
		return err
	}
	return s.recognised(id)
}

// recognise returns the epoch of the database that conn is connected to, and an error if it is not of this schema.
func (s schema) recognise(ctx context.Context, conn *sql.Conn) (epoch string, err error) {
	var id int32
	if err := conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return "", err
	}
	if err := s.recognised(id); err != nil {
		return "", err
	}
	err = conn.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'epoch'").Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return epoch, err
}

func (s schema) recognised(id int32) error {
	if id != s.applicationID {
		return fmt.Errorf("this is not Planga's %s: its application_id is %#x and not %#x", s.file, uint32(id), uint32(s.applicationID))
	}
	return nil
}

// migrate runs the migrations that are missing, each in its own transaction.
func (s schema) migrate(ctx context.Context, pool *sql.DB) error {
	folder, err := fs.Sub(migrations, s.folder)
	if err != nil {
		return err
	}
	goosed, err := goose.NewProvider(goose.DialectSQLite3, pool, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	have, know, err := goosed.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > know {
		return fmt.Errorf("this database was written by a newer Planga (its schema is %d, this one knows up to %d); "+
			"use that, or restore a backup", have, know)
	}
	if _, err := goosed.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// inWords adds what the operator should know to the engine's terse errors.
func inWords(err error) error {
	switch primaryCode(err) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("this file is not a database (%w)", err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("this database is damaged; restore a backup (%w)", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full; make room and start again (%w)", err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("another program holds this database (%w)", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("this database cannot be written; check owner and permissions (%w)", err)
	}
	if strings.Contains(err.Error(), "no space left") {
		return fmt.Errorf("the disk is full; make room and start again (%w)", err)
	}
	return err
}
