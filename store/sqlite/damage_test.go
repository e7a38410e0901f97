package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"planga/chat"
)

// sound returns the bytes of a database with a little of everything in it, with its master key beside it in dir.
func sound(t *testing.T, dir string) []byte {
	t.Helper()
	c, err := OpenChat(dir)
	if err != nil {
		t.Fatal(err)
	}
	enterAnn(t, c)
	for i := range 100 {
		mustPost(t, c, fmt.Sprint(i))
	}
	if err := c.SaveApp(t.Context(), chat.App{ID: 1, Revision: 1, Keys: []chat.Key{{PublicID: "pk", Secret: "sk"}}}); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// use does a little of everything. Whether it succeeds does not matter here, only that it comes back.
func use(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := OpenChat(dir)
	if err != nil {
		return // a sentence for the operator
	}
	_, _, _ = c.Post(ctx, testDraft("new"))
	_, _ = c.Read(ctx, testRoom, chat.Query{Limit: 200})
	_, _ = c.Inbox(ctx, 1, "ann", 10)
	_, _ = c.LoadApps(ctx)
	_ = c.Close()
	if ctx.Err() != nil {
		t.Error("it did not come back")
	}
}

func TestADamagedFileIsAnErrorAndNothingWorse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content := sound(t, dir)
	path := filepath.Join(dir, "chat.db")
	random := rand.New(rand.NewPCG(1, 2))
	spoil := func(name string, spoilt []byte) {
		for _, old := range []string{"-wal", "-shm"} {
			if err := os.RemoveAll(path + old); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		use(t, dir)
	}
	for flips := 1; flips <= 1000; flips *= 3 {
		for range 4 {
			spoilt := append([]byte{}, content...)
			for range flips {
				spoilt[random.IntN(len(spoilt))] ^= byte(1 << random.IntN(8))
			}
			spoil(fmt.Sprint(flips, " bits flipped"), spoilt)
		}
	}
	for size := 0; size < len(content); size += 4096 {
		spoil(fmt.Sprint("cut to ", size), content[:size])
		spoil(fmt.Sprint("cut to ", size+100), content[:min(size+100, len(content))])
	}
}

func TestADamagedWALLosesOnlyItsTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := OpenChat(dir)
	if err != nil {
		t.Fatal(err)
	}
	enterAnn(t, c)
	for i := range 20 {
		mustPost(t, c, fmt.Sprint(i))
	}
	copied := t.TempDir()
	for _, name := range []string{"chat.db", "chat.db-wal", masterKeyName} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "chat.db-wal" {
			content = content[:len(content)-1000] // in the middle of the last commit
		}
		if err := os.WriteFile(filepath.Join(copied, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenChat(copied)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	p, err := again.Read(t.Context(), testRoom, chat.Query{Limit: 200})
	if err != nil || p.Conversation.HeadSeq != 19 || len(p.Messages) != 19 {
		t.Errorf("got %d messages and head %d, %v, want 19", len(p.Messages), p.Conversation.HeadSeq, err)
	}
	if m := mustPost(t, again, "again"); m.Seq != 20 {
		t.Errorf("got seq %d, want 20", m.Seq)
	}
}
