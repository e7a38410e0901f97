package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// client is one visitor: a socket joined to one conversation. Frames are recognised by their bytes, not decoded.
type client struct {
	socket *socket
	topic  string
}

// dueMark precedes the due time in a message body, so that a delivery's latency can be read from its bytes.
const dueMark = "due:"

// dial connects and joins; it returns after the join was answered.
func dial(ctx context.Context, address, token, conversation string) (*client, error) {
	credential := "base64url.bearer.phx." + base64.RawURLEncoding.EncodeToString([]byte(token))
	socket, err := open(ctx, address, "phoenix, "+credential)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &client{socket: socket, topic: "conversation:" + conversation}
	stop := context.AfterFunc(ctx, func() { socket.conn.Close() })
	defer stop()
	if err := c.join(); err != nil {
		socket.conn.Close()
		return nil, fmt.Errorf("join: %w", err)
	}
	return c, nil
}

func (c *client) join() error {
	if err := c.write("1", "phx_join", map[string]any{"last_rev": nil, "limit": 1}); err != nil {
		return err
	}
	for buffer := []byte(nil); ; {
		frame, grown, err := c.socket.read(buffer)
		if err != nil {
			return err
		}
		buffer = grown
		if !bytes.Contains(frame, []byte(`"phx_reply"`)) {
			continue
		}
		if !bytes.Contains(frame, []byte(`"status":"ok"`)) {
			return fmt.Errorf("refused: %.200s", frame)
		}
		return nil
	}
}

// post sends a message that was due at the given time after the start; it does not wait for the answer.
func (c *client) post(due time.Duration, clientID string) error {
	at := strconv.FormatInt(int64(due), 10)
	body := dueMark + at + " is that still available on Saturday?"
	return c.write(at, "new_message", map[string]string{"client_id": clientID, "body": body})
}

func (c *client) write(ref, event string, payload any) error {
	frame, err := json.Marshal([]any{"1", ref, c.topic, event, payload})
	if err != nil {
		return err
	}
	return c.socket.write(frame)
}

var heartbeat = []byte(`[null,"h","phoenix","heartbeat",{}]`)

func (c *client) heartbeat() error { return c.socket.write(heartbeat) }

// read hands each answer to acked and each delivered message to delivered, until the connection ends.
// refused gets the answer to a post that was not accepted.
func (c *client) read(acked, delivered func(due time.Duration), refused func(frame []byte)) error {
	for buffer := []byte(nil); ; {
		frame, grown, err := c.socket.read(buffer)
		if err != nil {
			return err
		}
		buffer = grown
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
