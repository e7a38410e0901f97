package phoenix_test

import (
	"strings"
	"testing"
	"time"

	"planga/chat/phoenix"
)

// TestWhatCannotBeSaid: mistakes of the application's are logged, and its
// clients get an answer nevertheless.
func TestWhatCannotBeSaid(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0")

	t.Run("a reply that cannot be encoded", func(t *testing.T) {
		ch := enter(t, s, ann)
		ann.say(`["1","2","room:a","unsayable",{}]`)
		ann.hears(`["1","2","room:a","phx_reply",{"status":"error","response":{"reason":"internal"}}]`)
		if err := ch.Push("unsayable", make(chan int)); err == nil {
			t.Error("a push that cannot be encoded is no error")
		}
	})
	t.Run("an answer to a join that cannot be encoded", func(t *testing.T) {
		ann.say(`["3","3","room:unsayable","phx_join",{}]`)
		ann.hears(`["3","3","room:unsayable","phx_reply",{"status":"error","response":{"reason":"join crashed"}}]`,
			`["3","3","room:unsayable","phx_error",{}]`)
		s.house.waitFor(t, "leave room:unsayable", 1)
	})
	if n := strings.Count(s.logs.String(), "cannot be encoded"); n != 2 {
		t.Errorf("logged %d times: %s", n, s.logs)
	}
	t.Run("bytes for a client that can take none are left out", func(t *testing.T) {
		bob := s.dial(t, "")
		bob.say(`{"topic":"room:a","event":"phx_join","payload":{},"ref":0}`)
		bob.hears(`{"topic":"room:a","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":0}`)
		s.house.shout("room:a", "file", phoenix.Binary("x"))
		s.house.shout("room:a", "text", "y")
		bob.hears(`{"topic":"room:a","event":"text","payload":"y","ref":null}`)
	})
}

// TestAJoinThatFloodsItsOwnClient: what is held for a client that is joining
// is bounded like the outbox.
func TestAJoinThatFloodsItsOwnClient(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0")
	ann.say(`["1","1","room:flood","phx_join",{}]`)
	if code, _ := ann.closed(); code != 1013 {
		t.Errorf("closed with %d, want 1013", code)
	}
	s.house.waitFor(t, "leave room:flood", 1)
	s.house.waitFor(t, "closed", 1)
}

func TestBinaryFromAV1Client(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	nc := s.handshake(t, "vsn=1.0.0")
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = nc.Write(clientFrame(binaryMsg, "\x00"))
	hearsRaw(t, nc, "close 1003")
}
