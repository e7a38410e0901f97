package live_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"planga/chat"
)

// frame1 is one frame of the first version of Phoenix's serializer.
type frame1 struct {
	Topic, Event string
	Payload      json.RawMessage
	Ref          *int64
}

// elder is somebody on a page of 2018.
type elder struct {
	t     *testing.T
	conn  *websocket.Conn
	topic string
	ref   int64
	inbox chan frame1
	heard []frame1
}

// app2018 is app 1 with the switch on.
func app2018() chat.App {
	a := app(1)
	a.Revision, a.Clients2018, a.Origins = 2, true, nil
	return a
}

// comesAsIn2018 connects the way the compiled client does: nothing is escaped, and the credentials make the topic too.
func (h *house) comesAsIn2018(t *testing.T, user string, extra map[string]any) *elder {
	t.Helper()
	options := map[string]any{"conversation_id": "bikes", "current_user_id": user, "current_user_name": "The <" + user + ">"}
	for k, v := range extra {
		options[k] = v
	}
	sealed, err := chat.Seal(key(1), options)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	id, config := encode([]byte("pk_1")), encode([]byte(sealed))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	address := "ws" + strings.TrimPrefix(h.web.URL, "http") + "/socket/websocket?public_api_id=" + id + "&config=" + config
	conn, _, err := websocket.Dial(ctx, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(8 << 20)
	e := &elder{t: t, conn: conn, topic: "encrypted_chat:" + id + "#" + config, inbox: make(chan frame1, 4096)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, data, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			var f frame1
			if err := json.Unmarshal(data, &f); err != nil {
				t.Errorf("no frame of 2018: %s", data)
				return
			}
			e.inbox <- f
		}
	}()
	t.Cleanup(func() {
		conn.CloseNow()
		<-done
	})
	return e
}

// asks pushes an event and returns the status and response of its reply.
func (e *elder) asks(event, payload string) (string, map[string]any) {
	e.t.Helper()
	ref := e.ref
	e.ref++
	text := fmt.Sprintf(`{"topic":%q,"event":%q,"payload":%s,"ref":%d}`, e.topic, event, payload, ref)
	if err := e.conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		e.t.Fatal(err)
	}
	f := e.waits("the reply to "+event, func(f frame1) bool { return f.Event == "phx_reply" && f.Ref != nil && *f.Ref == ref })
	reply := object(e.t, f.Payload)
	return reply["status"].(string), reply["response"].(map[string]any)
}

func (e *elder) waits(what string, fits func(frame1) bool) frame1 {
	e.t.Helper()
	for i, f := range e.heard {
		if fits(f) {
			e.heard = append(e.heard[:i], e.heard[i+1:]...)
			return f
		}
	}
	deadline := time.After(patience)
	for {
		select {
		case f := <-e.inbox:
			if fits(f) {
				return f
			}
			e.heard = append(e.heard, f)
		case <-deadline:
			e.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (e *elder) hears(event string) map[string]any {
	e.t.Helper()
	f := e.waits(event, func(f frame1) bool { return f.Topic == e.topic && f.Event == event })
	return object(e.t, f.Payload)
}

// joins enters and returns the messages that were there.
func (e *elder) joins() []any {
	e.t.Helper()
	status, response := e.asks("phx_join", "{}")
	if status != "ok" || response["current_user_name"] == nil {
		e.t.Fatalf("got %s %v", status, response)
	}
	return e.hears("messages_so_far")["messages"].([]any)
}

func TestAPageOf2018ChatsWithOneOfToday(t *testing.T) {
	h := newHouse(t)
	h.settle(t, app2018())
	ann := h.comesAsIn2018(t, "ann", nil)
	if old := ann.joins(); len(old) != 0 {
		t.Errorf("got %v", old)
	}
	info := ann.hears("changed_your_conversation_user_info")
	if role, ok := info["role"]; !ok || role != nil || info["banned_until"] != nil || info["user_id"] == nil {
		t.Errorf("got %v", info)
	}
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	bob.posts("bikes", "c1", `<b>"it's" & it</b>`)
	got := ann.hears("new_remote_message")
	if got["content"] != "&lt;b&gt;&quot;it&#39;s&quot; &amp; it&lt;/b&gt;" || got["author_name"] != "The bob" || got["author_uuid"] != "bob" {
		t.Errorf("got %v", got)
	}
	for _, key := range []string{"uuid", "author_name", "author_role", "author_uuid", "content", "sent_at", "deleted_at"} {
		if _, ok := got[key]; !ok {
			t.Errorf("%s is missing, so the client would lose the message", key)
		}
	}
	if at := got["sent_at"].(string); len(at) != len("2006-01-02T15:04:05.000000") {
		t.Errorf("got sent_at %s", at)
	}
	if status, _ := ann.asks("new_message", `{"message":"hello <b>"}`); status != "ok" {
		t.Errorf("got %s", status)
	}
	if got := ann.hears("new_remote_message"); got["author_name"] != "The <ann>" || got["content"] != "hello &lt;b&gt;" {
		t.Errorf("ann sees her own message as %v", got)
	}
	bob.hearsMessage("bikes", "hello <b>")
	for _, payload := range []string{`{"message":""}`, `{"message":" "}`, `{}`, `{"message":7}`} {
		if status, _ := ann.asks("new_message", payload); status != "error" {
			t.Errorf("new_message %s: got %s", payload, status)
		}
	}
}

func TestAModeratorOf2018HidesAndBans(t *testing.T) {
	h := newHouse(t)
	h.settle(t, app2018())
	mia := h.comesAsIn2018(t, "mia", map[string]any{"current_user_role": "moderator"})
	mia.joins()
	if info := mia.hears("changed_your_conversation_user_info"); info["role"] != "moderator" {
		t.Errorf("got %v", info)
	}
	ann := h.comesAsIn2018(t, "ann", nil)
	ann.joins()
	ann.hears("changed_your_conversation_user_info")
	ann.asks("new_message", `{"message":"pills"}`)
	id := mia.hears("new_remote_message")["uuid"].(string)
	if status, _ := ann.asks("hide_message", `{"message_uuid":"`+id+`"}`); status != "error" {
		t.Error("ann may hide messages")
	}
	mia.asks("hide_message", `{"message_uuid":"`+id+`"}`)
	if got := mia.hears("changed_message"); got["deleted_at"] == nil || got["content"] != "pills" {
		t.Errorf("mia sees %v", got)
	}
	if got := ann.hears("changed_message"); got["deleted_at"] == nil || got["content"] != "" {
		t.Errorf("ann sees %v", got)
	}
	mia.asks("show_message", `{"message_uuid":"`+id+`"}`)
	if got := ann.hears("changed_message"); got["deleted_at"] != nil || got["content"] != "pills" {
		t.Errorf("ann sees %v", got)
	}
	mia.asks("ban_user", `{"user_uuid":"ann","duration_minutes":368640000}`)
	if got := ann.hears("changed_your_conversation_user_info"); got["banned_until"].(float64) < 2e10 {
		t.Errorf("got %v", got)
	}
	if status, _ := ann.asks("new_message", `{"message":"more pills"}`); status != "error" {
		t.Error("ann is banned, but may post")
	}
	mia.asks("unban_user", `{"user_uuid":"ann"}`)
	if got := ann.hears("changed_your_conversation_user_info"); got["banned_until"] != nil {
		t.Errorf("got %v", got)
	}
}

// older pages back as the client does, and returns the contents of the page.
func (e *elder) older(seen map[string]string) []any {
	e.t.Helper()
	least := "9"
	for _, at := range seen {
		least = min(least, at)
	}
	if status, response := e.asks("load_old_messages", `{"sent_before":"`+least+`"}`); status != "ok" {
		e.t.Fatalf("got %v", response)
	}
	return e.hears("messages_so_far")["messages"].([]any)
}

// note keeps what a page holds, by uuid, as the client does.
func note(seen map[string]string, page []any) {
	for _, m := range page {
		seen[m.(map[string]any)["uuid"].(string)] = m.(map[string]any)["sent_at"].(string)
	}
}

func TestAClientOf2018PagesBackToTheBeginning(t *testing.T) {
	h := newHouse(t, unlimited)
	h.settle(t, app2018())
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	const messages = 70
	for i := range messages {
		bob.posts("bikes", fmt.Sprint(i), fmt.Sprint("message ", i))
	}
	ann := h.comesAsIn2018(t, "ann", nil)
	seen := map[string]string{}
	note(seen, ann.joins())
	if len(seen) != 20 {
		t.Errorf("got %d messages at first, want 20", len(seen))
	}
	note(seen, ann.older(seen))
	// A page that was connected before pages back from where its earlier connection had come.
	again := h.comesAsIn2018(t, "ann", nil)
	again.joins()
	for page := again.older(seen); len(page) > 0; page = again.older(seen) {
		before := len(seen)
		if note(seen, page); len(seen) != before+len(page) {
			t.Error("a page repeats what the client has")
		}
	}
	if len(seen) != messages {
		t.Errorf("got %d messages in all, want %d", len(seen), messages)
	}
	times := map[string]bool{}
	for _, at := range seen {
		times[at] = true
	}
	if len(times) != messages {
		t.Errorf("%d messages share %d times", messages, len(times))
	}
	for _, payload := range []string{`{}`, `{"sent_before":"soon"}`, `{"sent_before":null}`} {
		if status, _ := again.asks("load_old_messages", payload); status != "error" {
			t.Errorf("load_old_messages %s: got %s", payload, status)
		}
	}
}

func TestWhatWasTypedWhileAClientOf2018WasAwayIsPosted(t *testing.T) {
	h := newHouse(t)
	h.settle(t, app2018())
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	ann := h.comesAsIn2018(t, "ann", nil)
	ann.ref = 7 // it counts on after a reconnection
	if status, response := ann.asks("new_message", `{"message":"typed meanwhile"}`); status != "ok" {
		t.Fatalf("got %v", response)
	}
	bob.hearsMessage("bikes", "typed meanwhile")
	if f := ann.waits("phx_error", func(f frame1) bool { return f.Event == "phx_error" && f.Topic == ann.topic }); f.Ref != nil {
		t.Errorf("got ref %v, which the client would take for a reply", *f.Ref)
	}
	ann.heard = nil
	if got := ann.joins(); len(got) != 1 {
		t.Errorf("got %v, want what was typed", got)
	}
}

func TestAClientOf2018ThatSaysNothingAfterItsReturnIsToldToJoin(t *testing.T) {
	h := newHouse(t)
	h.settle(t, app2018())
	ann := h.comesAsIn2018(t, "ann", nil)
	if f := ann.waits("phx_error", func(f frame1) bool { return f.Event == "phx_error" && f.Topic == ann.topic }); f.Ref != nil {
		t.Errorf("got ref %v, which the client would take for a reply", *f.Ref)
	}
	ann.joins()
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	bob.posts("bikes", "1", "are you back?")
	ann.hears("new_remote_message")
}

func TestRefusedClientsOf2018AreKeptQuiet(t *testing.T) {
	h := newHouse(t)
	refused := func(name string, ann *elder) {
		t.Helper()
		if status, _ := ann.asks("phx_join", "{}"); status != "error" {
			t.Errorf("%s: a join got %s", name, status)
		}
		if status, _ := ann.asks("new_message", `{"message":"hello"}`); status != "error" {
			t.Errorf("%s: a message got %s", name, status)
		}
	}
	refused("the switch is off", h.comesAsIn2018(t, "ann", map[string]any{"exp": time.Now().Add(time.Hour).Unix()}))
	h.settle(t, app2018())
	refused("the options expired", h.comesAsIn2018(t, "ann", map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}))
	stranger := h.comesAsIn2018(t, "ann", nil)
	stranger.topic = h.comesAsIn2018(t, "bob", nil).topic
	if status, response := stranger.asks("phx_join", "{}"); status != "error" || response["reason"] != "forbidden" {
		t.Errorf("somebody else's topic: got %s %v", status, response)
	}
}
