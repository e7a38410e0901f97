package dashboard

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

var here = netip.MustParseAddr("192.0.2.7")

func TestPausesDoubleAndEnd(t *testing.T) {
	now := time.Now()
	a := NewAttempts(func() time.Time { return now })
	for i := range triesPerAccount {
		left, until := a.Begin("sana@a.example", here)
		if !until.IsZero() || left != triesPerAccount-1-i {
			t.Fatalf("try %d: %d left, paused until %v", i, left, until)
		}
	}
	for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		_, until := a.Begin("sana@a.example", here)
		if got := until.Sub(now); got != want {
			t.Fatalf("the pause is %v, want %v", got, want)
		}
		now = until
		if _, until := a.Begin("sana@a.example", here); !until.IsZero() {
			t.Fatal("no try is allowed after the pause")
		}
	}
	now = now.Add(forgetAfter + longestPause + time.Second)
	if left, _ := a.Begin("sana@a.example", here); left != triesPerAccount-1 {
		t.Errorf("%d tries are left after a long time, want %d", left, triesPerAccount-1)
	}
}

func TestASuccessForgetsItsFailures(t *testing.T) {
	a := NewAttempts(time.Now)
	for range triesPerAccount {
		a.Begin("sana@a.example", here) // the last of them with the right password
	}
	a.Succeed("sana@a.example", here)
	if left, until := a.Begin("sana@a.example", here); left != triesPerAccount-1 || !until.IsZero() {
		t.Errorf("after a success %d tries are left, paused until %v", left, until)
	}
}

func TestWhoAlwaysSucceedsIsNeverPaused(t *testing.T) {
	a := NewAttempts(time.Now)
	for range 10 * triesPerNetwork {
		if _, until := a.Begin("sana@a.example", here); !until.IsZero() {
			t.Fatalf("paused until %v", until)
		}
		a.Succeed("sana@a.example", here)
	}
}

func TestNobodyElseIsPaused(t *testing.T) {
	a := NewAttempts(time.Now)
	for range triesPerAccount {
		a.Begin("sana@a.example", here)
	}
	if _, until := a.Begin("sana@a.example", here); until.IsZero() {
		t.Error("the guesser is not paused")
	}
	if _, until := a.Begin("sana@a.example", netip.MustParseAddr("198.51.100.1")); !until.IsZero() {
		t.Error("the same account is paused elsewhere")
	}
	if _, until := a.Begin("ravi@a.example", here); !until.IsZero() {
		t.Error("another account in the same network is paused")
	}
}

func TestOneNetworkCannotTryManyAccounts(t *testing.T) {
	a := NewAttempts(time.Now)
	allowed := 0
	for i := range 1000 {
		from := netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1)) // many addresses of one subscriber
		if _, until := a.Begin(fmt.Sprintf("p%d@a.example", i), from); until.IsZero() {
			allowed++
		}
	}
	if allowed != triesPerNetwork {
		t.Errorf("%d tries were allowed, want %d", allowed, triesPerNetwork)
	}
}

func TestTheMemoryOfFailuresIsBounded(t *testing.T) {
	now := time.Now()
	a := NewAttempts(func() time.Time { return now })
	for i := range maxWatched + 500 {
		now = now.Add(time.Millisecond)
		a.Begin("sana@a.example", netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if got := len(a.watched); got > maxWatched {
		t.Errorf("%d are remembered, want at most %d", got, maxWatched)
	}
}
