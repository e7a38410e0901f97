package chat_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"planga/chat"
)

// say posts a message of ann's with the files, in a room of app 1 unless told otherwise, straight into the store.

func (d *desk) say(t *testing.T, r chat.Room, attachments ...chat.Attachment) chat.Message {
	t.Helper()
	ann := chat.User{ID: "ann", Name: "Ann"}
	if _, err := d.store.Enter(t.Context(), chat.Entry{Room: r, User: ann, Admit: true, At: d.now}); err != nil {
		t.Fatal(err)
	}
	id := chat.NewMessageID()
	m, _, err := d.store.Post(t.Context(), chat.Draft{Room: r, ID: id, ClientID: chat.ClientID(id), Author: ann.ID,
		Kind: chat.Text, Body: "look", Attachments: attachments, SentAt: d.now})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// erase takes a message's files away from it, as deleting it does.

func (d *desk) erase(t *testing.T, id chat.MessageID) {
	t.Helper()
	_, _, err := d.store.Amend(t.Context(), room, id, "", func(m *chat.Message) error {
		m.Attachments = nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) collect(t *testing.T, want int) {
	t.Helper()
	if got, err := d.CollectIdle(t.Context()); err != nil || got != want {
		t.Errorf("%d files were cleared away (%v), want %d", got, err, want)
	}
}

func TestAFileThatNoMessageHoldsGoesAfterADay(t *testing.T) {
	d := newDesk(t)
	d.uploaded(t, "lost.txt", []byte("lost"))
	kept := d.uploaded(t, "kept.txt", []byte("kept"))
	d.say(t, room, kept.Attachment)
	d.now = d.now.Add(chat.KeepIdleFiles - time.Minute)
	d.collect(t, 0)
	d.now = d.now.Add(2 * time.Minute)
	d.collect(t, 1)
	d.wantOnDisk(t, 1)
	if got := string(d.read(t, kept)); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func TestAFileLastsAsLongAsAMessageHoldsIt(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(t, "a.txt", []byte("a"))
	first, second := d.say(t, room, f.Attachment), d.say(t, room, f.Attachment)
	for _, m := range []chat.Message{first, second} {
		d.now = time.Now().Add(25 * time.Hour)
		d.collect(t, 0)
		d.erase(t, m.ID)
	}
	d.now = time.Now()
	d.collect(t, 0) // it became idle only now
	d.now = time.Now().Add(25 * time.Hour)
	d.collect(t, 1)
	d.wantOnDisk(t, 0)
}

func TestReactionsAndEditsLeaveFilesAlone(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(t, "a.txt", []byte("a"))
	m := d.say(t, room, f.Attachment)
	_, _, err := d.store.Amend(t.Context(), room, m.ID, "", func(m *chat.Message) error {
		m.Body, m.Reactions = "edited", map[string][]chat.UserID{"👍": {"ann"}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(25 * time.Hour)
	d.collect(t, 0)
}

// A message that names another app's file must not keep it, nor learn that it exists.

func TestAMessageHoldsNoFileOfAnotherApp(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(t, "a.txt", []byte("a"))
	d.say(t, chat.Room{App: 2, Conversation: "spies"}, f.Attachment)
	d.now = d.now.Add(25 * time.Hour)
	d.collect(t, 1)
}

func TestEqualContentStaysForTheOthers(t *testing.T) {
	d := newDesk(t)
	d.uploaded(t, "a.txt", []byte("same"))
	kept := d.uploaded(t, "b.txt", []byte("same"))
	d.wantOnDisk(t, 1)
	d.say(t, room, kept.Attachment)
	d.now = d.now.Add(25 * time.Hour)
	d.collect(t, 1)
	if got := string(d.read(t, kept)); got != "same" {
		t.Errorf("got %q", got)
	}
}

// Between the look and the storing of the message the file must not vanish.

func TestErasingTakesHeldFilesTooAndNobodyElses(t *testing.T) {
	d := newDesk(t)
	d.limits.Idle = 1000
	f := d.uploaded(t, "a.txt", []byte("same"))
	d.say(t, room, f.Attachment)
	for i := range 450 {
		d.uploaded(t, "b.txt", fmt.Append(nil, "of ann ", i))
	}
	others := map[chat.AppID]chat.UserID{1: "bob", 2: "ann"}
	for app, user := range others {
		if _, err := d.Upload(t.Context(), chat.NewFile{App: app, Owner: user, Size: -1, Body: strings.NewReader("same")}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := d.EraseFiles(t.Context(), 1, "ann"); err != nil || n != 451 {
		t.Errorf("%d files were erased, %v", n, err)
	}
	d.wantOnDisk(t, 1)
	if _, _, _, err := d.Open(t.Context(), ticket(t, d.Address(f.Attachment))); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("opening an erased file: got %v", err)
	}
	if n, err := d.EraseFiles(t.Context(), 1, ""); err != nil || n != 1 {
		t.Errorf("%d files of the app were erased, %v", n, err)
	}
	d.wantOnDisk(t, 1)
}

// forgetfulFiles records no file any more: as after a kill between the keeping of content and the recording of the file.

type forgetfulFiles struct{ chat.Files }

func (forgetfulFiles) AddFile(context.Context, chat.File, chat.FileLimits) error {
	return chat.Unavailable(context.DeadlineExceeded, time.Second)
}

func TestContentWithoutAFileIsRemoved(t *testing.T) {
	d := newDesk(t)
	kept := d.uploaded(t, "a.txt", []byte("kept"))
	d.Files = forgetfulFiles{d.store}
	for _, content := range []string{"new", "kept"} {
		if _, err := d.upload(t, "b.txt", []byte(content)); chat.CodeOf(err) != chat.StorageUnavailable {
			t.Errorf("got %v", err)
		}
	}
	d.wantOnDisk(t, 1)
	d.Files = d.store
	in, err := d.Contents.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write([]byte("lost in a crash")); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Keep(); err != nil {
		t.Fatal(err)
	}
	d.wantOnDisk(t, 2)
	if n, err := d.CollectLost(t.Context()); err != nil || n != 1 {
		t.Errorf("%d contents were removed, %v", n, err)
	}
	if got := string(d.read(t, kept)); got != "kept" {
		t.Errorf("got %q", got)
	}
}

// While uploads and removals of the same content race, a file that is known always has its content.

func TestAKnownFileAlwaysHasItsContent(t *testing.T) {
	d := newDesk(t)
	var all sync.WaitGroup
	for _, user := range []chat.UserID{"ann", "bob", "mia"} {
		all.Go(func() {
			for range 20 {
				f, err := d.Upload(t.Context(), chat.NewFile{App: 1, Owner: user, Size: -1, Body: strings.NewReader("same")})
				if err != nil {
					t.Error(err)
					return
				}
				_, content, _, err := d.Open(t.Context(), ticket(t, d.Address(f.Attachment)))
				if err != nil {
					t.Errorf("a file just uploaded: %v", err)
					return
				}
				content.Close()
				if _, err := d.EraseFiles(t.Context(), 1, user); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range 20 {
			if _, err := d.CollectLost(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	d.wantOnDisk(t, 0)
}

func TestClearingAwayGoesOnUntilItIsStopped(t *testing.T) {
	d := newDesk(t)
	d.uploaded(t, "a.txt", []byte("a"))
	d.now = d.now.Add(25 * time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	turns := &countingFiles{Files: d.store, turns: make(chan int)}
	d.Files = turns
	var run sync.WaitGroup
	run.Go(func() { d.Run(ctx, time.Millisecond) })
	for want := range 3 {
		select {
		case got := <-turns.turns:
			if first := got > 0; first != (want == 0) {
				t.Errorf("turn %d cleared away %d files", want, got)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was cleared away")
		}
	}
	stop()
	run.Wait()
	d.wantOnDisk(t, 0)
}

// countingFiles tells how many files each turn of clearing away began with.

type countingFiles struct {
	chat.Files
	turns chan int
	more  bool
}

func (c *countingFiles) DropIdleFiles(ctx context.Context, before time.Time, limit int) ([]chat.Hash, error) {
	hashes, err := c.Files.DropIdleFiles(ctx, before, limit)
	if again := c.more; !again {
		select {
		case c.turns <- len(hashes):
		case <-ctx.Done():
		}
	}
	c.more = len(hashes) > 0
	return hashes, err
}
