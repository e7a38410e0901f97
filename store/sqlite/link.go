package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// link is one connection with the statements prepared on it. One goroutine uses it at a time.
type link struct {
	conn *sql.Conn
	kept map[string]*sql.Stmt
}

func newLink(pool *sql.DB) (*link, error) {
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &link{conn: conn, kept: map[string]*sql.Stmt{}}, nil
}

func (l *link) close() error { return l.conn.Close() }

// query runs text, prepared once and kept.
func (l *link) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if prepared := l.statement(text); prepared != nil {
		return prepared.QueryContext(ctx, args...)
	}
	return l.conn.QueryContext(ctx, text, args...)
}

// queryRow runs text, prepared once and kept.
func (l *link) queryRow(ctx context.Context, text string, args ...any) *sql.Row {
	if prepared := l.statement(text); prepared != nil {
		return prepared.QueryRowContext(ctx, args...)
	}
	return l.conn.QueryRowContext(ctx, text, args...)
}

// exec runs text, prepared once and kept.
func (l *link) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if prepared := l.statement(text); prepared != nil {
		return prepared.ExecContext(ctx, args...)
	}
	return l.conn.ExecContext(ctx, text, args...)
}

// statement returns text prepared, or nil if it cannot be prepared now; running the text itself then tells why.
func (l *link) statement(text string) *sql.Stmt {
	if s := l.kept[text]; s != nil {
		return s
	}
	s, err := l.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil
	}
	l.kept[text] = s
	return s
}

// readers is a pool of links that cannot write. They are opened as they are needed.
type readers struct {
	db   *sql.DB
	free chan *link // a slot for each link; nil in the slot of one that is not open
	gone chan struct{}
}

func openReaders(path string, most int) (*readers, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	r := &readers{db: db, free: make(chan *link, most), gone: make(chan struct{})}
	for range most {
		r.free <- nil
	}
	return r, nil
}

// take returns a link for the caller alone, who must give it back.
func (r *readers) take(ctx context.Context) (*link, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case l := <-r.free:
		if l != nil {
			return l, nil
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.gone:
		return nil, errClosed
	}
	l, err := newLink(r.db)
	if err != nil {
		r.free <- nil
		return nil, err
	}
	return l, nil
}

// give takes a link back. One that is broken is closed, and another opened in its place when it is needed.
func (r *readers) give(l *link, broken bool) {
	if broken {
		l.close() // its end is of no interest
		l = nil
	}
	r.free <- l
}

// close waits for the links that are out, and closes them all.
func (r *readers) close() error {
	close(r.gone)
	var errs []error
	for range cap(r.free) {
		if l := <-r.free; l != nil {
			errs = append(errs, l.close())
		}
	}
	return errors.Join(append(errs, r.db.Close())...)
}
