package sqlite

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"planga/chat"
)

var uploadTime = time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)

var plenty = chat.FileLimits{Quota: 1 << 40, Idle: 1000}

// aFile is a file of ann's in app 1 with that id.
func aFile(id string) chat.File {
	return chat.File{
		Attachment: chat.Attachment{ID: id, Name: "Grüße.png", Type: "image/png", Size: 100, Width: 4, Height: 3},
		App:        1, Owner: "ann", Hash: sha256.Sum256([]byte(id)), UploadedAt: uploadTime, IdleSince: uploadTime,
	}
}

func openFiles(t *testing.T, ids ...string) *Chat {
	t.Helper()
	c, err := OpenChat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, id := range ids {
		if err := c.AddFile(t.Context(), aFile(id), plenty); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestFilesAreKeptAsTheyAre(t *testing.T) {
	c := openFiles(t, "a", "b")
	if got, err := c.File(t.Context(), "a"); err != nil || got != aFile("a") {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.File(t.Context(), "c"); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("an unknown file: got %v", err)
	}
	if err := c.AddFile(t.Context(), aFile("a"), plenty); chat.CodeOf(err) != chat.Conflict {
		t.Errorf("the same id again: got %v", err)
	}
	if n, err := c.FileBytes(t.Context(), 1); err != nil || n != 200 {
		t.Errorf("got %d bytes, %v", n, err)
	}
	if n, err := c.FileBytes(t.Context(), 2); err != nil || n != 0 {
		t.Errorf("of another app: got %d bytes, %v", n, err)
	}
	if err := c.AddFile(t.Context(), aFile("c"), chat.FileLimits{Quota: 299, Idle: 3}); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("beyond the quota: got %v", err)
	}
	if err := c.AddFile(t.Context(), aFile("c"), chat.FileLimits{Quota: 300, Idle: 3}); err != nil {
		t.Errorf("at the quota: got %v", err)
	}
	if err := c.AddFile(t.Context(), aFile("d"), chat.FileLimits{Quota: 1 << 40, Idle: 3}); chat.CodeOf(err) != chat.RateLimited {
		t.Errorf("with as many idle ones as may be: got %v", err)
	}
}

// holders returns how many messages hold a file, and since when none does.
func (c *Chat) holders(t *testing.T, id string) (n int, idle int64) {
	t.Helper()
	err := c.engine.read(t.Context(), func(tx *sql.Tx) error {
		return tx.QueryRow(`SELECT messages, idle_since FROM files WHERE id = ?`, id).Scan(&n, &idle)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, idle
}

// However a message comes, changes or goes, the files that it holds follow.
func TestMessagesHoldTheirFilesHoweverTheyChange(t *testing.T) {
	c := openFiles(t, "a", "b")
	r := chat.Room{App: 1, Conversation: "bikes"}
	if _, err := c.Enter(t.Context(), chat.Entry{Room: r, User: chat.User{ID: "ann", Name: "Ann"}, Admit: true, At: uploadTime}); err != nil {
		t.Fatal(err)
	}
	a, b := aFile("a").Attachment, aFile("b").Attachment
	m, _, err := c.Post(t.Context(), chat.Draft{Room: r, ID: chat.NewMessageID(), ClientID: "1", Author: "ann", Kind: chat.Text, Body: "look",
		Attachments: []chat.Attachment{a, {ID: "unknown"}}, SentAt: uploadTime})
	if err != nil {
		t.Fatal(err)
	}
	want := func(when string, ofA, ofB int) {
		t.Helper()
		gotA, idleA := c.holders(t, "a")
		gotB, _ := c.holders(t, "b")
		if gotA != ofA || gotB != ofB || (idleA == 0) != (ofA > 0) {
			t.Errorf("%s: %d messages hold a (idle since %d) and %d b, want %d and %d", when, gotA, idleA, gotB, ofA, ofB)
		}
	}
	want("posted", 1, 0)
	change := func(when string, attachments ...chat.Attachment) {
		t.Helper()
		_, _, err := c.Amend(t.Context(), r, m.ID, "", func(m *chat.Message) error { m.Attachments = attachments; return nil })
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
	}
	change("exchanged", b)
	want("exchanged", 0, 1)
	if _, idle := c.holders(t, "a"); time.Since(time.UnixMilli(idle)) > time.Minute {
		t.Errorf("a is idle since %s", time.UnixMilli(idle))
	}
	change("both", a, b)
	want("both", 1, 1)
	change("none")
	want("none", 0, 0)
	change("both again", a, b)
	err = c.engine.write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM messages`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want("the message is gone", 0, 0)
}

func TestIdleFilesAreDroppedOldestFirst(t *testing.T) {
	c := openFiles(t)
	for i := range 5 {
		f := aFile(fmt.Sprint(i))
		f.IdleSince = uploadTime.Add(time.Duration(-i) * time.Hour)
		if err := c.AddFile(t.Context(), f, plenty); err != nil {
			t.Fatal(err)
		}
	}
	var got []chat.Hash
	for {
		some, err := c.DropIdleFiles(t.Context(), uploadTime, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		got = append(got, some...)
	}
	if len(got) != 4 || slices.Contains(got, aFile("0").Hash) {
		t.Errorf("%d files were dropped, want the 4 older ones", len(got))
	}
	if n, err := c.FileBytes(t.Context(), 1); err != nil || n != 100 {
		t.Errorf("%d bytes are counted, %v", n, err)
	}
	for id, want := range map[string]bool{"0": true, "4": false} {
		if held, err := c.HoldsHash(t.Context(), aFile(id).Hash); err != nil || held != want {
			t.Errorf("file %s: got held %v, %v", id, held, err)
		}
	}
}

func TestFilesOfAUserAreFoundAndDropped(t *testing.T) {
	c := openFiles(t, "a", "b")
	other := aFile("c")
	other.Owner = "bob"
	if err := c.AddFile(t.Context(), other, plenty); err != nil {
		t.Fatal(err)
	}
	files, err := c.FilesOf(t.Context(), 1, "ann", []string{"b", "c", "d"})
	if err != nil || len(files) != 1 || files[0] != aFile("b") {
		t.Errorf("got %+v, %v", files, err)
	}
	if hashes, err := c.DropFilesOf(t.Context(), 1, "ann", 10); err != nil || len(hashes) != 2 {
		t.Errorf("of ann: %d dropped, %v", len(hashes), err)
	}
	if hashes, err := c.DropFilesOf(t.Context(), 2, "", 10); err != nil || len(hashes) != 0 {
		t.Errorf("of another app: %d dropped, %v", len(hashes), err)
	}
	if hashes, err := c.DropFilesOf(t.Context(), 1, "", 10); err != nil || len(hashes) != 1 {
		t.Errorf("of the app: %d dropped, %v", len(hashes), err)
	}
}

func TestDerivedKeysDifferAndStay(t *testing.T) {
	dir := t.TempDir()
	if _, err := DerivedKey(dir, "files"); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("without a master key: got %v", err)
	}
	c, err := OpenChat(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	master, err := masterKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	keys := [][]byte{master}
	for _, purpose := range []string{"files", "mails"} {
		key, err := DerivedKey(dir, purpose)
		again, errAgain := DerivedKey(dir, purpose)
		if err != nil || errAgain != nil || len(key) != 32 || !bytes.Equal(key, again) {
			t.Errorf("%s: got %x, %x, %v, %v", purpose, key, again, err, errAgain)
		}
		if slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) }) {
			t.Errorf("the key for %s is used for something else", purpose)
		}
		keys = append(keys, key)
	}
}
