package sqlite

import (
	"context"
	"database/sql"
)

// checkpointer copies what was committed from the WAL into the database, on a connection of its own beside the committer, so
// that hardly anybody's write waits for it. It stands in nobody's way and gives up when it would; the committer's connection
// copies the rest once the WAL is too long, which then is little.
type checkpointer struct {
	pool  *sql.DB
	since int           // writes since it was last told; the committer's
	due   chan struct{} // capacity 1
	ended chan struct{}
}

// writesPerCheckpoint is after how many writes the pages are copied: some 2,000 pages of chat.
const writesPerCheckpoint = 400

func openCheckpointer(path string) (*checkpointer, error) {
	pool, err := openWriter(path)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{pool: pool, due: make(chan struct{}, 1), ended: make(chan struct{})}
	go c.run()
	return c, nil
}

func (c *checkpointer) run() {
	defer close(c.ended)
	for range c.due {
		// An error is met again, and answered, by the next write.
		_, _ = c.pool.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
	}
}

// committed tells of writes that have been committed. Only the committer calls it.
func (c *checkpointer) committed(writes int) {
	if c.since += writes; c.since < writesPerCheckpoint {
		return
	}
	c.since = 0
	select {
	case c.due <- struct{}{}:
	default: // it is at it already
	}
}

// close waits for a copy under way. The committer has ended before.
func (c *checkpointer) close() error {
	close(c.due)
	<-c.ended
	return c.pool.Close()
}
