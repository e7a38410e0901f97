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
	ctx context.Context
	tx  *sql.Tx
	h   *handle
}

// look runs do on a snapshot. do must not keep it.
func (e *engine) look(ctx context.Context, do func(*snapshot) error) error {
	h := e.handle.Load()
	if h == nil {
		return errClosed
	}
	tx, err := h.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return translate(err)
	}
	defer tx.Rollback() // a read has nothing to commit
	return translate(do(&snapshot{ctx: ctx, tx: tx, h: h}))
}

func (s *snapshot) query(text string, args ...any) (*sql.Rows, error) {
	if prepared := s.h.readerStatement(text); prepared != nil {
		return s.tx.StmtContext(s.ctx, prepared).QueryContext(s.ctx, args...)
	}
	return s.tx.QueryContext(s.ctx, text, args...)
}

func (s *snapshot) queryRow(text string, args ...any) *sql.Row {
	if prepared := s.h.readerStatement(text); prepared != nil {
		return s.tx.StmtContext(s.ctx, prepared).QueryRowContext(s.ctx, args...)
	}
	return s.tx.QueryRowContext(s.ctx, text, args...)
}

func (s *snapshot) epoch() string { return s.h.epoch }

// readerStatement returns text prepared for the readers and kept, or nil if it cannot be prepared now; running the text itself
// then tells why.
func (h *handle) readerStatement(text string) *sql.Stmt {
	if kept, ok := h.prepared.Load(text); ok {
		return kept.(*sql.Stmt)
	}
	fresh, err := h.readers.Prepare(text)
	if err != nil {
		return nil
	}
	kept, lost := h.prepared.LoadOrStore(text, fresh)
	if lost {
		fresh.Close()
	}
	return kept.(*sql.Stmt)
}

func (b *batch) query(text string, args ...any) (*sql.Rows, error) {
	if prepared := b.statement(text); prepared != nil {
		return prepared.QueryContext(b.ctx, args...)
	}
	return b.tx.QueryContext(b.ctx, text, args...)
}

func (b *batch) queryRow(text string, args ...any) *sql.Row {
	if prepared := b.statement(text); prepared != nil {
		return prepared.QueryRowContext(b.ctx, args...)
	}
	return b.tx.QueryRowContext(b.ctx, text, args...)
}

// exec changes something. A statement that fails leaves nothing behind.
func (b *batch) exec(text string, args ...any) (sql.Result, error) {
	var result sql.Result
	var err error
	if prepared := b.statement(text); prepared != nil {
		result, err = prepared.ExecContext(b.ctx, args...)
	} else {
		result, err = b.tx.ExecContext(b.ctx, text, args...)
	}
	b.dirty = b.dirty || err == nil
	return result, err
}

func (b *batch) epoch() string { return b.h.epoch }

// statement returns text prepared on the writing connection and kept, or nil if it cannot be prepared now. Only the committer uses it.
func (b *batch) statement(text string) *sql.Stmt {
	if kept := b.h.written[text]; kept != nil {
		return kept
	}
	fresh, err := b.h.writer.PrepareContext(b.ctx, text)
	if err != nil {
		return nil
	}
	b.h.written[text] = fresh
	return fresh
}
