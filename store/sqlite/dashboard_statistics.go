package sqlite

import (
	"context"
	"database/sql"
	"time"

	"planga/chat"
	"planga/dashboard/analytics"
)

// maxRefusalKinds bounds the different refusals kept of one app in one hour: their origins come from strangers.
const maxRefusalKinds = 200

// RecordStatistics implements [analytics.Store].
func (d *Dashboard) RecordStatistics(ctx context.Context, s chat.Statistics, at time.Time) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO nodes (node, heard_ms) VALUES (?, ?)
			ON CONFLICT (node) DO UPDATE SET heard_ms = max(heard_ms, excluded.heard_ms)`, s.Node, toMS(s.To))
		if err != nil {
			return err
		}
		for _, a := range s.Apps {
			if err := recordApp(ctx, tx, s, a, at); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordApp(ctx context.Context, tx *sql.Tx, s chat.Statistics, a chat.AppStatistics, at time.Time) error {
	done, err := tx.ExecContext(ctx, `
		INSERT INTO intervals (node, from_ms, app, to_ms, connections, peak, messages, ack_p50_us, ack_p99_us, received_ms)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
		WHERE EXISTS (SELECT 1 FROM apps WHERE id = ?3 AND deleted_ms = 0) ON CONFLICT DO NOTHING`,
		s.Node, toMS(s.From), a.App, toMS(s.To), a.Connections, a.Peak, a.Messages,
		a.AckP50.Microseconds(), a.AckP99.Microseconds(), toMS(at))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := addTraffic(ctx, tx, s, a); err != nil {
		return err
	}
	if err := noteKeys(ctx, tx, s.To, a); err != nil {
		return err
	}
	return addRefusals(ctx, tx, a)
}

// addTraffic adds an interval to its hour and its day.
func addTraffic(ctx context.Context, tx *sql.Tx, s chat.Statistics, a chat.AppStatistics) error {
	var peak int64
	err := tx.QueryRowContext(ctx, `
		SELECT ?1 + coalesce(sum(connections), 0) FROM (
			SELECT connections, max(to_ms) FROM intervals WHERE app = ?2 AND node != ?3 AND to_ms > ?4 AND to_ms <= ?5 GROUP BY node)`,
		a.Peak, a.App, s.Node, toMS(s.To.Add(-analytics.Fresh)), toMS(s.To)).Scan(&peak)
	if err != nil {
		return err
	}
	for span, length := range map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour} {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO traffic (app, span, start_ms, peak, joins, messages, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET peak = max(peak, excluded.peak), joins = joins + excluded.joins,
				messages = messages + excluded.messages, bytes = bytes + excluded.bytes`,
			a.App, span, toMS(s.From.Truncate(length)), peak, a.Joins, a.Messages, a.Bytes)
		if err != nil {
			return err
		}
	}
	return nil
}

func noteKeys(ctx context.Context, tx *sql.Tx, at time.Time, a chat.AppStatistics) error {
	for _, id := range a.KeysUsed {
		_, err := tx.ExecContext(ctx, `UPDATE keys SET used_ms = max(used_ms, ?) WHERE public_id = ? AND app = ?`, toMS(at), id, a.App)
		if err != nil {
			return err
		}
	}
	return nil
}

func addRefusals(ctx context.Context, tx *sql.Tx, a chat.AppStatistics) error {
	for _, r := range a.Refused {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO refusals (app, hour_ms, reason, public_id, origin, count, last_ms)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
			WHERE (SELECT count(*) FROM refusals WHERE app = ?1 AND hour_ms = ?2) < ?8
				OR EXISTS (SELECT 1 FROM refusals WHERE app = ?1 AND hour_ms = ?2 AND reason = ?3 AND public_id = ?4 AND origin = ?5)
			ON CONFLICT DO UPDATE SET count = count + excluded.count, last_ms = max(last_ms, excluded.last_ms)`,
			a.App, toMS(r.Last.Truncate(time.Hour)), r.Reason, r.Key, r.Origin, r.Count, toMS(r.Last), maxRefusalKinds)
		if err != nil {
			return err
		}
	}
	return nil
}

// PruneStatistics implements [analytics.Store].
func (d *Dashboard) PruneStatistics(ctx context.Context, now time.Time) error {
	return d.engine.write(ctx, func(tx *sql.Tx) error {
		intervals := toMS(now.Add(-analytics.KeepIntervals))
		for _, p := range []struct {
			query  string
			before int64
		}{
			{`DELETE FROM intervals WHERE received_ms < ?`, intervals},
			{`DELETE FROM refusals WHERE last_ms < ?`, intervals},
			{`DELETE FROM nodes WHERE heard_ms < ?`, intervals},
			{`DELETE FROM traffic WHERE span = 'hour' AND start_ms < ?`, toMS(now.Add(-analytics.KeepHours))},
		} {
			if _, err := tx.ExecContext(ctx, p.query, p.before); err != nil {
				return err
			}
		}
		return nil
	})
}
