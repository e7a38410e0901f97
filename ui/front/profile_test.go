package front

import (
	"log/slog"
	"strings"
	"testing"
)

func TestProfilesAreNotServedToTheWorld(t *testing.T) {
	for _, listen := range []string{":6060", "0.0.0.0:6060", "203.0.113.1:6060"} {
		if _, err := Profile(listen, slog.Default()); err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: got %v", listen, err)
		}
	}
	end, err := Profile("127.0.0.1:0", slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
