package live_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"planga/bus"
	"planga/bus/memory"
	"planga/chat"
	"planga/chat/live"
	"planga/chat/phoenix"
	"planga/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a whole chat node in one process: SQLite, the in-process bus, real sockets.
type house struct {
	store     *sqlite.Chat
	bus       bus.Bus
	directory *chat.Directory
	service   *chat.Service
	live      *live.Server
	endpoint  *phoenix.Endpoint
	web       *httptest.Server
}

// key is the one API key of an app of tests.
func key(app chat.AppID) chat.Key {
	id := app.String()
	return chat.Key{
		PublicID: "pk_" + id, Secret: "sk_" + id + "_0123456789012345678901234567890123456",
		PrivateKey: "MDEyMzQ1Njc4OWFiY2RlZg", Active: true,
	}
}

func app(id chat.AppID) chat.App {
	return chat.App{ID: id, Name: "App " + id.String(), Revision: 1, Keys: []chat.Key{key(id)},
		Origins: []string{"https://good.example"}}
}

// newHouse opens a node with app 1.
func newHouse(t testing.TB, change ...func(*live.Options)) *house {
	t.Helper()
	store, err := sqlite.OpenChat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	carrier := memory.New()
	t.Cleanup(func() { carrier.Close() })
	return openNode(t, store, carrier, "node-1", change...)
}

// openNode opens one node over a store and a bus, which it may share with others.
func openNode(t testing.TB, store *sqlite.Chat, carrier bus.Bus, name string, change ...func(*live.Options)) *house {
	t.Helper()
	h := &house{store: store, bus: carrier, directory: chat.NewDirectory(store)}
	h.settle(t, app(1))
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.service = &chat.Service{
		Conversations: store, Publisher: live.Carrier{Bus: carrier}, Apps: h.directory, Now: time.Now, Log: log,
		Statistics: chat.NewCollector(name, time.Now),
	}
	options := live.Options{Service: h.service, Gate: h.directory, Bus: carrier, Node: name, Log: log, Now: time.Now}
	for _, c := range change {
		c(&options)
	}
	var err error
	if h.live, err = live.Open(options); err != nil {
		t.Fatal(err)
	}
	h.endpoint = phoenix.New(h.live, phoenix.Options{Logger: log, DrainOver: time.Millisecond})
	mux := http.NewServeMux()
	h.endpoint.Register(mux, "/socket")
	h.web = httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = h.endpoint.Drain(ctx)
		h.web.Close()
		if err := h.live.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// settle makes an app known, as a settings message does.
func (h *house) settle(t testing.TB, a chat.App) {
	t.Helper()
	if err := h.directory.Apply(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

// token is for a user of an app who may enter the conversations.
func token(t testing.TB, app chat.AppID, user string, role *chat.Role, conversations ...chat.ConversationID) string {
	t.Helper()
	token, err := chat.Mint(key(app), chat.Claims{
		User: chat.User{ID: chat.UserID(user), Name: "The " + user}, Role: role, Conversations: conversations,
	}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// testLog writes the log of the node into that of the test, and looks for credentials in it: all of them begin alike.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("eyJ")) || bytes.Contains(line, []byte("sk_")) {
		l.t.Error("a credential was logged")
	}
	l.t.Logf("%s", line)
	return len(line), nil
}
