package chat_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"planga/chat"
)

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
