package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the engine, as the driver "sqlite"
)

// handle is the set of connections to one file that stand and fall together.
type handle struct {
	file os.FileInfo // what was opened, to notice when it is replaced

	pool    *sql.DB // of the one writing connection
	writer  *link   // the committer's
	readers *readers
	copier  *checkpointer

	epoch string // "" where the schema knows none
}

// busyMilliseconds is how long a connection waits for another process that holds the file.
const busyMilliseconds = 5000

// openHandle opens the connections of a file that exists and is migrated.
func openHandle(path string, s schema) (*handle, error) {
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	pool, err := openWriter(path)
	if err != nil {
		return nil, err
	}
	h := &handle{file: file, pool: pool}
	if h.writer, err = newLink(pool); err == nil {
		h.epoch, err = s.recognise(context.Background(), h.writer.conn)
	}
	if err == nil {
		h.readers, err = openReaders(path, max(4, 2*runtime.NumCPU()))
	}
	if err == nil {
		h.copier, err = openCheckpointer(path)
	}
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// reopen opens the connections after a failure: it checks that the file is still what it was and can be written durably.
func reopen(path string, s schema) (*handle, error) {
	h, err := openHandle(path, s)
	if err != nil {
		return nil, err
	}
	if err := h.probe(); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// probe writes one page durably without changing anything: the user_version is not used for anything else.
func (h *handle) probe() error {
	_, err := h.writer.conn.ExecContext(context.Background(), "PRAGMA user_version = 0")
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}

// replaced returns an error if the file at path is not the one that was opened: writing to it would be lost.
func (h *handle) replaced(path string) error {
	now, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("the database file has gone: %w", err)
	}
	if !os.SameFile(h.file, now) {
		return fmt.Errorf("the database file %s has been replaced", path)
	}
	return nil
}

func (h *handle) close() error {
	var errs []error
	if h.copier != nil {
		errs = append(errs, h.copier.close())
	}
	if h.readers != nil {
		errs = append(errs, h.readers.close())
	}
	if h.writer != nil {
		errs = append(errs, h.writer.close())
	}
	return errors.Join(append(errs, h.pool.Close())...)
}

// openWriter opens a pool of exactly one connection, whose transactions begin by taking the write lock. Its cache (KiB) holds a
// full batch, so that no page is written before the commit; the WAL may grow to 16 MiB (in pages of 4 KiB) before its
// pages are copied into the database, so that pages written again and again are copied once.
func openWriter(path string) (*sql.DB, error) {
	name := dsn(path, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-8192)", "wal_autocheckpoint(4000)")
	pool, err := sql.Open("sqlite", name+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// dsn returns the name under which the driver opens path with the given pragmas on each connection.
func dsn(path string, pragmas ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	v := url.Values{"mode": {"rw"}} // never creates: a file that has gone is a failure
	v.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyMilliseconds))
	for _, p := range pragmas {
		v.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: v.Encode()}).String()
}
