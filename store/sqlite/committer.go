package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"planga/chat"
)

// maxBatch bounds the writes of one transaction, and with it the time until the first of them is answered.
const maxBatch = 512

// retryAfter is when a failed write may be tried again, and how often the committer probes a file that failed.
const retryAfter = time.Second

var errClosed = chat.Unavailable(errors.New("the database is closed"), retryAfter)

// job is one write waiting for the committer.
type job struct {
	ctx    context.Context
	run    func(*batch) error
	answer chan error // buffered, so that the committer never waits for anybody
	err    error      // what run returned
}

// memory is what the committer remembers between batches, to save reading it again. Only the committer calls it.
type memory interface {
	// begin is told that a transaction has begun: others may have written before it, but not until it ends.
	begin(b *batch) error
	// flush writes what was put off until the end of the transaction.
	flush(b *batch) error
	// forget drops everything: what was remembered may not be so.
	forget()
}

// nothing is the memory that remembers nothing.
type nothing struct{}

func (nothing) begin(*batch) error { return nil }
func (nothing) flush(*batch) error { return nil }
func (nothing) forget()            {}

// batch is one transaction of the committer, and what it may use.
type batch struct {
	ctx   context.Context // never cancelled: the committer finishes what it began
	tx    *sql.Tx
	h     *handle
	mem   memory
	dirty bool     // the running job has changed something
	after []func() // called once all is durable
}

// submit hands run to the committer and returns what it returned, after its changes are durable. It returns the zero
// value with every error.
func submit[T any](ctx context.Context, e *engine, run func(*batch) (T, error)) (T, error) {
	var result, zero T
	j := &job{ctx: ctx, answer: make(chan error, 1)}
	j.run = func(b *batch) (err error) {
		result, err = run(b)
		return err
	}
	select {
	case e.jobs <- j:
	case <-ctx.Done():
		return zero, ctx.Err()
	case <-e.closing:
		return zero, errClosed
	}
	if err := e.await(j); err != nil {
		return zero, err // result may still belong to the committer
	}
	return result, nil
}

func (e *engine) await(j *job) error {
	select {
	case err := <-j.answer:
		return err
	case <-j.ctx.Done():
		return j.ctx.Err()
	case <-e.ended:
	}
	select {
	case err := <-j.answer: // it came just before the end
		return err
	default:
		return errClosed
	}
}

// commitForEver is the committer: it takes what waits, commits it together and answers, until the engine is closed.
func (e *engine) commitForEver() {
	defer close(e.ended)
	var probe <-chan time.Time // set while the file cannot be written
	for {
		if e.healthy() == nil {
			probe = nil
		} else if probe == nil {
			probe = time.After(retryAfter)
		}
		select {
		case j := <-e.jobs:
			e.commit(e.gather(j))
		case <-probe:
			probe = nil
			e.recover()
		case <-e.closing:
			e.refuseWaiting()
			return
		}
	}
}

// gather returns first and whatever else waits already.
func (e *engine) gather(first *job) []*job {
	jobs := []*job{first}
	for len(jobs) < maxBatch {
		select {
		case j := <-e.jobs:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

func (e *engine) refuseWaiting() {
	for {
		select {
		case j := <-e.jobs:
			j.answer <- errClosed
		default:
			return
		}
	}
}

// commit runs the jobs in one transaction and answers them. If one of them fails halfway, the transaction is undone
// and each runs again in its own, so that nobody suffers for another.
func (e *engine) commit(jobs []*job) {
	if err := e.healthy(); err != nil {
		answer(jobs, chat.Unavailable(err, retryAfter))
		return
	}
	err := e.transact(jobs)
	if errors.Is(err, errSpoiled) && len(jobs) > 1 {
		for _, j := range jobs {
			e.commit([]*job{j})
		}
		return
	}
	switch {
	case err == nil:
		for _, j := range jobs {
			j.answer <- j.err
		}
	case errors.Is(err, errSpoiled):
		answer(jobs, translate(jobs[0].err))
	default:
		e.fail(err)
		answer(jobs, chat.Unavailable(err, retryAfter))
	}
}

func answer(jobs []*job, err error) {
	for _, j := range jobs {
		j.answer <- err
	}
}

// errSpoiled tells that a job failed after it had changed something.
var errSpoiled = errors.New("a write failed halfway")

// transact runs the jobs in one transaction and commits it. Jobs whose caller has gone are skipped. The error concerns
// all of them; what befell a single one is in its err.
func (e *engine) transact(jobs []*job) error {
	ctx := context.Background()
	h := e.handle.Load()
	if err := h.replaced(e.path); err != nil {
		return err
	}
	tx, err := h.writer.conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	b := &batch{ctx: ctx, tx: tx, h: h, mem: e.memory}
	if err := b.runAll(jobs); err != nil {
		e.memory.forget()
		tx.Rollback() // the error that matters is known
		return err
	}
	if err := tx.Commit(); err != nil {
		e.memory.forget()
		return fmt.Errorf("commit: %w", err)
	}
	h.copier.committed(len(jobs))
	for _, do := range b.after {
		do()
	}
	return nil
}

func (b *batch) runAll(jobs []*job) error {
	if err := b.mem.begin(b); err != nil {
		return err
	}
	for _, j := range jobs {
		if j.err = j.ctx.Err(); j.err != nil {
			continue
		}
		b.dirty = false
		j.err = b.run(j)
		switch {
		case j.err == nil:
		case ofStorage(j.err):
			return j.err
		case b.dirty:
			return errSpoiled
		}
	}
	return b.mem.flush(b)
}

// run runs one job. A panic in it is its own failure, not the server's.
func (b *batch) run(j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			b.dirty = true
			err = fmt.Errorf("a write panicked: %v", p)
		}
	}()
	return j.run(b)
}

// savepoint runs do so that its failure leaves nothing behind. do may touch what the committer remembers, so that is written
// before and forgotten after.
func (b *batch) savepoint(do func(*sql.Tx) error) error {
	if err := b.mem.flush(b); err != nil {
		return err
	}
	defer b.mem.forget()
	b.dirty = true
	if _, err := b.tx.ExecContext(b.ctx, "SAVEPOINT job"); err != nil {
		return err
	}
	doErr := do(b.tx)
	if doErr != nil && !ofStorage(doErr) {
		if _, err := b.tx.ExecContext(b.ctx, "ROLLBACK TO job"); err != nil {
			return err
		}
	}
	if _, err := b.tx.ExecContext(b.ctx, "RELEASE job"); err != nil {
		return err
	}
	b.dirty = false
	return doErr
}

// fail marks the file as not writable and its connections as not to be trusted. A file that was merely locked by somebody
// else for too long keeps its connections.
func (e *engine) fail(err error) {
	if busy(err) {
		return
	}
	e.trouble.Store(&err)
}

// recover opens the file anew after a failure and, if it can be written again, goes on with it.
func (e *engine) recover() {
	if e.healthy() == nil {
		return
	}
	e.memory.forget()
	fresh, err := reopen(e.path, e.schema)
	if err != nil {
		e.trouble.Store(&err)
		return
	}
	stale := e.handle.Swap(fresh)
	stale.close() // it failed before; what it says now is of no interest
	e.trouble.Store(nil)
}
