package phoenix

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

// bookkeeper is a session that counts who is joined.
type bookkeeper struct {
	t       *testing.T
	joined  map[*Channel]bool
	closed  int
	left    int
	entered int
}

func (k *bookkeeper) Join(_ context.Context, ch *Channel, payload json.RawMessage) (any, error) {
	if !strings.HasPrefix(ch.Topic(), "r") {
		return nil, UnmatchedTopic
	}
	if ch.Topic() == "rx" {
		ch.Error()
	}
	k.entered++
	k.joined[ch] = true
	return payload, nil
}

func (k *bookkeeper) Push(_ context.Context, ch *Channel, event string, payload json.RawMessage) (any, error) {
	if !k.joined[ch] {
		k.t.Errorf("push of %q to a channel that is not joined", event)
	}
	switch event {
	case "close":
		ch.Close()
	case "crash":
		return nil, context.DeadlineExceeded
	case "quiet":
		return NoReply, nil
	}
	return payload, nil
}

func (k *bookkeeper) Leave(ch *Channel) {
	if !k.joined[ch] {
		k.t.Error("left a channel that is not joined")
	}
	delete(k.joined, ch)
	k.left++
}

func (k *bookkeeper) Closed(error) { k.closed++ }

// collector is a link that takes every frame.
type collector struct {
	t    *testing.T
	conn *Conn
}

func (l *collector) ready() { l.flush() }

func (l *collector) flush() {
	c := l.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	batch := c.outbox.take(nil)
	for _, f := range batch {
		if !json.Valid(f.payload()) {
			l.t.Errorf("sent %q", f.payload())
		}
	}
	c.outbox.wrote(batch)
	c.outbox.rest(nil)
	if c.outbox.count != 0 || c.outbox.size != 0 {
		l.t.Errorf("an empty outbox counts %d frames, %d bytes", c.outbox.count, c.outbox.size)
	}
}

func (l *collector) closing() {}
func (l *collector) cut()     {}

// FuzzSession lets a client send any frames, a line each. Whatever it does,
// the answers are JSON, and each join is left exactly once.
func FuzzSession(f *testing.F) {
	for _, story := range []string{
		`["1","1","r","phx_join",{}]` + "\n" + `["1","2","r","x",{}]` + "\n" + `["1","3","r","phx_leave",{}]`,
		`["1","1","r","phx_join",{}]` + "\n" + `["2","2","r","phx_join",{}]` + "\n" + `["1","3","r","x",{}]`,
		`["1","1","r","phx_join",{}]` + "\n" + `["1","2","r","close",{}]` + "\n" + `["1","3","r","crash",{}]`,
		`["1","1","rx","phx_join",{}]` + "\n" + `["1","2","rx","quiet",{}]`,
		`[1,1,"r1","phx_join",[]]` + "\n" + `[1,1,"r2","phx_join",[]]` + "\n" + `[1,1,"r3","phx_join",[]]` + "\n" + `[1,1,"r4","phx_join",[]]`,
		`["1","1","r","phx_close",{}]` + "\n" + `["1","1","phoenix","heartbeat",{}]` + "\n" + `["1","1","q","phx_join",{}]`,
	} {
		f.Add([]byte(story))
	}
	f.Fuzz(func(t *testing.T, story []byte) {
		k := &bookkeeper{t: t, joined: make(map[*Channel]bool)}
		e := &Endpoint{options: Options{Channels: 3, FramesPerSecond: 1e9, Logger: slog.New(slog.DiscardHandler)}.withDefaults()}
		c := e.newConn(&Handshake{Version: V2, Transport: WebSocket})
		c.session, c.link = k, &collector{t, c}
		for line := range bytes.SplitSeq(story, []byte("\n")) {
			c.receive(false, line)
		}
		e.running.Wait() // for Leave of channels that the server closed
		c.finish(context.Canceled)
		if len(k.joined) != 0 || k.entered != k.left || k.closed != 1 {
			t.Errorf("%d joins, %d leaves, %d closes", k.entered, k.left, k.closed)
		}
	})
}
