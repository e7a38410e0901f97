package sqlite

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"planga/chat"
)

// until tries again until done, and fails the test if that takes too long.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(end) {
			t.Fatalf("%s: it never happened", what)
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}

// unavailable fails the test unless err says that it should be tried again later.
func unavailable(t *testing.T, err error) {
	t.Helper()
	if refusal := chat.AsError(err); err == nil || refusal.Code != chat.StorageUnavailable || refusal.RetryAfter <= 0 {
		t.Errorf("got %v, want storage_unavailable and when to try again", err)
	}
}

// fillUp makes the database full: the writing connection may not let the file grow.
func fillUp(t *testing.T, c *Chat) {
	t.Helper()
	err := c.engine.write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("PRAGMA max_page_count = 1") // SQLite takes the present size instead
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFullDiskIsAnsweredAndLeftBehind(t *testing.T) {
	t.Parallel()
	c := openTestChat(t)
	enterAnn(t, c)
	mustPost(t, c, "before")
	fillUp(t, c)
	var acked []int64
	var err error
	for i := 0; err == nil; i++ {
		var m chat.Message
		if m, _, err = c.Post(t.Context(), testDraft(fmt.Sprint("until full ", i))); err == nil {
			acked = append(acked, m.Seq)
		}
	}
	unavailable(t, err)
	if c.Healthy() == nil {
		t.Error("the store says that it is healthy")
	}
	unavailable(t, c.Done(t.Context(), []string{"x"}))
	if p, err := c.Read(t.Context(), testRoom, chat.Query{Limit: 1}); err != nil || p.Conversation.HeadSeq != int64(len(acked)+1) {
		t.Errorf("reading meanwhile: got %+v, %v, want head %d", p.Conversation, err, len(acked)+1)
	}
	until(t, "recovery", func() bool { return c.Healthy() == nil }) // a fresh connection has no such limit
	if m := mustPost(t, c, "after"); m.Seq != int64(len(acked)+2) {
		t.Errorf("got seq %d, want %d", m.Seq, len(acked)+2)
	}
}

func TestAFileThatHasGoneIsNoticedAndTakenUpAgain(t *testing.T) {
	t.Parallel()
	c := openTestChat(t)
	enterAnn(t, c)
	mustPost(t, c, "before")
	path := c.engine.path
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Post(t.Context(), testDraft("lost"))
	unavailable(t, err)
	if err := c.Healthy(); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("got %v, want it to say that the file has gone", err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	until(t, "recovery", func() bool { return c.Healthy() == nil })
	if m := mustPost(t, c, "after"); m.Seq != 2 {
		t.Errorf("got seq %d, want 2", m.Seq)
	}
}

func TestAForeignFileInItsPlaceIsNotWritten(t *testing.T) {
	t.Parallel()
	c := openTestChat(t)
	enterAnn(t, c)
	path := c.engine.path
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("foreign ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Post(t.Context(), testDraft("1"))
	unavailable(t, err)
	until(t, "a look at the foreign file", func() bool {
		err := c.Healthy()
		return err != nil && strings.Contains(err.Error(), "not a database")
	})
	if content, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(content), "foreign") {
		t.Errorf("the foreign file was written to (%v)", err)
	}
}

func TestAFileThatSomebodyElseHoldsIsTriedAgain(t *testing.T) {
	t.Parallel()
	c := openTestChat(t)
	enterAnn(t, c)
	holder, err := openWriter(c.engine.path)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	tx, err := holder.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Post(t.Context(), testDraft("1"))
	unavailable(t, err)
	if err := c.Healthy(); err != nil {
		t.Errorf("got %v, want nothing wrong with the file itself", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	mustPost(t, c, "1")
}

func TestAFailedCommitIsNotTakenForOne(t *testing.T) {
	t.Parallel()
	c := openTestChat(t)
	enterAnn(t, c)
	_, err := submit(t.Context(), c.engine, func(b *batch) (struct{}, error) {
		c.rooms.known[testRoom].HeadSeq = 1 << 40 // what the table does not allow
		c.rooms.advance(c.rooms.known[testRoom], 2)
		return struct{}{}, nil
	})
	unavailable(t, err)
	until(t, "recovery", func() bool { return c.Healthy() == nil })
	if m := mustPost(t, c, "1"); m.Seq != 1 || m.Rev != 2 {
		t.Errorf("got seq %d, rev %d, want 1, 2", m.Seq, m.Rev)
	}
}
