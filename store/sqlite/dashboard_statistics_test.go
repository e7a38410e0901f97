package sqlite

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"planga/chat"
	"planga/dashboard"
	"planga/dashboard/analytics"
)

// noon is cut to the millisecond, as stored times are.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// board opens a dashboard.db with one app that has one key.
func board(t *testing.T) (*Dashboard, chat.AppID, string) {
	t.Helper()
	d, err := OpenDashboard(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	register := dashboard.NewRegister(d, func() time.Time { return noon.Add(-48 * time.Hour) })
	app, err := register.CreateApp(t.Context(), "Wheelhouse", "https://wheelhouse.example")
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := register.CreateKey(t.Context(), app.ID, "Website")
	if err != nil {
		t.Fatal(err)
	}
	return d, app.ID, key.PublicID
}

// interval is what a node tells of ten seconds that end at to.
func interval(node string, to time.Time, a chat.AppStatistics) chat.Statistics {
	return chat.Statistics{Node: node, From: to.Add(-10 * time.Second), To: to, Apps: []chat.AppStatistics{a}}
}

func tell(t *testing.T, d *Dashboard, all ...chat.Statistics) {
	t.Helper()
	for _, s := range all {
		if err := d.RecordStatistics(t.Context(), s, s.To); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnIntervalCountsOnceHoweverOftenItArrives(t *testing.T) {
	d, app, key := board(t)
	s := interval("ams-1", noon, chat.AppStatistics{
		App: app, Connections: 3, Peak: 4, Joins: 2, Messages: 7, Bytes: 100, KeysUsed: []string{key},
		AckP50: 1200 * time.Microsecond, AckP99: 3600 * time.Microsecond,
		Refused: []chat.Refusal{{Reason: "The token had expired", Key: key, Count: 2, Last: noon.Add(-time.Second)}},
	})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := d.RecordStatistics(t.Context(), s, noon); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	live, err := d.Live(t.Context(), app, noon.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	want := analytics.Live{
		Connections: 3, Peak: 4, PeakAt: noon.Add(-10 * time.Second), LastMinute: 7, Last24Hours: 7,
		AckP50: 1200 * time.Microsecond, AckP99: 3600 * time.Microsecond, HeardAnybody: true,
	}
	if diff := cmp.Diff(want, live); diff != "" {
		t.Error(diff)
	}
	refused, err := d.Refusals(t.Context(), app, noon.Add(-time.Hour), 10)
	if err != nil || len(refused) != 1 || refused[0].Count != 2 {
		t.Errorf("refusals are %+v, %v; want one of 2", refused, err)
	}
	keys, err := d.ListKeys(t.Context(), app)
	if err != nil || len(keys) != 1 || !keys[0].UsedAt.Equal(noon) {
		t.Errorf("keys are %+v, %v; want one used at noon", keys, err)
	}
	for _, span := range []string{"hour", "day"} {
		sum, err := readRow[int64](t.Context(), d.engine, `SELECT sum(messages) FROM traffic WHERE app = ? AND span = ?`, app, span)
		if err != nil || sum != 7 {
			t.Errorf("the %s has %d messages (%v), want 7", span, sum, err)
		}
	}
}

func TestConnectionsAreTheSumOfTheNodesThatStillSpeak(t *testing.T) {
	d, app, _ := board(t)
	tell(t, d,
		interval("ams-1", noon.Add(-20*time.Second), chat.AppStatistics{App: app, Connections: 10, Peak: 10}),
		interval("ams-1", noon.Add(-10*time.Second), chat.AppStatistics{App: app, Connections: 12, Peak: 13}),
		interval("ams-2", noon.Add(-5*time.Second), chat.AppStatistics{App: app, Connections: 30, Peak: 30}),
		interval("gone", noon.Add(-time.Minute), chat.AppStatistics{App: app, Connections: 500, Peak: 500}),
	)
	live, err := d.Live(t.Context(), app, noon)
	if err != nil || live.Connections != 42 {
		t.Errorf("%d are connected (%v), want 42", live.Connections, err)
	}
	nodes, err := d.Nodes(t.Context(), noon.Add(-analytics.Fresh))
	if err != nil {
		t.Fatal(err)
	}
	want := []analytics.Node{{Name: "ams-1", Heard: noon.Add(-10 * time.Second)}, {Name: "ams-2", Heard: noon.Add(-5 * time.Second)}}
	if diff := cmp.Diff(want, nodes); diff != "" {
		t.Error(diff)
	}
}

func TestAppsThatDoNotExistAreLeftOut(t *testing.T) {
	d, app, key := board(t)
	tell(t, d, interval("ams-1", noon, chat.AppStatistics{App: app + 1, Connections: 3, Peak: 3, Messages: 1, KeysUsed: []string{key}}))
	count, err := readRow[int64](t.Context(), d.engine, `SELECT (SELECT count(*) FROM intervals) + (SELECT count(*) FROM traffic)`)
	if err != nil || count != 0 {
		t.Errorf("%d rows are kept of an unknown app (%v)", count, err)
	}
	if keys, err := d.ListKeys(t.Context(), app); err != nil || !keys[0].UsedAt.IsZero() {
		t.Errorf("another app used this app's key: %+v, %v", keys, err)
	}
}

func TestMessagesAreCountedByStep(t *testing.T) {
	d, app, _ := board(t)
	for i := range 12 {
		tell(t, d, interval("ams-1", noon.Add(-time.Duration(i)*5*time.Minute), chat.AppStatistics{App: app, Connections: 1, Messages: int64(i + 1)}))
	}
	got, err := d.Messages(t.Context(), app, noon.Add(-time.Hour), noon, 30*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	want := []analytics.Bucket{
		{Start: noon.Add(-time.Hour), Messages: 7 + 8 + 9 + 10 + 11 + 12},
		{Start: noon.Add(-30 * time.Minute), Messages: 1 + 2 + 3 + 4 + 5 + 6},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStrangersCannotFillTheListOfRefusals(t *testing.T) {
	d, app, _ := board(t)
	for n := range 10 {
		a := chat.AppStatistics{App: app}
		for i := range 100 {
			a.Refused = append(a.Refused, chat.Refusal{Reason: "Origin is not on the list", Origin: fmt.Sprintf("https://%d-%d.example", n, i), Count: 1, Last: noon.Add(-time.Minute)})
		}
		tell(t, d, interval("ams-1", noon.Add(time.Duration(n)*10*time.Second), a))
	}
	kept, err := readRow[int](t.Context(), d.engine, `SELECT count(*) FROM refusals`)
	if err != nil || kept != maxRefusalKinds {
		t.Errorf("%d refusals are kept (%v), want %d", kept, err, maxRefusalKinds)
	}
	again := chat.AppStatistics{App: app, Refused: []chat.Refusal{{Reason: "Origin is not on the list", Origin: "https://0-0.example", Count: 41, Last: noon.Add(-time.Second)}}}
	tell(t, d, interval("ams-2", noon, again))
	refused, err := d.Refusals(t.Context(), app, noon.Add(-time.Hour), 1)
	if err != nil || refused[0].Count != 42 {
		t.Errorf("a known refusal is no longer counted: %+v, %v", refused, err)
	}
}

func TestOldStatisticsAreForgottenAndLongOnesStay(t *testing.T) {
	d, app, _ := board(t)
	old := noon.Add(-100 * 24 * time.Hour)
	tell(t, d,
		interval("ams-1", old, chat.AppStatistics{App: app, Connections: 1, Messages: 5, Refused: []chat.Refusal{{Reason: "r", Count: 1, Last: old}}}),
		interval("ams-1", noon, chat.AppStatistics{App: app, Connections: 1, Messages: 6}),
	)
	if err := d.PruneStatistics(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM intervals`:                       1,
		`SELECT count(*) FROM refusals`:                        0,
		`SELECT count(*) FROM traffic WHERE span = 'hour'`:     1,
		`SELECT count(*) FROM traffic WHERE span = 'day'`:      2,
		`SELECT sum(messages) FROM traffic WHERE span = 'day'`: 11,
		`SELECT count(*) FROM nodes WHERE node = 'ams-1'`:      1,
	} {
		if got, err := readRow[int](t.Context(), d.engine, query); err != nil || got != want {
			t.Errorf("%s: got %d, %v; want %d", query, got, err, want)
		}
	}
}
