package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"planga/bus"
	"planga/bus/bustest"
	"planga/bus/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBus(t *testing.T) {
	bustest.Run(t, func(testing.TB) bus.Bus { return memory.New() })
}
