package chat_test

import (
	"context"
	"fmt"
	"strconv"
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

func TestTheFileOfADeletedMessageCannotBeOpenedAnyMore(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(t, "a.txt", []byte("a"))
	first, second := d.say(t, room, f.Attachment), d.say(t, room, f.Attachment)
	address := ticket(t, d.Address(f.Attachment))
	d.erase(t, first.ID)
	if got := string(d.read(t, f)); got != "a" {
		t.Errorf("while another message holds it: got %q", got)
	}
	d.erase(t, second.ID)
	if _, _, _, err := d.Open(t.Context(), address); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("by the address from before: got %v", err)
	}
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

func TestOnlyTheirOwnerAttachesFiles(t *testing.T) {
	d := newDesk(t)
	a, b := d.uploaded(t, "a.txt", []byte("a")), d.uploaded(t, "b.txt", []byte("b"))
	resolve := func(app chat.AppID, user chat.UserID, ids ...string) ([]chat.Attachment, error) {
		return d.ResolveAttachments(t.Context(), app, user, ids)
	}
	got, err := resolve(1, "ann", b.ID, a.ID)
	if err != nil || len(got) != 2 || got[0] != b.Attachment || got[1] != a.Attachment {
		t.Errorf("got %+v, %v; want b and a", got, err)
	}
	if got, err := resolve(1, "ann"); err != nil || got != nil {
		t.Errorf("of none: got %+v, %v", got, err)
	}
	for name, try := range map[string]struct {
		app  chat.AppID
		user chat.UserID
		ids  []string
		want chat.Code
	}{
		"somebody else":    {1, "bob", []string{a.ID}, chat.NotFound},
		"another app":      {2, "ann", []string{a.ID}, chat.NotFound},
		"an unknown file":  {1, "ann", []string{a.ID, "x"}, chat.NotFound},
		"an empty id":      {1, "ann", []string{""}, chat.NotFound},
		"NUL":              {1, "ann", []string{a.ID + "\x00"}, chat.NotFound},
		"one file twice":   {1, "ann", []string{a.ID, a.ID}, chat.Invalid},
		"a very long id":   {1, "ann", []string{strings.Repeat("x", 65)}, chat.Invalid},
		"eleven files":     {1, "ann", strings.Split("a b c d e f g h i j k", " "), chat.Invalid},
		"SQL in the place": {1, "ann", []string{"x') OR 1=1 --"}, chat.NotFound},
	} {
		got, err := resolve(try.app, try.user, try.ids...)
		if chat.CodeOf(err) != try.want {
			t.Errorf("%s: got %v, want %s", name, err, try.want)
		}
		for i, a := range got {
			if a != (chat.Attachment{ID: try.ids[i]}) {
				t.Errorf("%s: got %+v, want no more than the id", name, a)
			}
		}
	}
	if _, err := (*chat.Uploads)(nil).ResolveAttachments(t.Context(), 1, "ann", []string{a.ID}); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("without uploads: got %v", err)
	}
}

// Between the look and the storing of the message the file must not vanish.
func TestAFileAboutToGoCannotBeAttached(t *testing.T) {
	d := newDesk(t)
	f, held := d.uploaded(t, "a.txt", []byte("a")), d.uploaded(t, "b.txt", []byte("b"))
	d.say(t, room, held.Attachment)
	d.now = d.now.Add(chat.KeepIdleFiles - time.Minute)
	if _, err := d.ResolveAttachments(t.Context(), 1, "ann", []string{f.ID}); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("got %v", err)
	}
	if _, err := d.ResolveAttachments(t.Context(), 1, "ann", []string{held.ID}); err != nil {
		t.Errorf("one that a message holds: got %v", err)
	}
}

func TestTheQuotaOfAnApp(t *testing.T) {
	d := newDesk(t)
	d.limits.Quota = 1000
	content := []byte(strings.Repeat("a", 400))
	d.uploaded(t, "a.txt", content)
	d.uploaded(t, "b.txt", content)
	if _, err := d.upload(t, "c.txt", content); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("beyond the quota: got %v", err)
	}
	_, err := d.Upload(t.Context(), chat.NewFile{App: 1, Owner: "ann", Name: "c.txt", Size: -1, Body: strings.NewReader(strings.Repeat("b", 400))})
	if chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("beyond the quota, without saying so: got %v", err)
	}
	d.wantOnDisk(t, 1)
	if _, err := d.Upload(t.Context(), chat.NewFile{App: 2, Owner: "ann", Name: "c.txt", Size: 400, Body: strings.NewReader(string(content))}); err != nil {
		t.Errorf("another app: %v", err)
	}
	if n, err := d.EraseFiles(t.Context(), 1, "ann"); err != nil || n != 2 {
		t.Errorf("%d files were erased, %v", n, err)
	}
	d.uploaded(t, "d.txt", content)
}

func TestNobodyHoardsFilesThatNoMessageHolds(t *testing.T) {
	d := newDesk(t)
	d.limits.Idle = 2
	first := d.uploaded(t, "a.txt", []byte("a"))
	d.uploaded(t, "b.txt", []byte("b"))
	if _, err := d.upload(t, "c.txt", []byte("c")); chat.CodeOf(err) != chat.RateLimited {
		t.Errorf("the third: got %v", err)
	}
	d.wantOnDisk(t, 2)
	d.say(t, room, first.Attachment)
	d.uploaded(t, "c.txt", []byte("c"))
}

func TestManyAtOnceStayWithinTheQuota(t *testing.T) {
	d := newDesk(t)
	d.limits.Quota = 10
	var all sync.WaitGroup
	var mu sync.Mutex
	kept := 0
	for i := range 30 {
		all.Go(func() {
			_, err := d.Upload(t.Context(), chat.NewFile{App: 1, Owner: "ann", Size: -1, Body: strings.NewReader(strconv.Itoa(i % 10))})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				kept++
			} else if chat.CodeOf(err) != chat.Forbidden {
				t.Error(err)
			}
		})
	}
	all.Wait()
	used, err := d.store.FileBytes(t.Context(), 1)
	if kept != 10 || used != 10 || err != nil {
		t.Errorf("%d files were kept, %d bytes (%v), want 10", kept, used, err)
	}
	if n, err := d.CollectLost(t.Context()); err != nil || n != 0 {
		t.Errorf("%d contents were left over, %v", n, err)
	}
}

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

func TestOnlyOurUnexpiredAddressesOpen(t *testing.T) {
	d := newDesk(t)
	f, other := d.uploaded(t, "cat.txt", []byte("a")), d.uploaded(t, "cat.txt", []byte("b"))
	address := d.Address(f.Attachment)
	good, swapped := ticket(t, address), ticket(t, d.Address(other.Attachment))
	foreign := &chat.Uploads{Key: make([]byte, 32), Now: d.Now}
	flip := func(s string) string { return s[:5] + string(rune('A'+(s[5]+1)%26)) + s[6:] }
	later := strconv.FormatInt(d.now.Add(48*time.Hour).Unix(), 10)
	for name, bad := range map[string]chat.Ticket{
		"no signature":             {ID: good.ID, Name: good.Name, Expires: good.Expires},
		"a changed signature":      {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: flip(good.Signature)},
		"half a signature":         {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: good.Signature[:22]},
		"padding":                  {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: good.Signature + "="},
		"a line break":             {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: good.Signature + "\n"},
		"a later end":              {ID: good.ID, Name: good.Name, Expires: later, Signature: good.Signature},
		"another name":             {ID: good.ID, Name: "cat.exe", Expires: good.Expires, Signature: good.Signature},
		"the signature of another": {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: swapped.Signature},
		"moved between the parts":  {ID: good.ID + good.Name[:1], Name: good.Name[1:], Expires: good.Expires, Signature: good.Signature},
		"another server's":         ticket(t, foreign.Address(f.Attachment)),
		"nothing":                  {},
	} {
		if _, _, _, err := d.Open(t.Context(), bad); chat.CodeOf(err) != chat.Forbidden {
			t.Errorf("%s: got %v", name, err)
		}
	}
	made := d.now
	for _, after := range []time.Duration{0, 18*time.Hour - time.Second} {
		d.now = made.Add(after)
		_, content, expires, err := d.Open(t.Context(), good)
		if err != nil {
			t.Fatalf("after %s: %v", after, err)
		}
		content.Close()
		if left := expires.Sub(d.now); left <= 0 || left > 24*time.Hour {
			t.Errorf("after %s, %s are left", after, left)
		}
	}
	d.now = made.Add(24 * time.Hour)
	if _, _, _, err := d.Open(t.Context(), good); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("after a day: got %v", err)
	}
}

func TestAddressesStayTheSameForBrowsersToCache(t *testing.T) {
	d := newDesk(t)
	a := chat.Attachment{ID: "f", Name: "Grüße & Küsse/%2f?#.txt"}
	d.now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	first := d.Address(a)
	d.now = d.now.Add(6*time.Hour - time.Second)
	if again := d.Address(a); again != first {
		t.Errorf("got %q, then %q", first, again)
	}
	if got := ticket(t, first); got.Name != a.Name || got.ID != "f" {
		t.Errorf("%q is read as %+v", first, got)
	}
	d.now = d.now.Add(time.Second)
	if again := d.Address(a); again == first {
		t.Error("the address never changes")
	}
}

func TestFilesOfADeletedAppAreClosed(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(t, "a.txt", []byte("a"))
	directory := d.Apps.(*chat.Directory)
	if err := directory.Apply(t.Context(), chat.App{ID: 1, Revision: 2, Deleted: true}); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := d.Open(t.Context(), ticket(t, d.Address(f.Attachment))); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("got %v", err)
	}
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
