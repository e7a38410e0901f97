package main

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "planga-chaos-test-")
	if err != nil {
		panic(err)
	}
	program = sync.OnceValues(func() (string, error) { return build(contextOfTests, dir) })
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

func TestTheContractHoldsUnderChaos(t *testing.T) {
	o := options{
		length: time.Second, each: 4 * time.Second, seed: 1, clients: 16, rooms: 2, kills: 40, pause: 1500 * time.Millisecond,
		pace: 100 * time.Millisecond, deeds: 150 * time.Millisecond, noticing: noticing, binary: binary(t),
	}
	var out bytes.Buffer
	if err := wreak(t.Context(), o, t.TempDir(), &out); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	if !strings.Contains(out.String(), "exactly once and in order") {
		t.Errorf("the verdict says %q", out.String())
	}
}

func TestTheCommandRefusesWhatCannotBe(t *testing.T) {
	for _, args := range [][]string{{"-clients", "1"}, {"-rooms", "0"}, {"-round", "0s"}, {"-pause", "-1s"}, {"-colour", "red"}} {
		if err := run(t.Context(), args, new(bytes.Buffer)); err == nil {
			t.Errorf("chaos %v was taken", args)
		}
	}
}
