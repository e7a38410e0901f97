package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"planga/chat"
	"planga/dashboard/analytics"
)

// Live implements [analytics.Store].
func (d *Dashboard) Live(ctx context.Context, app chat.AppID, now time.Time) (l analytics.Live, err error) {
	day := toMS(now.Add(-24 * time.Hour))
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `
			SELECT coalesce(sum(connections), 0) FROM (
				SELECT connections, max(to_ms) FROM intervals WHERE app = ? AND to_ms > ? GROUP BY node)`,
			app, toMS(now.Add(-analytics.Fresh))).Scan(&l.Connections)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `
			SELECT coalesce(sum(messages), 0), coalesce(sum(messages) FILTER (WHERE to_ms > ?2), 0), count(*) > 0
			FROM intervals WHERE app = ?1 AND to_ms > ?3`,
			app, toMS(now.Add(-time.Minute)), day).Scan(&l.Last24Hours, &l.LastMinute, &l.HeardAnybody)
		if err != nil {
			return err
		}
		return errors.Join(readPeak(ctx, tx, app, day, &l), readAcks(ctx, tx, app, toMS(now.Add(-time.Hour)), &l))
	})
	return l, err
}

func readPeak(ctx context.Context, tx *sql.Tx, app chat.AppID, since int64, l *analytics.Live) error {
	var at int64
	err := tx.QueryRowContext(ctx, `
		SELECT peak, from_ms FROM intervals WHERE app = ? AND to_ms > ? ORDER BY peak DESC, to_ms DESC LIMIT 1`, app, since).Scan(&l.Peak, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	l.PeakAt = fromMS(at)
	return err
}

// readAcks reads the acknowledgement times of the newest intervals that had messages.
func readAcks(ctx context.Context, tx *sql.Tx, app chat.AppID, since int64, l *analytics.Live) error {
	var p50, p99 sql.NullInt64
	err := tx.QueryRowContext(ctx, `
		SELECT max(ack_p50_us), max(ack_p99_us) FROM (
			SELECT ack_p50_us, ack_p99_us, max(to_ms) FROM intervals WHERE app = ? AND to_ms > ? AND messages > 0 GROUP BY node)`,
		app, since).Scan(&p50, &p99)
	l.AckP50, l.AckP99 = time.Duration(p50.Int64)*time.Microsecond, time.Duration(p99.Int64)*time.Microsecond
	return err
}

// Messages implements [analytics.Store].
func (d *Dashboard) Messages(ctx context.Context, app chat.AppID, from, to time.Time, step time.Duration) (buckets []analytics.Bucket, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			SELECT ?1 + (from_ms - ?1) / ?3 * ?3 AS start, sum(messages) FROM intervals
			WHERE app = ?4 AND from_ms >= ?1 AND from_ms < ?2 AND to_ms > ?1 GROUP BY start ORDER BY start`,
			toMS(from), toMS(to), step.Milliseconds(), app)
		if err != nil {
			return err
		}
		buckets, err = collect(rows, func(row interface{ Scan(...any) error }) (b analytics.Bucket, err error) {
			var start int64
			err = row.Scan(&start, &b.Messages)
			b.Start = fromMS(start)
			return b, err
		})
		return err
	})
	return buckets, err
}

// Refusals implements [analytics.Store].
func (d *Dashboard) Refusals(ctx context.Context, app chat.AppID, since time.Time, limit int) (refusals []chat.Refusal, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			SELECT reason, public_id, origin, sum(count), max(last_ms) AS last FROM refusals
			WHERE app = ? AND last_ms > ? GROUP BY reason, public_id, origin ORDER BY last DESC LIMIT ?`, app, toMS(since), limit)
		if err != nil {
			return err
		}
		refusals, err = collect(rows, func(row interface{ Scan(...any) error }) (r chat.Refusal, err error) {
			var last int64
			err = row.Scan(&r.Reason, &r.Key, &r.Origin, &r.Count, &last)
			r.Last = fromMS(last)
			return r, err
		})
		return err
	})
	return refusals, err
}

// Nodes implements [analytics.Store].
func (d *Dashboard) Nodes(ctx context.Context, since time.Time) (nodes []analytics.Node, err error) {
	err = d.engine.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT node, heard_ms FROM nodes WHERE heard_ms > ? ORDER BY node`, toMS(since))
		if err != nil {
			return err
		}
		nodes, err = collect(rows, func(row interface{ Scan(...any) error }) (n analytics.Node, err error) {
			var heard int64
			err = row.Scan(&n.Name, &heard)
			n.Heard = fromMS(heard)
			return n, err
		})
		return err
	})
	return nodes, err
}
