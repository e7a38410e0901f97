package sqlite

import (
	"database/sql"
	"testing"
	"time"

	"planga/chat"
	"planga/dashboard/analytics"
)

// BenchmarkOverview reads what the overview shows of a day in which three nodes told something every ten seconds.
func BenchmarkOverview(b *testing.B) {
	d, err := OpenDashboard(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	const app = chat.AppID(1)
	err = d.engine.write(b.Context(), func(tx *sql.Tx) error {
		for _, node := range []string{"ams-1", "ams-2", "ams-3"} {
			for i := range 8640 {
				to := noon.Add(-time.Duration(i) * 10 * time.Second)
				_, err := tx.ExecContext(b.Context(), `INSERT INTO intervals VALUES (?, ?, ?, ?, 100, 120, 50, 1200, 3600, ?)`,
					node, toMS(to)-10_000, app, toMS(to), toMS(to))
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.Live(b.Context(), app, noon); err != nil {
			b.Fatal(err)
		}
		var buckets []analytics.Bucket
		if buckets, err = d.Messages(b.Context(), app, noon.Add(-24*time.Hour), noon, 15*time.Minute); err != nil || len(buckets) != 96 {
			b.Fatalf("%d buckets, %v", len(buckets), err)
		}
	}
}
