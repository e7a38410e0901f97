package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// client is one visitor: a socket joined to one conversation. Its reader is the only goroutine that reads, and frames are
// recognised by their bytes, so that the load generator costs little beside the server on the same machine.
type client struct {
	conn  *websocket.Conn
	topic string
}

// dueMark precedes the due time in a message body, so that a delivery's latency can be read from its bytes.
const dueMark = "due:"

// dial connects and joins; it returns after the join was answered.
func dial(ctx context.Context, socketURL, token, conversation string) (*client, error) {
	conn, _, err := websocket.Dial(ctx, socketURL, &websocket.DialOptions{
		Subprotocols: []string{"phoenix", "base64url.bearer.phx." + base64.RawURLEncoding.EncodeToString([]byte(token))},
	})
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	conn.SetReadLimit(4 << 20)
	c := &client{conn: conn, topic: "conversation:" + conversation}
	if err := c.join(ctx); err != nil {
		conn.CloseNow()
		return nil, err
	}
	return c, nil
}

func (c *client) join(ctx context.Context) error {
	if err := c.write(ctx, "1", "phx_join", map[string]any{"last_rev": nil, "limit": 1}); err != nil {
		return fmt.Errorf("join: %w", err)
	}
	for {
		_, frame, err := c.conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("join: %w", err)
		}
		if !bytes.Contains(frame, []byte(`"phx_reply"`)) {
			continue
		}
		if !bytes.Contains(frame, []byte(`"status":"ok"`)) {
			return fmt.Errorf("join refused: %.200s", frame)
		}
		return nil
	}
}

// post sends a message that was due at the given time after the start; it does not wait for the answer.
func (c *client) post(ctx context.Context, due time.Duration, clientID string) error {
	at := strconv.FormatInt(int64(due), 10)
	body := dueMark + at + " is that still available on Saturday?"
	return c.write(ctx, at, "new_message", map[string]string{"client_id": clientID, "body": body})
}

func (c *client) write(ctx context.Context, ref, event string, payload any) error {
	frame, err := json.Marshal([]any{"1", ref, c.topic, event, payload})
	if err != nil {
		return err
	}
	return c.conn.Write(ctx, websocket.MessageText, frame)
}

var heartbeat = []byte(`[null,"h","phoenix","heartbeat",{}]`)

func (c *client) heartbeat(ctx context.Context) error {
	return c.conn.Write(ctx, websocket.MessageText, heartbeat)
}

// read hands each answer to acked and each delivered message to delivered, until the connection ends.
// refused gets the answer to a post that was not accepted.
func (c *client) read(ctx context.Context, acked, delivered func(due time.Duration), refused func(frame []byte)) error {
	for {
		_, frame, err := c.conn.Read(ctx)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		}
		switch kind, due := recognise(frame); kind {
		case frameAck:
			acked(due)
		case frameMessage:
			delivered(due)
		case frameRefused:
			refused(frame)
		}
	}
}

type frameKind int

const (
	frameOther frameKind = iota
	frameAck
	frameRefused
	frameMessage
)

// recognise tells a reply from a broadcast without decoding JSON: a reply is ["1","<due>",…,"phx_reply",…], a
// broadcast [null,null,…,"message",…] with the due time in its body.
func recognise(frame []byte) (frameKind, time.Duration) {
	if rest, ok := bytes.CutPrefix(frame, []byte(`["1","`)); ok {
		due, ok := leadingInt(rest)
		if !ok {
			return frameOther, 0
		}
		if bytes.Contains(rest, []byte(`"status":"ok"`)) {
			return frameAck, due
		}
		return frameRefused, due
	}
	if !bytes.Contains(frame[:min(len(frame), 400)], []byte(`,"message",`)) {
		return frameOther, 0
	}
	_, rest, ok := bytes.Cut(frame, []byte(dueMark))
	if !ok {
		return frameOther, 0
	}
	due, _ := leadingInt(rest)
	return frameMessage, due
}

func leadingInt(b []byte) (time.Duration, bool) {
	var n int64
	i := 0
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	return time.Duration(n), i > 0
}
