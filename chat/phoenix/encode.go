package phoenix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

var (
	errBinaryField   = errors.New("binary frame: topic, event or ref over 255 bytes")
	errBinaryPayload = errors.New("binary payload: only V2 clients on a WebSocket can be sent one")
)

// status of a reply.
type status string

const (
	statusOK    status = "ok"
	statusError status = "error"
)

// encodeReply answers the message with joinRef and r on topic.
func (c *Conn) encodeReply(joinRef, r ref, topic string, s status, response any) (*frame, error) {
	if data, ok := response.(Binary); ok {
		if !c.takesBinary() {
			return nil, errBinaryPayload
		}
		b, err := appendBinary(newBody(len(topic)+len(data)), kindReply, data, joinRef.plain(), r.plain(), topic, string(s))
		return newFrame(opBinary, b), err
	}
	b := appendOpening(newBody(len(topic)+128), c.version, joinRef, r, topic, eventReply)
	b = append(b, `{"status":"`...)
	b = append(b, s...)
	b = append(b, `","response":`...)
	b, err := appendPayload(b, response)
	if err != nil {
		return nil, err
	}
	b = append(b, '}')
	return newFrame(opText, appendClosing(b, c.version, r)), nil
}

// encodePush is an event of the server's for one channel. r is null but for
// phx_close and phx_error, which carry the ref of the join.
func (c *Conn) encodePush(joinRef, r ref, topic, event string, payload any) (*frame, error) {
	if data, ok := payload.(Binary); ok {
		if !c.takesBinary() {
			return nil, errBinaryPayload
		}
		b, err := appendBinary(newBody(len(topic)+len(data)), kindPush, data, joinRef.plain(), topic, event)
		return newFrame(opBinary, b), err
	}
	b := appendOpening(newBody(len(topic)+256), c.version, joinRef, r, topic, event)
	b, err := appendPayload(b, payload)
	if err != nil {
		return nil, err
	}
	return newFrame(opText, appendClosing(b, c.version, r)), nil
}

// takesBinary reports whether the client can be sent binary frames.
func (c *Conn) takesBinary() bool { return c.version == V2 && c.transport == WebSocket }

// appendOpening writes a text frame up to its payload.
func appendOpening(b []byte, v Version, joinRef, r ref, topic, event string) []byte {
	if v == V1 {
		b = append(b, `{"topic":`...)
		b = appendString(b, topic)
		b = append(b, `,"event":`...)
		b = appendString(b, event)
		return append(b, `,"payload":`...)
	}
	b = append(b, '[')
	b = append(b, joinRef...)
	b = append(b, ',')
	b = append(b, r...)
	b = append(b, ',')
	b = appendString(b, topic)
	b = append(b, ',')
	b = appendString(b, event)
	return append(b, ',')
}

// appendClosing writes what follows the payload. V1 clients of 2018 need all
// four members, so ref is there even when it is null.
func appendClosing(b []byte, v Version, r ref) []byte {
	if v == V1 {
		b = append(b, `,"ref":`...)
		b = append(b, r...)
		return append(b, '}')
	}
	return append(b, ']')
}

// appendPayload writes v as JSON; nil as {}, as Phoenix does.
func appendPayload(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "{}"...), nil
	case json.RawMessage:
		if len(v) == 0 {
			return append(b, "{}"...), nil
		}
		return append(b, v...), nil
	}
	buf := bytes.NewBuffer(b)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false) // frames are never part of a page
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// appendString writes s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			b, _ = appendPayload(b, s) // a string always encodes
			return b
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
