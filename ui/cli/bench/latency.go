package bench

import (
	"math"
	"sync/atomic"
	"time"
)

// latencies is a histogram with buckets 5 % apart, from 10 µs to some minutes. Safe for concurrent use.
type latencies struct {
	buckets [350]atomic.Int64
	count   atomic.Int64
	most    atomic.Int64
}

const (
	firstBucket = 10 * time.Microsecond
	bucketRatio = 1.05
)

var logRatio = math.Log(bucketRatio)

// add counts one duration; a negative one counts as zero.
func (l *latencies) add(d time.Duration) {
	l.count.Add(1)
	for most := l.most.Load(); int64(d) > most && !l.most.CompareAndSwap(most, int64(d)); {
		most = l.most.Load()
	}
	i := 0
	if d > firstBucket {
		i = int(math.Ceil(math.Log(float64(d)/float64(firstBucket)) / logRatio))
	}
	l.buckets[min(i, len(l.buckets)-1)].Add(1)
}

// quantile returns a duration that at least the share q of all durations do not exceed, at most 5 % too long.
func (l *latencies) quantile(q float64) time.Duration {
	want := int64(math.Ceil(q * float64(l.count.Load())))
	var seen int64
	for i := range l.buckets {
		seen += l.buckets[i].Load()
		if seen >= want && seen > 0 {
			bound := time.Duration(float64(firstBucket) * math.Pow(bucketRatio, float64(i)))
			return min(bound, max(time.Duration(l.most.Load()), firstBucket))
		}
	}
	return 0
}

func (l *latencies) max() time.Duration { return time.Duration(l.most.Load()) }
