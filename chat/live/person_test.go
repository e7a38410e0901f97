package live_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"planga/chat"
)

// patience is how long a person waits for what must come.
const patience = 5 * time.Second

// frame is one frame of the second version of Phoenix's serializer.
type frame struct {
	joinRef, ref, topic, event string
	payload                    json.RawMessage
}

// person is somebody at a real socket.
type person struct {
	t     testing.TB
	name  string
	conn  *websocket.Conn
	inbox chan frame
	heard []frame // taken from inbox and not yet asked for
	refs  int
	gone  chan struct{}
	err   error // why the socket ended; after gone

	patience time.Duration
}

// comes connects somebody with a token.
func (h *house) comes(t testing.TB, name, token string) *person {
	t.Helper()
	p, err := h.dial(t, name, token, nil)
	if err != nil {
		t.Fatalf("%s cannot connect: %v", name, err)
	}
	return p
}

func (h *house) dial(t testing.TB, name, token string, header http.Header) (*person, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	url := "ws" + strings.TrimPrefix(h.web.URL, "http") + "/socket/websocket?vsn=2.0.0"
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPHeader:   header,
		Subprotocols: []string{"phoenix", "base64url.bearer.phx." + base64.RawURLEncoding.EncodeToString([]byte(token))},
	})
	if err != nil {
		return nil, err
	}
	return h.settles(t, name, conn), nil
}

// settles listens to a connection.
func (h *house) settles(t testing.TB, name string, conn *websocket.Conn) *person {
	conn.SetReadLimit(8 << 20)
	p := &person{t: t, name: name, conn: conn, inbox: make(chan frame, 4096), gone: make(chan struct{}), patience: patience}
	go p.listen()
	t.Cleanup(func() {
		conn.CloseNow()
		<-p.gone
	})
	return p
}

func (p *person) listen() {
	defer close(p.gone)
	for {
		_, data, err := p.conn.Read(context.Background())
		if err != nil {
			p.err = err
			return
		}
		var parts [5]json.RawMessage
		if err := json.Unmarshal(data, &parts); err != nil {
			p.err = err
			return
		}
		text := func(raw json.RawMessage) string { return strings.Trim(string(raw), `"`) }
		p.inbox <- frame{text(parts[0]), text(parts[1]), text(parts[2]), text(parts[3]), parts[4]}
	}
}

// says sends a frame and returns its ref.
func (p *person) says(topic, event, payload string) string {
	p.t.Helper()
	p.refs++
	ref := strconv.Itoa(p.refs)
	name, _ := json.Marshal(topic)
	kind, _ := json.Marshal(event)
	p.sends(`["1","` + ref + `",` + string(name) + `,` + string(kind) + `,` + payload + `]`)
	return ref
}

func (p *person) sends(text string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatalf("%s cannot send: %v", p.name, err)
	}
}

// waits returns the first frame that fits, and keeps the others for later.
func (p *person) waits(what string, fits func(frame) bool) frame {
	p.t.Helper()
	for i, f := range p.heard {
		if fits(f) {
			p.heard = append(p.heard[:i], p.heard[i+1:]...)
			return f
		}
	}
	deadline := time.After(p.patience)
	for {
		select {
		case f := <-p.inbox:
			if fits(f) {
				return f
			}
			p.heard = append(p.heard, f)
		case <-deadline:
			p.t.Fatalf("%s waited in vain for %s; heard instead: %s", p.name, what, p.tells())
		}
	}
}

func (p *person) tells() string {
	var b strings.Builder
	for _, f := range p.heard {
		b.WriteString("\n  " + f.topic + " " + f.event + " " + string(f.payload))
	}
	return b.String()
}

// hears waits for an event on a topic and decodes its payload.
func (p *person) hears(topic, event string) map[string]any {
	p.t.Helper()
	f := p.waits(event+" on "+topic, func(f frame) bool { return f.topic == topic && f.event == event })
	return object(p.t, f.payload)
}

// asks sends an event and returns the status and response of the reply.
func (p *person) asks(topic, event, payload string) (string, map[string]any) {
	p.t.Helper()
	ref := p.says(topic, event, payload)
	f := p.waits("the reply to "+event, func(f frame) bool { return f.event == "phx_reply" && f.ref == ref })
	var reply struct {
		Status   string
		Response json.RawMessage
	}
	if err := json.Unmarshal(f.payload, &reply); err != nil {
		p.t.Fatal(err)
	}
	return reply.Status, object(p.t, reply.Response)
}

// gets is asks for what must succeed.
func (p *person) gets(topic, event, payload string) map[string]any {
	p.t.Helper()
	status, response := p.asks(topic, event, payload)
	if status != "ok" {
		p.t.Fatalf("%s asked %s %s: got %v", p.name, event, payload, response)
	}
	return response
}

// isRefused is asks for what must be refused for that reason.
func (p *person) isRefused(topic, event, payload string, reason chat.Code) map[string]any {
	p.t.Helper()
	status, response := p.asks(topic, event, payload)
	if status != "error" || response["reason"] != string(reason) {
		p.t.Fatalf("%s asked %s %.200s: got %s %v, want the error %s", p.name, event, payload, status, response, reason)
	}
	return response
}

// joins enters a conversation.
func (p *person) joins(conversation string) map[string]any {
	p.t.Helper()
	return p.gets("conversation:"+conversation, "phx_join", "{}")
}

// posts says something that must be stored.
func (p *person) posts(conversation, clientID, body string) map[string]any {
	p.t.Helper()
	payload, _ := json.Marshal(map[string]string{"client_id": clientID, "body": body})
	return p.gets("conversation:"+conversation, "new_message", string(payload))
}

// hearsMessage waits for a message with that body.
func (p *person) hearsMessage(conversation, body string) map[string]any {
	p.t.Helper()
	f := p.waits("the message "+body, func(f frame) bool {
		return f.topic == "conversation:"+conversation && f.event == "message" && object(p.t, f.payload)["body"] == body
	})
	return object(p.t, f.payload)
}

// isClosed waits for the end of the socket and returns the close code.
func (p *person) isClosed() websocket.StatusCode {
	p.t.Helper()
	select {
	case <-p.gone:
		return websocket.CloseStatus(p.err)
	case <-time.After(p.patience):
		p.t.Fatalf("%s is still connected", p.name)
		return 0
	}
}

func object(t testing.TB, raw json.RawMessage) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatalf("no object: %s", raw)
	}
	return o
}
