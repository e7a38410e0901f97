package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"planga/chat"
)

var testRoom = chat.Room{App: 1, Conversation: "room"}

func testDraft(client string) chat.Draft {
	return chat.Draft{Room: testRoom, ID: chat.NewMessageID(), ClientID: chat.ClientID(client), Author: "ann", Kind: chat.Text,
		Body: "hello", SentAt: time.Now()}
}

func enterAnn(t *testing.T, c *Chat) {
	t.Helper()
	e := chat.Entry{Room: testRoom, User: chat.User{ID: "ann"}, Admit: true, At: time.Now()}
	if _, err := c.Enter(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func mustPost(t *testing.T, c *Chat, client string) chat.Message {
	t.Helper()
	m, _, err := c.Post(t.Context(), testDraft(client))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// another opens the same data a second time, as the operator's commands do while the server runs.
func another(t *testing.T, c *Chat) *Chat {
	t.Helper()
	other, err := OpenChat(filepath.Dir(c.engine.path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
	return other
}

func TestSecretsAreNotInTheFiles(t *testing.T) {
	dir := t.TempDir()
	c, err := OpenChat(dir)
	if err != nil {
		t.Fatal(err)
	}
	key := chat.Key{PublicID: "pk_public", Secret: "sk_a-secret-to-be-found", PrivateKey: "a-private-key-to-be-found"}
	if err := c.SaveApp(t.Context(), chat.App{ID: 1, Revision: 1, Keys: []chat.Key{key}}); err != nil {
		t.Fatal(err)
	}
	found := func() (public bool) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) < 2 {
			t.Fatalf("got files %q, %v", files, err)
		}
		for _, f := range files {
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			public = public || bytes.Contains(content, []byte(key.PublicID))
			for _, secret := range []string{key.Secret, key.PrivateKey} {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s contains %q", f, secret)
				}
			}
		}
		return public
	}
	while := found()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if after := found(); !while || !after {
		t.Error("the public id is not found, so the search proves nothing")
	}
}

func TestAnotherMasterKeyDoesNotOpenTheApps(t *testing.T) {
	dir := t.TempDir()
	c, err := OpenChat(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = c.SaveApp(t.Context(), chat.App{ID: 1, Revision: 1, Keys: []chat.Key{{PublicID: "pk", Secret: "sk"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, masterKeyName), []byte(strings.Repeat("A", 43)+"=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err = OpenChat(dir); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.LoadApps(t.Context()); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("got %v, want it to name the master key", err)
	}
}

func TestTheFilesAreTheirOwnersAlone(t *testing.T) {
	c := openTestChat(t)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(c.engine.path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %v, %v, want it closed to others", f, info.Mode(), err)
		}
	}
}

func TestAMessageIDThatIsTakenIsRefusedAndTakesNoNumber(t *testing.T) {
	c := openTestChat(t)
	enterAnn(t, c)
	first := mustPost(t, c, "1")
	d := testDraft("2")
	d.ID = first.ID
	if _, _, err := c.Post(t.Context(), d); chat.CodeOf(err) != chat.Conflict {
		t.Errorf("got %v, want conflict", err)
	}
	d.ID = "not a UUID"
	if _, _, err := c.Post(t.Context(), d); chat.CodeOf(err) != chat.Invalid {
		t.Errorf("got %v, want invalid", err)
	}
	if m := mustPost(t, c, "3"); m.Seq != 2 || m.Rev != 3 {
		t.Errorf("got seq %d, rev %d, want 2, 3", m.Seq, m.Rev)
	}
}

func TestWhatAnotherProcessWritesIsNotForgotten(t *testing.T) {
	c := openTestChat(t)
	enterAnn(t, c)
	other := another(t, c)
	for i, from := range []*Chat{c, other, other, c, other, c} {
		m := mustPost(t, from, string(rune('a'+i)))
		if m.Seq != int64(i+1) || m.Rev != int64(i+2) {
			t.Errorf("got seq %d, rev %d, want %d, %d", m.Seq, m.Rev, i+1, i+2)
		}
	}
	_, _, err := other.AmendParticipant(t.Context(), testRoom, "ann", "", func(p *chat.Participant) error {
		p.BannedUntil = time.Now().Add(time.Hour)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Post(t.Context(), testDraft("z")); chat.CodeOf(err) != chat.Banned {
		t.Errorf("got %v, want banned: the other process said so", err)
	}
}

func TestMoreThanIsRememberedKeepsItsNumbers(t *testing.T) {
	c := openTestChat(t)
	err := c.engine.write(t.Context(), func(*sql.Tx) error { // the committer's turn
		c.rooms.most = 3
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rooms := openRooms(t, c, 5)
	for n := range int64(4) {
		for _, r := range rooms {
			d := testDraft(strconv.FormatInt(n, 10))
			d.Room = r
			if m, _, err := c.Post(t.Context(), d); err != nil || m.Seq != n+1 || m.Rev != n+5 {
				t.Errorf("got seq %d, rev %d, %v, want %d, %d", m.Seq, m.Rev, err, n+1, n+5)
			}
		}
	}
}

func TestAWriteBesideTheStoreMakesTheCommitterForget(t *testing.T) {
	c := openTestChat(t)
	enterAnn(t, c)
	mustPost(t, c, "1")
	err := c.engine.write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE conversations SET rev = 41")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := mustPost(t, c, "2"); m.Seq != 2 || m.Rev != 42 {
		t.Errorf("got seq %d, rev %d, want 2, 42", m.Seq, m.Rev)
	}
}

func TestReadyIsToldAlsoWhenThePosterHasGone(t *testing.T) {
	c := openTestChat(t)
	enterAnn(t, c)
	<-c.Ready() // from opening
	ctx, cancel := context.WithCancel(t.Context())
	d := testDraft("1")
	d.Announce = chat.OnMessageCreated
	gone := make(chan error)
	go func() {
		_, err := submit(ctx, c.engine, func(b *batch) (posted, error) {
			cancel() // once it is the committer's turn
			p, err := preparePost(d)
			if err != nil {
				return posted{}, err
			}
			return c.post(b, p)
		})
		gone <- err
	}()
	<-gone // it may have heard the answer or not
	<-c.Ready()
	if events, err := c.Waiting(t.Context(), 10); err != nil || len(events) != 1 {
		t.Errorf("got %d events, %v, want one", len(events), err)
	}
}

func TestAPanicInAChangeHarmsNobodyElse(t *testing.T) {
	c := openTestChat(t)
	enterAnn(t, c)
	m := mustPost(t, c, "1")
	_, _, err := c.Amend(t.Context(), testRoom, m.ID, "", func(*chat.Message) error { panic("oh") })
	if chat.CodeOf(err) != chat.Internal {
		t.Errorf("got %v, want internal", err)
	}
	if m := mustPost(t, c, "2"); m.Seq != 2 {
		t.Errorf("got seq %d, want 2", m.Seq)
	}
}

func TestOutgoingEventsKeepTheirBytes(t *testing.T) {
	const kept = `{"ID":"0195","Type":"message.created","At":"2026-01-02T03:04:05Z","Room":{"App":7,"Conversation":"c"},` +
		`"Message":{"ID":"m","Seq":1,"Rev":2,"ClientID":"1","Author":{"ID":"ann","Name":"Ann","Avatar":"","Role":"moderator"},"Kind":"text",` +
		`"Body":"hello","ReplyTo":"","Mentions":null,"Attachments":null,"Reactions":null,"SentAt":"2026-01-02T03:04:05Z",` +
		`"EditedAt":"0001-01-01T00:00:00Z","DeletedAt":"0001-01-01T00:00:00Z","HiddenAt":"0001-01-01T00:00:00Z"},"Participant":null}`
	c := openTestChat(t)
	execute(t, c.engine.path, `INSERT INTO outbox (id, event) VALUES ('0195', '`+kept+`')`)
	events, err := c.Waiting(t.Context(), 1)
	if err != nil || len(events) != 1 {
		t.Fatalf("got %v, %v, want the event that an earlier release kept", events, err)
	}
	e := events[0]
	if e.ID != "0195" || e.Room.App != 7 || e.Message.Author.Role != chat.Moderator || e.Message.Body != "hello" || e.Message.SentAt.Year() != 2026 {
		t.Errorf("got %+v", e)
	}
}

func TestAClosedChatRefuses(t *testing.T) {
	c, err := OpenChat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Post(context.Background(), testDraft("1")); chat.CodeOf(err) != chat.StorageUnavailable {
		t.Errorf("post: got %v, want storage_unavailable", err)
	}
	if _, err := c.Read(context.Background(), testRoom, chat.Query{Limit: 1}); chat.CodeOf(err) != chat.StorageUnavailable {
		t.Errorf("read: got %v, want storage_unavailable", err)
	}
}
