package live_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"planga/chat"
	"planga/chat/live"
	"planga/store/files"
	"planga/store/sqlite"
)

// withFiles is a node with app 1 that takes files.
func withFiles(t *testing.T) (*house, *chat.Uploads) {
	t.Helper()
	folder, err := files.Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	var uploads *chat.Uploads
	h := newHouse(t, func(o *live.Options) {
		uploads = &chat.Uploads{
			Files: o.Service.Conversations.(*sqlite.Chat), Contents: folder, Apps: o.Service.Apps,
			Key: make([]byte, 32), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		}
		o.Service.Uploads = uploads
		o.URL = "https://chat.example"
	})
	return h, uploads
}

// uploads puts a text of ann's on the server.
func upload(t *testing.T, u *chat.Uploads, name, content string) chat.File {
	t.Helper()
	f, err := u.Upload(t.Context(), chat.NewFile{App: 1, Owner: "ann", Name: name, Size: -1, Body: strings.NewReader(content)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// fetch returns what is behind the address of a message's only attachment.
func fetch(t *testing.T, u *chat.Uploads, message map[string]any) string {
	t.Helper()
	all, _ := message["attachments"].([]any)
	if len(all) != 1 {
		t.Fatalf("got attachments %v, want one", message["attachments"])
	}
	address := all[0].(map[string]any)["url"].(string)
	at, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, "https://chat.example/files/") {
		t.Fatalf("got address %q, %v", address, err)
	}
	id, name, _ := strings.Cut(strings.TrimPrefix(at.Path, "/files/"), "/")
	_, content, _, err := u.Open(t.Context(), chat.Ticket{ID: id, Name: name, Expires: at.Query().Get("expires"), Signature: at.Query().Get("signature")})
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAMessageBringsItsFileToAll(t *testing.T) {
	h, uploads := withFiles(t)
	ann, bob := h.visits(t, "ann", "bikes"), h.visits(t, "bob", "bikes")
	limits := ann.joins("bikes")["limits"].(map[string]any)
	if limits["attachments"] != float64(chat.MaxAttachments) || limits["file_size"] != float64(chat.DefaultFileSize) {
		t.Errorf("got limits %v", limits)
	}
	bob.joins("bikes")
	f := upload(t, uploads, "Grüße.txt", "hello bob")
	ann.gets("conversation:bikes", "new_message", fmt.Sprintf(`{"client_id":"c1","body":"","attachments":[%q]}`, f.ID))
	heard := bob.hearsMessage("bikes", "")
	if got := fetch(t, uploads, heard); got != "hello bob" {
		t.Errorf("bob fetched %q", got)
	}
	mia := h.visits(t, "mia", "bikes")
	messages := mia.joins("bikes")["messages"].([]any)
	if got := fetch(t, uploads, messages[0].(map[string]any)); got != "hello bob" {
		t.Errorf("mia, who came later, fetched %q", got)
	}
}

func TestNobodyAttachesWhatIsNotTheirs(t *testing.T) {
	h, uploads := withFiles(t)
	bob := h.visits(t, "bob", "bikes")
	bob.joins("bikes")
	f := upload(t, uploads, "a.txt", "secret")
	for _, ids := range []string{fmt.Sprintf("[%q]", f.ID), `["unknown"]`, `[""]`} {
		bob.isRefused("conversation:bikes", "new_message", `{"client_id":"c1","body":"look","attachments":`+ids+`}`, chat.NotFound)
	}
	for _, ids := range []string{`["a","a"]`, `["a","b","c","d","e","f","g","h","i","j","k"]`, `[1]`, `"a"`, `{}`} {
		bob.isRefused("conversation:bikes", "new_message", `{"client_id":"c1","body":"look","attachments":`+ids+`}`, chat.Invalid)
	}
	bob.isRefused("conversation:bikes", "new_message", `{"client_id":"c1","body":"","attachments":[]}`, chat.Invalid)
	if head := bob.posts("bikes", "c1", "nothing was stored")["seq"]; head != 1.0 {
		t.Errorf("got seq %v", head)
	}
}

// A client that never got its answer repeats its post, possibly after the file is gone.
func TestARepeatIsRecognisedWhenItsFileIsGone(t *testing.T) {
	h, uploads := withFiles(t)
	ann := h.visits(t, "ann", "bikes")
	ann.joins("bikes")
	f, other := upload(t, uploads, "a.txt", "a"), upload(t, uploads, "b.txt", "b")
	post := func(id string) string { return fmt.Sprintf(`{"client_id":"c1","body":"look","attachments":[%q]}`, id) }
	first := ann.gets("conversation:bikes", "new_message", post(f.ID))
	if n, err := uploads.EraseFiles(t.Context(), 1, "ann"); err != nil || n != 2 {
		t.Fatalf("%d files were erased, %v", n, err)
	}
	again := ann.gets("conversation:bikes", "new_message", post(f.ID))
	if again["id"] != first["id"] || again["seq"] != first["seq"] || again["dup"] != true {
		t.Errorf("got %v, want %v again", again, first)
	}
	ann.isRefused("conversation:bikes", "new_message", post(other.ID), chat.ClientIDConflict)
}

func TestWithoutUploadsNoFilesAreTaken(t *testing.T) {
	h := newHouse(t)
	ann := h.visits(t, "ann", "bikes")
	if got := ann.joins("bikes")["limits"].(map[string]any)["attachments"]; got != 0.0 {
		t.Errorf("got limit %v", got)
	}
	ann.isRefused("conversation:bikes", "new_message", `{"client_id":"c1","body":"look","attachments":["a"]}`, chat.NotFound)
}

// visits is a visitor with a token of their own.
func (h *house) visits(t *testing.T, user string, conversations ...chat.ConversationID) *person {
	t.Helper()
	return h.comes(t, user, token(t, 1, user, nil, conversations...))
}
