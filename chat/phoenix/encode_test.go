package phoenix

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestPayloadsThatCannotBeSent(t *testing.T) {
	ws := &Conn{version: V2, transport: WebSocket}
	poll := &Conn{version: V2, transport: LongPoll}
	old := &Conn{version: V1, transport: WebSocket}
	long := strings.Repeat("t", 256)

	for name, c := range map[string]struct {
		conn    *Conn
		topic   string
		payload any
		want    error
	}{
		"bytes to V1":           {old, "t", Binary("x"), errBinaryPayload},
		"bytes over long-poll":  {poll, "t", Binary("x"), errBinaryPayload},
		"bytes to a long topic": {ws, long, Binary("x"), errBinaryField},
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := c.conn.encodePush(noRef, noRef, c.topic, "e", c.payload); f != nil || !errors.Is(err, c.want) {
				t.Errorf("push: got %v, %v", f, err)
			}
			if f, err := c.conn.encodeReply(noRef, noRef, c.topic, statusOK, c.payload); f != nil || !errors.Is(err, c.want) {
				t.Errorf("reply: got %v, %v", f, err)
			}
		})
	}
	var unsupported *json.UnsupportedTypeError
	if _, err := NewBroadcast("t", "e", make(chan int)); !errors.As(err, &unsupported) {
		t.Errorf("broadcast of a channel: got %v", err)
	}
	if _, err := NewBroadcast(long, "e", Binary("x")); !errors.Is(err, errBinaryField) {
		t.Errorf("binary broadcast to a long topic: got %v", err)
	}
}

// TestBroadcastIsEncodedOnce: every socket is given the same bytes.
func TestBroadcastIsEncodedOnce(t *testing.T) {
	b, err := NewBroadcast("t", "e", map[string]int{"n": 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []Version{V1, V2} {
		first, second := b.frame(v), b.frame(v)
		if first != second {
			t.Errorf("V%d is encoded again", v)
		}
	}
}

func TestEmptyPayloads(t *testing.T) {
	for _, v := range []any{nil, json.RawMessage(nil), json.RawMessage{}, struct{}{}} {
		if b, err := appendPayload(nil, v); err != nil || string(b) != "{}" {
			t.Errorf("%#v: got %s, %v; want {}", v, b, err)
		}
	}
}
