package front

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// spareMemory is how much memory the process may keep from the system without using it, in bytes.
const spareMemory = 32 << 20

// GiveBack returns memory to the system once a minute, where a rush has left much of it unused, until ctx ends. Go itself keeps
// what the last rush needed; a small machine has better use for it. One collection a minute costs milliseconds.
func GiveBack(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if unused() > spareMemory {
				debug.FreeOSMemory()
			}
		}
	}
}

// unused is the memory that a collection could give back at most: free already, or since the last collection perhaps garbage.
func unused() uint64 {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	free, half, objects, live := samples[0].Value.Uint64(), samples[1].Value.Uint64(), samples[2].Value.Uint64(), samples[3].Value.Uint64()
	return free + half + objects - min(objects, live)
}
