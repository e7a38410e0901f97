package sqlite

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func postMany(t *testing.T, c *Chat, posts int) {
	t.Helper()
	var group sync.WaitGroup
	for sender := range 8 {
		group.Go(func() {
			for i := range posts / 8 {
				if _, _, err := c.Post(t.Context(), testDraft(fmt.Sprint(sender, " ", i))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestTheCheckpointerCopiesBeforeTheCommitterMust(t *testing.T) {
	c := openTestChat(t)
	enterAnn(t, c)
	before := size(t, c.engine.path)
	postMany(t, c, writesPerCheckpoint+8)
	if wal := size(t, c.engine.path+"-wal"); wal > 4000*4096 {
		t.Fatalf("the WAL has %d bytes already: this proves nothing", wal)
	}
	until(t, "a checkpoint", func() bool { return size(t, c.engine.path) > before })
}

func TestTheWALDoesNotGrowForEver(t *testing.T) {
	c := openTestChat(t)
	enterAnn(t, c)
	postMany(t, c, 20*writesPerCheckpoint)
	if wal, most := size(t, c.engine.path+"-wal"), int64(64<<20); wal > most {
		t.Errorf("the WAL has %d bytes, want at most %d", wal, most)
	}
}
