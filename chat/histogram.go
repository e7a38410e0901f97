package chat

import (
	"math"
	"time"
)

// histogram counts durations in buckets that grow by an eighth of a doubling (9 %), from 10 µs to about a minute and a half.
type histogram struct {
	counts [185]uint32
	total  uint64
}

const (
	histogramLeast = 10 * time.Microsecond
	histogramSteps = 8 // buckets a doubling
)

func (h *histogram) add(d time.Duration) {
	i := 0
	if d > histogramLeast {
		i = int(math.Log2(float64(d)/float64(histogramLeast)) * histogramSteps)
	}
	h.counts[min(i, len(h.counts)-1)]++
	h.total++
}

// quantile returns the upper edge of the bucket in which the q-th part lies, 0 if nothing was counted.
func (h *histogram) quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := uint64(math.Ceil(q * float64(h.total)))
	var sum uint64
	for i, n := range h.counts {
		if sum += uint64(n); sum >= rank {
			return time.Duration(float64(histogramLeast) * math.Exp2(float64(i+1)/histogramSteps)).Truncate(time.Microsecond)
		}
	}
	return 0
}
