package phoenix_test

import (
	"testing"
	"time"

	"planga/chat/phoenix"
)

func TestAHeartbeatFloodIsReadNoFaster(t *testing.T) {
	s := newServer(t, phoenix.Options{FramesPerSecond: 100})
	flood := s.dial(t, "vsn=2.0.0")
	start := time.Now()
	for range 150 {
		flood.say(beat)
	}
	healthy := s.dial(t, "vsn=2.0.0")
	healthy.say(beat)
	healthy.hears(beatBack)
	for range 150 {
		flood.hears(beatBack)
	}
	// A hundred at once, fifty at a hundred a second.
	if took := time.Since(start); took < 400*time.Millisecond {
		t.Errorf("150 frames were taken in %v", took)
	}
}
