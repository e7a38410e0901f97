package phoenix_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"planga/chat/phoenix"
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(childEnv); kind != "" {
		serveChild(kind)
	}
	goleak.VerifyTestMain(m)
}

// house is an application for tests: rooms that anybody may join.
type house struct {
	mu    sync.Mutex
	rooms map[string]map[*phoenix.Channel]bool
	log   []string
	noted chan struct{}
	// shakes are the handshakes seen.
	shakes []phoenix.Handshake
	adopts bool
}

// guest is one connection of the house.
type guest struct {
	house *house
	conn  *phoenix.Conn
	token string
}

// landlord is a guest whose pushes need no join.
type landlord struct{ *guest }

func newHouse() *house {
	return &house{rooms: make(map[string]map[*phoenix.Channel]bool), noted: make(chan struct{}, 1)}
}

func (h *house) Connect(_ context.Context, s phoenix.Handshake) (phoenix.Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shakes = append(h.shakes, s)
	switch s.Token {
	case "wrong":
		return nil, &phoenix.Refusal{Reason: "credential refused"}
	case "broken":
		return nil, errors.New("the door is stuck")
	case "closed":
		s.Conn.Close(1008, "credential revoked")
	}
	g := &guest{house: h, conn: s.Conn, token: s.Token}
	if h.adopts {
		return landlord{g}, nil
	}
	return g, nil
}

func (g *guest) Join(_ context.Context, ch *phoenix.Channel, payload json.RawMessage) (any, error) {
	switch {
	case !strings.HasPrefix(ch.Topic(), "room:"):
		return nil, phoenix.UnmatchedTopic
	case ch.Topic() == "room:crash":
		return nil, errors.New("secret detail")
	case ch.Topic() == "room:panic":
		panic("join panic")
	case ch.Topic() == "room:early":
		_ = ch.Push("early", map[string]int{"n": 1})
	case ch.Topic() == "room:flood":
		for range 1000 {
			_ = ch.Push("early", nil)
		}
	case ch.Topic() == "room:unsayable":
		g.house.enter(ch)
		return make(chan int), nil
	case ch.Topic() == "room:token":
		return map[string]string{"token": g.token}, nil
	case ch.Topic() == "room:presence":
		return nil, g.appear(ch, payload)
	}
	g.house.enter(ch)
	g.house.note("join " + ch.Topic())
	if len(payload) > 2 {
		return payload, nil
	}
	return nil, nil
}

func (g *guest) Push(ctx context.Context, ch *phoenix.Channel, event string, payload json.RawMessage) (any, error) {
	switch event {
	case "echo":
		return payload, nil
	case "shout":
		g.house.shout(ch.Topic(), "shouted", payload)
		return nil, nil
	case "whisper":
		return phoenix.NoReply, ch.Push("whispered", payload)
	case "refuse":
		return nil, phoenix.Refuse("not today")
	case "crash":
		return nil, errors.New("secret detail")
	case "panic":
		panic("push panic")
	case "close":
		ch.Close()
		return nil, nil
	case "restart":
		ch.Conn().Close(1012, "restart")
		return phoenix.NoReply, nil
	case "bytes":
		return phoenix.Binary("\x00\x01\xff"), nil
	case "unsayable":
		return make(chan int), nil
	case "hang":
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, phoenix.Refuse("unknown event")
}

func (g *guest) PushBinary(_ context.Context, ch *phoenix.Channel, event string, payload []byte) (any, error) {
	if event == "shout" {
		g.house.shout(ch.Topic(), "shouted", phoenix.Binary(payload))
		return nil, nil
	}
	return phoenix.Binary(payload), nil
}

func (g *guest) Leave(ch *phoenix.Channel) {
	g.house.mu.Lock()
	delete(g.house.rooms[ch.Topic()], ch)
	g.house.mu.Unlock()
	if name, present := ch.Assigns.(string); present {
		g.house.shout(ch.Topic(), "presence_diff", diff{Joins: presences{}, Leaves: presences{name: here(name)}})
	}
	g.house.note("leave " + ch.Topic())
}

func (g *guest) Closed(err error) { g.house.note("closed " + err.Error()) }

func (l landlord) Adopt(_ context.Context, ch *phoenix.Channel, event string) error {
	if event == "crash" {
		return errors.New("secret detail")
	}
	l.house.enter(ch)
	l.house.note("adopt " + ch.Topic())
	return nil
}

// lastShake is the latest handshake.
func (h *house) lastShake() phoenix.Handshake {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.shakes[len(h.shakes)-1]
}

func (h *house) enter(ch *phoenix.Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[ch.Topic()] == nil {
		h.rooms[ch.Topic()] = make(map[*phoenix.Channel]bool)
	}
	h.rooms[ch.Topic()][ch] = true
}

// members are the channels of a room now.
func (h *house) members(topic string) []*phoenix.Channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*phoenix.Channel
	for ch := range h.rooms[topic] {
		all = append(all, ch)
	}
	return all
}

// shout broadcasts to everybody in a room.
func (h *house) shout(topic, event string, payload any) {
	b, err := phoenix.NewBroadcast(topic, event, payload)
	if err != nil {
		panic(err)
	}
	for _, ch := range h.members(topic) {
		ch.Send(b)
	}
}

func (h *house) note(s string) {
	h.mu.Lock()
	h.log = append(h.log, s)
	h.mu.Unlock()
	select {
	case h.noted <- struct{}{}:
	default:
	}
}

// waitFor waits until the house has noted want, count times over all.
func (h *house) waitFor(t testing.TB, want string, count int) {
	t.Helper()
	h.waitForWithin(t, want, count, 5*time.Second)
}

func (h *house) waitForWithin(t testing.TB, want string, count int, limit time.Duration) {
	t.Helper()
	deadline := time.After(limit)
	for {
		h.mu.Lock()
		n := 0
		for _, s := range h.log {
			if strings.HasPrefix(s, want) {
				n++
			}
		}
		log := strings.Join(h.log, "; ")
		h.mu.Unlock()
		if n == count {
			return
		}
		select {
		case <-h.noted:
		case <-deadline:
			t.Fatalf("the house noted %q %d times, want %d: %s", want, n, count, log)
		}
	}
}
