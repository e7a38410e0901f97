package phoenix_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"planga/chat/phoenix"
)

// enter joins room:a under ref 1 and returns the server's channel.
func enter(t *testing.T, s *server, c *client) *phoenix.Channel {
	t.Helper()
	before := s.house.members("room:a")
	c.say(`["1","1","room:a","phx_join",{}]`)
	c.hears(`["1","1","room:a","phx_reply",{"status":"ok","response":{}}]`)
	for _, ch := range s.house.members("room:a") {
		if !contains(before, ch) {
			return ch
		}
	}
	t.Fatal("the channel is not in the room")
	return nil
}

func contains(all []*phoenix.Channel, ch *phoenix.Channel) bool {
	for _, other := range all {
		if other == ch {
			return true
		}
	}
	return false
}

func TestASlowClientIsClosedAndNobodyElseWaits(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	quick := s.dial(t, "vsn=2.0.0")
	enter(t, s, quick)
	slow := s.handshake(t, "vsn=2.0.0")
	_, _ = slow.Write(textFrame(`["1","1","room:a","phx_join",{}]`))
	s.house.waitFor(t, "join", 2)

	// The slow one reads nothing. The quick one gets every broadcast.
	body := strings.Repeat("x", 16<<10)
	sent := 0
	for ; s.Stats().Overflows == 0; sent++ {
		if sent > 10_000 {
			t.Fatal("the slow client was never closed")
		}
		s.house.shout("room:a", "message", map[string]any{"n": sent, "body": body})
		if sent%10 == 0 {
			_, _ = slow.Write(clientFrame(ping, "still here"))
		}
		want := fmt.Sprintf(`[null,null,"room:a","message",{"body":"%s","n":%d}]`, body, sent)
		quick.hears(want)
	}

	// Now the slow one reads: an unbroken beginning, pongs between, then the
	// close.
	_ = slow.SetDeadline(time.Now().Add(10 * time.Second))
	n := -1 // the answer to the join comes before broadcast 0
	for {
		first, payload, err := readFrame(slow)
		if err != nil {
			t.Fatal(err)
		}
		if first == closeMsg {
			if got := told(first, payload); got != "close 1013" {
				t.Errorf("got %s, want close 1013", got)
			}
			break
		}
		if first == pong {
			continue
		}
		if want := fmt.Sprintf(`,"n":%d}]`, n); n >= 0 && !strings.HasSuffix(string(payload), want) {
			t.Fatalf("frame %d is not the next one: …%s", n, payload[len(payload)-20:])
		}
		n++
	}
	_ = slow.Close()
	s.house.waitFor(t, "leave room:a", 1)
	s.house.waitFor(t, "closed closed by the server: 1013", 1)
}

func TestAClientThatNeverReadsIsCut(t *testing.T) {
	s := newServer(t, phoenix.Options{OutboxFrames: 4})
	dead := s.handshake(t, "vsn=2.0.0")
	_, _ = dead.Write(textFrame(`["1","1","room:a","phx_join",{}]`))
	s.house.waitFor(t, "join", 1)
	body := strings.Repeat("x", 256<<10)
	for s.Stats().Overflows == 0 {
		s.house.shout("room:a", "message", body)
	}
	s.house.waitForWithin(t, "closed closed by the server: 1013", 1, 15*time.Second)
}

func TestDrain(t *testing.T) {
	s := newServer(t, phoenix.Options{DrainOver: 50 * time.Millisecond})
	var clients []*client
	for range 30 {
		c := s.dial(t, "vsn=2.0.0")
		enter(t, s, c)
		clients = append(clients, c)
	}
	done := make(chan error, 1)
	go func() { done <- s.Drain(context.Background()) }()
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() {
			if code, reason := c.closed(); code != 1012 || reason != "restart" {
				t.Errorf("closed with %d %q, want 1012", code, reason)
			}
		})
	}
	wg.Wait()
	if err := <-done; err != nil {
		t.Error(err)
	}
	s.house.waitFor(t, "leave", 30)
	s.house.waitFor(t, "closed", 30)
	if n := s.Stats().Connections; n != 0 {
		t.Errorf("%d connections are left", n)
	}
	if err := handshakeOn(s.rawDial(t), s.addr, "vsn=2.0.0"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a newcomer got %v, want 503", err)
	}
	if err := s.Drain(context.Background()); err != nil {
		t.Errorf("draining again: %v", err)
	}
}

func TestDrainCutsWhoDoesNotGo(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	nc := s.handshake(t, "vsn=2.0.0") // never answers the close frame
	_, _ = nc.Write(frames(textFrame(`["1","1","room:a","phx_join",{}]`), textFrame(`["1","2","room:a","hang",{}]`)))
	s.house.waitFor(t, "join", 1)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := s.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline's error", err)
	}
	s.house.waitFor(t, "closed closed by the server: 1012 restart", 1)
}

func TestPushFailures(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0")

	t.Run("an internal error ends the channel with phx_error", func(t *testing.T) {
		enter(t, s, ann)
		ann.say(`["1","2","room:a","crash",{}]`)
		ann.hears(`["1","1","room:a","phx_error",{}]`)
		s.house.waitFor(t, "leave room:a", 1)
		ann.say(`["1","3","room:a","echo",{}]`)
		ann.hears(`["1","3","room:a","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]`)
	})
	t.Run("a panic ends the connection", func(t *testing.T) {
		enter(t, s, ann)
		ann.say(`["1","2","room:a","panic",{}]`)
		if code, _ := ann.closed(); code != 1011 {
			t.Errorf("closed with %d, want 1011", code)
		}
		s.house.waitFor(t, "leave room:a", 2)
		s.house.waitFor(t, "closed", 1)
		if log := s.logs.String(); !strings.Contains(log, "push panic") || !strings.Contains(log, "house_test.go") {
			t.Errorf("the log has no stack: %s", log)
		}
		if n := s.Stats().Panics; n != 1 {
			t.Errorf("counted %d panics", n)
		}
	})
}

func TestAConnectionThatTheServerCloses(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0")
	ch := enter(t, s, ann)
	if err := ch.Push("last words", nil); err != nil {
		t.Fatal(err)
	}
	ch.Conn().Close(1008, strings.Repeat("é", 100))
	ch.Conn().Close(1000, "too late")
	ann.hears(`["1",null,"room:a","last words",{}]`)
	if code, reason := ann.closed(); code != 1008 || reason != strings.Repeat("é", 61) {
		t.Errorf("closed with %d %q", code, reason)
	}
	s.house.waitFor(t, "leave room:a", 1)
	if err := ch.Push("into the void", nil); err != nil {
		t.Error(err)
	}
	ch.Error() // a channel that is gone may be ended again
	s.house.waitFor(t, "leave room:a", 1)
}

// TestAdoption: pushes to a topic that was never joined, as by the clients of
// 2018 after a reconnect.
func TestAdoption(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	s.house.adopts = true
	ann := s.dial(t, "")

	ann.say(`{"topic":"room:a","event":"echo","payload":{"n":1},"ref":5}`)
	ann.hears(`{"topic":"room:a","event":"phx_reply","payload":{"status":"ok","response":{"n":1}},"ref":5}`)
	ann.say(`{"topic":"room:a","event":"echo","payload":{"n":2},"ref":6}`)
	ann.hears(`{"topic":"room:a","event":"phx_reply","payload":{"status":"ok","response":{"n":2}},"ref":6}`)
	s.house.waitFor(t, "adopt", 1)

	s.house.members("room:a")[0].Error()
	ann.hears(`{"topic":"room:a","event":"phx_error","payload":{},"ref":null}`)
	s.house.waitFor(t, "leave", 1)

	ann.say(`{"topic":"room:a","event":"echo","payload":{"n":3},"ref":7}`)
	ann.hears(`{"topic":"room:a","event":"phx_reply","payload":{"status":"ok","response":{"n":3}},"ref":7}`)
	ann.say(`{"topic":"room:a","event":"phx_join","payload":{},"ref":8}`)
	ann.hears(`{"topic":"room:a","event":"phx_close","payload":{},"ref":null}`,
		`{"topic":"room:a","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":8}`)

	ann.say(`{"topic":"room:b","event":"crash","payload":{},"ref":9}`)
	ann.hears(`{"topic":"room:b","event":"phx_reply","payload":{"status":"error","response":{"reason":"unmatched topic"}},"ref":9}`)
	s.house.waitFor(t, "leave", 2)
}

// TestManyAtOnce lets everything happen together, for the race detector: each
// join must be left exactly once.
func TestManyAtOnce(t *testing.T) {
	s := newServer(t, phoenix.Options{FramesPerSecond: 1e6})
	stop := make(chan struct{})
	var servers, clients sync.WaitGroup
	for range 2 {
		servers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				s.house.shout("room:a", "n", i)
				for j, ch := range s.house.members("room:a") {
					if (i+j)%5 == 0 {
						ch.Error()
					}
				}
			}
		})
	}
	for range 8 {
		clients.Go(func() {
			c := s.dial(t, "vsn=2.0.0")
			go func() {
				for i := range 50 {
					_ = c.ws.Write(t.Context(), 1, fmt.Appendf(nil, `["%d","%d","room:a","phx_join",{}]`, i, i))
				}
				_ = c.ws.Write(t.Context(), 1, []byte(beat))
			}()
			for c.hear() != beatBack {
			}
			_ = c.ws.CloseNow()
		})
	}
	clients.Wait()
	close(stop)
	servers.Wait()
	s.house.waitFor(t, "closed", 8)
	s.house.waitFor(t, "join", 8*50)
	s.house.waitFor(t, "leave", 8*50)
}
