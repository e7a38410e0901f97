package sqlite

import (
	"context"
	"database/sql"
)

// view is what reading code needs: the committer's batch and a reader's snapshot are both one.
type view interface {
	query(text string, args ...any) (*sql.Rows, error)
	queryRow(text string, args ...any) *sql.Row
	epoch() string
}

// snapshot is a reader's consistent picture of the database.
type snapshot struct {
	ctx  context.Context
	link *link
	tx   *sql.Tx
	h    *handle
}

// look runs do on a snapshot. do must not keep it.
func (e *engine) look(ctx context.Context, do func(*snapshot) error) error {
	h := e.handle.Load()
	if h == nil {
		return errClosed
	}
	l, err := h.readers.take(ctx)
	if err != nil {
		return translate(err)
	}
	broken := true
	defer func() { h.readers.give(l, broken) }()
	// Not ctx: a transaction that is rolled back behind our back could still be open when the link is used again.
	tx, err := l.conn.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return translate(err)
	}
	defer func() { broken = tx.Rollback() != nil }() // a read has nothing to commit
	return translate(do(&snapshot{ctx: ctx, link: l, tx: tx, h: h}))
}

func (s *snapshot) query(text string, args ...any) (*sql.Rows, error) {
	return s.link.query(s.ctx, text, args...)
}

func (s *snapshot) queryRow(text string, args ...any) *sql.Row {
	return s.link.queryRow(s.ctx, text, args...)
}

func (s *snapshot) epoch() string { return s.h.epoch }

func (b *batch) query(text string, args ...any) (*sql.Rows, error) {
	return b.h.writer.query(b.ctx, text, args...)
}

func (b *batch) queryRow(text string, args ...any) *sql.Row {
	return b.h.writer.queryRow(b.ctx, text, args...)
}

func (b *batch) epoch() string { return b.h.epoch }

// exec changes something. A statement that fails leaves nothing behind.
func (b *batch) exec(text string, args ...any) (sql.Result, error) {
	result, err := b.h.writer.exec(b.ctx, text, args...)
	b.dirty = b.dirty || err == nil
	return result, err
}
