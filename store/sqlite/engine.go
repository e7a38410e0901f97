package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// engine is one open database file: a committer that owns the only writing connection, and a pool of readers.
// All methods may be called at once from many goroutines.
type engine struct {
	path   string
	schema schema
	memory memory // of the committer, between batches

	handle  atomic.Pointer[handle] // replaced by the committer after a failure
	trouble atomic.Pointer[error]  // why nothing can be written now; nil when all is well

	jobs    chan *job
	closing chan struct{} // closed by close
	closed  sync.Once
	ended   chan struct{} // closed when the committer is gone
}

// queueLength bounds the writes that wait for the committer. Whoever comes later waits outside, under their own context.
const queueLength = 1024

// openEngine opens the database of the given schema in dir, creating or migrating it as needed. The error is a
// sentence for the operator.
func openEngine(dir string, s schema) (*engine, error) { return openEngineWith(dir, s, nothing{}) }

// openEngineWith opens an engine whose committer remembers things in m.
func openEngineWith(dir string, s schema, m memory) (*engine, error) {
	e := &engine{
		memory:  m,
		path:    filepath.Join(dir, s.file),
		schema:  s,
		jobs:    make(chan *job, queueLength),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	if err := prepare(e.path, s); err != nil {
		return nil, err
	}
	h, err := openHandle(e.path, s)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", e.path, err)
	}
	e.handle.Store(h)
	go e.commitForEver()
	return e, nil
}

// close answers what still waits, stops the committer and closes the file. Safe to call twice.
func (e *engine) close() error {
	e.closed.Do(func() { close(e.closing) })
	<-e.ended
	if h := e.handle.Swap(nil); h != nil {
		return h.close()
	}
	return nil
}

// healthy returns nil if writes can be expected to succeed, else why not.
func (e *engine) healthy() error {
	if err := e.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// read runs do in a read-only transaction: everything it sees belongs together. do must not keep the transaction.
func (e *engine) read(ctx context.Context, do func(*sql.Tx) error) error {
	return e.look(ctx, func(s *snapshot) error { return do(s.tx) })
}

// write runs do in a transaction and returns nil only after it is durable. If do returns an error, none of its changes
// are kept. do shares the transaction with others and may run more than once; it must neither commit nor roll back,
// nor wait for anything else, and need not pass ctx on: the committer sees to it. When ctx ends first, the changes may or may not have been kept.
func (e *engine) write(ctx context.Context, do func(*sql.Tx) error) error {
	_, err := submit(ctx, e, func(b *batch) (struct{}, error) {
		return struct{}{}, b.savepoint(do)
	})
	return err
}
