package dashboard

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(int64(n)) + " " + many
}

// number writes a whole number with commas between thousands.
func number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// ago writes when something happened: relative within a day, absolute before.
func ago(t, now time.Time) string {
	since := now.Sub(t)
	switch {
	case t.IsZero():
		return "Never"
	case since < time.Minute:
		return fmt.Sprintf("%d s ago", max(0, int(since.Seconds())))
	case since < time.Hour:
		return fmt.Sprintf("%d min ago", int(since.Minutes()))
	case since < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(since.Hours()))
	}
	return day(t)
}

// day writes a date.
func day(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// clock writes a time of day.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") + " UTC" }

// millis writes a short duration.
func millis(d time.Duration) string {
	ms := float64(d.Microseconds()) / 1000
	if ms >= 100 {
		return number(int64(ms + 0.5))
	}
	return strconv.FormatFloat(ms, 'f', 1, 64)
}

// seconds writes a duration in whole seconds, rounded up and at least one, as headers want it.
func seconds(d time.Duration) string {
	return strconv.FormatInt(max(1, int64((d+time.Second-1)/time.Second)), 10)
}
