package sqlite

import (
	"context"
	"database/sql"
	"time"

	"planga/dashboard"
	"planga/dashboard/analytics"
)

// Dashboard keeps what the dashboard knows, in dashboard.db. All methods may be called at once from many goroutines,
// and several processes may have the file open.
type Dashboard struct {
	engine *engine
	sealer *sealer
}

var (
	_ dashboard.Accounts = (*Dashboard)(nil)
	_ dashboard.Apps     = (*Dashboard)(nil)
	_ analytics.Store    = (*Dashboard)(nil)
)

// OpenDashboard opens dashboard.db in the data directory, creating or migrating it as needed. The error is a sentence for
// the operator.
func OpenDashboard(dir string) (*Dashboard, error) {
	if err := prepareDir(dir); err != nil {
		return nil, err
	}
	s, err := openSealer(dir)
	if err != nil {
		return nil, err
	}
	e, err := openEngine(dir, dashboardSchema)
	if err != nil {
		return nil, err
	}
	return &Dashboard{engine: e, sealer: s}, nil
}

// Close waits for running writes and closes the file. Safe to call twice.
func (d *Dashboard) Close() error { return d.engine.close() }

// Healthy returns nil if writes can be expected to succeed, else why not.
func (d *Dashboard) Healthy() error { return d.engine.healthy() }

// readRow runs a query that yields one value.
func readRow[T any](ctx context.Context, e *engine, query string, args ...any) (value T, err error) {
	err = e.read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, query, args...).Scan(&value)
	})
	return value, err
}

// toMS and fromMS turn times into milliseconds and back; the zero time is 0.
func toMS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMS(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
