package analytics

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The drawing's own measure; it is stretched to the page.
const (
	chartWidth  = 1000.0
	chartHeight = 216.0
)

// Chart is a line of messages over time, ready to be drawn. Every step has a point, also those without messages.
type Chart struct {
	from, to time.Time
	step     time.Duration
	values   []int64
	top      int64 // of the scale
}

// NewChart returns the chart of the steps between from and to.
func NewChart(from, to time.Time, step time.Duration, buckets []Bucket) Chart {
	c := Chart{from: from, to: to, step: step, values: make([]int64, max(1, int(to.Sub(from)/step)))}
	var most int64
	for _, b := range buckets {
		i := int(b.Start.Sub(from) / step)
		if i >= 0 && i < len(c.values) {
			c.values[i] += b.Messages
			most = max(most, c.values[i])
		}
	}
	c.top = roundTop(most)
	return c
}

// roundTop returns a number of which a quarter, a half and three quarters are whole, not below n.
func roundTop(n int64) int64 {
	for unit := int64(4); ; unit *= 10 {
		for _, f := range []int64{1, 2, 3, 5, 6, 8} {
			if unit*f >= n {
				return unit * f
			}
		}
	}
}

// Most returns the messages of the busiest step.
func (c Chart) Most() int64 { return slices.Max(c.values) }

// Step names the time of one point.
func (c Chart) Step() string { return fmt.Sprintf("per %d min", int(c.step.Minutes())) }

func (c Chart) point(i int) string {
	x := chartWidth
	if len(c.values) > 1 {
		x = chartWidth * float64(i) / float64(len(c.values)-1)
	}
	y := chartHeight * (1 - float64(c.values[i])/float64(c.top))
	return strconv.FormatFloat(x, 'f', 1, 64) + " " + strconv.FormatFloat(y, 'f', 1, 64)
}

func (c Chart) path(first, last int) string {
	var b strings.Builder
	b.WriteString("M" + c.point(first))
	for i := first + 1; i <= last; i++ {
		b.WriteString("L" + c.point(i))
	}
	return b.String()
}

// line is the part that is over; open is the last step, which still counts.
func (c Chart) line() string { return c.path(0, max(0, len(c.values)-2)) }
func (c Chart) open() string { return c.path(max(0, len(c.values)-2), len(c.values)-1) }

func (c Chart) area() string {
	return c.path(0, len(c.values)-1) + fmt.Sprintf("L%g %gL0 %gZ", chartWidth, chartHeight, chartHeight)
}

// scale are the words of the vertical axis, from the top.
func (c Chart) scale() []string {
	words := make([]string, 5)
	for i := range words {
		words[i] = short(c.top * int64(4-i) / 4)
	}
	return words
}

func short(n int64) string {
	switch {
	case n >= 1_000_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', -1, 64) + "M"
	case n >= 10_000:
		return strconv.FormatFloat(float64(n)/1e3, 'f', -1, 64) + "k"
	}
	return strconv.FormatInt(n, 10)
}

// gridLine returns the height of one of the scale's lines.
func gridLine(i int) string { return strconv.FormatFloat(chartHeight*float64(i)/4, 'f', 1, 64) }

// tick is a word of the horizontal axis.
type tick struct {
	at     string // in percent of the width
	words  string
	anchor string
	minor  bool // left out on narrow pages
}

// ticks are the times every four hours that do not crowd the ends, and now.
func (c Chart) ticks() []tick {
	const every, room = 4 * time.Hour, time.Hour
	var ticks []tick
	for t := c.from.Truncate(every).Add(every); c.to.Sub(t) > room; t = t.Add(every) {
		if t.Sub(c.from) < room {
			continue
		}
		share := t.Sub(c.from).Hours() / c.to.Sub(c.from).Hours()
		ticks = append(ticks, tick{
			at: fmt.Sprintf("%.2f%%", 100*share), words: t.UTC().Format("15:04"), anchor: "middle", minor: t.UTC().Hour()%8 != 0,
		})
	}
	return append(ticks, tick{at: "100%", words: "Now", anchor: "end"})
}

// Sentence says what the drawing shows.
func (c Chart) Sentence() string {
	var sum, most int64
	var when time.Time
	for i, n := range c.values {
		sum += n
		if n > most {
			most, when = n, c.from.Add(time.Duration(i)*c.step)
		}
	}
	if sum == 0 {
		return "No messages in the last 24 hours."
	}
	return fmt.Sprintf("Messages over the last 24 hours: %d in all, at most %d in %d minutes, at %s UTC.",
		sum, most, int(c.step.Minutes()), when.UTC().Format("15:04"))
}
