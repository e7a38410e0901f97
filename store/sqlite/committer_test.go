package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"planga/chat"
)

// hold keeps the committer busy until release is closed, so that what is submitted meanwhile becomes one batch.
func hold(t *testing.T, e *engine) (release chan struct{}) {
	t.Helper()
	release = make(chan struct{})
	begun := make(chan struct{})
	var once sync.Once
	go e.write(context.Background(), func(*sql.Tx) error {
		once.Do(func() { close(begun) })
		<-release
		return nil
	})
	<-begun
	return release
}

// waiting waits until n jobs are in the queue.
func waiting(t *testing.T, e *engine, n int) {
	t.Helper()
	until(t, "queueing", func() bool { return len(e.jobs) >= n })
}

func TestAWriteThatFailsHalfwayHarmsNobodyInItsBatch(t *testing.T) {
	e := openTestEngine(t)
	release := hold(t, e)
	boom := errors.New("boom")
	var group sync.WaitGroup
	errs := make([]error, 9)
	for i := range errs {
		group.Go(func() {
			_, errs[i] = submit(t.Context(), e, func(b *batch) (struct{}, error) {
				_, err := b.exec("INSERT INTO meta (name, value) VALUES (?, ?)", fmt.Sprint("row ", i), "v")
				switch {
				case i == 4:
					return struct{}{}, boom // after it has changed something
				case i == 7:
					panic("oh")
				}
				return struct{}{}, err
			})
		})
	}
	waiting(t, e, len(errs))
	close(release)
	group.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 4 || i == 7) {
			t.Errorf("write %d: got %v", i, err)
		}
	}
	if !errors.Is(errs[4], boom) {
		t.Errorf("got %v, want the write's own error", errs[4])
	}
	if n := countMeta(t, e, "row %"); n != 7 {
		t.Errorf("got %d rows, want 7: each of the others once", n)
	}
}

func TestAWriteWhoseCallerHasGoneIsNotBegun(t *testing.T) {
	e := openTestEngine(t)
	release := hold(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- e.write(ctx, put("late", "v")) }()
	waiting(t, e, 1)
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	close(release)
	if err := e.write(t.Context(), put("next", "v")); err != nil {
		t.Fatal(err)
	}
	if n := countMeta(t, e, "late"); n != 0 {
		t.Errorf("got %d rows, want none", n)
	}
}

func TestAFullQueueLetsTheCallerGo(t *testing.T) {
	e := openTestEngine(t)
	release := hold(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for i := range queueLength + 10 {
		group.Go(func() {
			if err := e.write(ctx, put(fmt.Sprint("row ", i), "v")); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
		})
	}
	waiting(t, e, queueLength)
	cancel()
	group.Wait()
	close(release)
}

func TestClosingAnswersWhatWaits(t *testing.T) {
	e, err := openEngine(t.TempDir(), chatSchema)
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, e)
	answers := make(chan error, 3)
	for i := range cap(answers) {
		go func() { answers <- e.write(context.Background(), put(fmt.Sprint(i), "v")) }()
	}
	waiting(t, e, cap(answers))
	closed := make(chan error)
	go func() { closed <- e.close() }()
	close(release)
	for range cap(answers) {
		select {
		case err := <-answers: // written just before the end, or refused
			if err != nil && chat.CodeOf(err) != chat.StorageUnavailable {
				t.Errorf("got %v, want storage_unavailable", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a write was never answered")
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestAnInterruptedStatementDoesNotTearTheBatch(t *testing.T) {
	e := openTestEngine(t)
	release := hold(t, e)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	var first, torn error
	group.Go(func() { first = e.write(t.Context(), put("row 1", "v")) })
	waiting(t, e, 1)
	group.Go(func() {
		torn = e.write(t.Context(), func(tx *sql.Tx) error {
			time.AfterFunc(50*time.Millisecond, cancel)
			_, err := tx.ExecContext(ctx, `INSERT INTO meta (name, value)
				WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT 'endless ' || i, 'v' FROM n`)
			return err
		})
	})
	waiting(t, e, 2)
	close(release)
	group.Wait()
	if first != nil || !errors.Is(torn, context.Canceled) {
		t.Errorf("got %v and %v, want only the second to fail, cancelled", first, torn)
	}
	if n := countMeta(t, e, "%"); n != 2 { // the epoch is the other
		t.Errorf("got %d rows, want 2", n)
	}
	if err := e.healthy(); err != nil {
		t.Errorf("the file is not to blame: %v", err)
	}
}
