package analytics

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

func TestAChartHasAPointForEachStep(t *testing.T) {
	c := NewChart(noon, hour(4), time.Hour, []Bucket{
		{hour(-1), 99}, {hour(0), 10}, {hour(2), 40}, {hour(2), 20}, {hour(4), 99},
	})
	if diff := cmp.Diff([]int64{10, 0, 60, 0}, c.values); diff != "" {
		t.Error(diff)
	}
	if c.Most() != 60 || c.top != 80 {
		t.Errorf("the most is %d and the top %d, want 60 and 80", c.Most(), c.top)
	}
	if want := "M0.0 189.0L333.3 216.0L666.7 54.0"; c.line() != want {
		t.Errorf("the line is %q, want %q", c.line(), want)
	}
	if want := "M666.7 54.0L1000.0 216.0"; c.open() != want {
		t.Errorf("the open end is %q, want %q", c.open(), want)
	}
	if !strings.HasSuffix(c.area(), "L1000 216L0 216Z") {
		t.Errorf("the area is not closed: %q", c.area())
	}
}

func TestTheScaleHasRoundWords(t *testing.T) {
	for most, want := range map[int64][]string{
		0:         {"4", "3", "2", "1", "0"},
		4:         {"4", "3", "2", "1", "0"},
		5:         {"8", "6", "4", "2", "0"},
		33:        {"40", "30", "20", "10", "0"},
		270:       {"320", "240", "160", "80", "0"},
		18_000:    {"20k", "15k", "10k", "5000", "0"},
		3_900_000: {"4M", "3M", "2M", "1M", "0"},
	} {
		c := NewChart(noon, hour(1), time.Hour, []Bucket{{noon, most}})
		if diff := cmp.Diff(want, c.scale()); diff != "" {
			t.Errorf("%d: %s", most, diff)
		}
	}
}

func TestTheTimesStandBelowTheirPoints(t *testing.T) {
	var words []string
	for _, tick := range NewChart(hour(-24), noon, 15*time.Minute, nil).ticks() {
		words = append(words, tick.words+" "+tick.at)
	}
	want := []string{"16:00 16.67%", "20:00 33.33%", "00:00 50.00%", "04:00 66.67%", "08:00 83.33%", "Now 100%"}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
}

func TestAChartSaysWhatItShows(t *testing.T) {
	empty := NewChart(hour(-24), noon, 15*time.Minute, nil)
	if got := empty.Sentence(); got != "No messages in the last 24 hours." {
		t.Error(got)
	}
	full := NewChart(hour(-24), noon, 15*time.Minute, []Bucket{{hour(-3), 7}, {hour(-2), 5}})
	if got := full.Sentence(); got != "Messages over the last 24 hours: 12 in all, at most 7 in 15 minutes, at 09:00 UTC." {
		t.Error(got)
	}
}
