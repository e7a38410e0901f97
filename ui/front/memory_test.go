package front

import (
	"runtime"
	"testing"
)

func TestWhatARushLeftBehindCountsAsUnused(t *testing.T) {
	before := unused()
	rush := make([][]byte, 64)
	for i := range rush {
		rush[i] = make([]byte, 1<<20)
	}
	runtime.KeepAlive(rush)
	rush = nil
	runtime.GC()
	if after := unused(); after < before+spareMemory {
		t.Errorf("64 MiB were used and let go, but unused grew from %d to %d only", before, after)
	}
}
