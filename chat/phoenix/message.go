package phoenix

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Limits on one message from a client, before anything is allocated for it.
const (
	// maxTopic allows the topics of 2018, which hold a credential each.
	maxTopic = 12 << 10
	maxEvent = 255
	maxRef   = 64
	// maxDepth bounds the nesting of arrays and objects, the frame itself
	// included.
	maxDepth = 32
	// maxMembers bounds the members of a V1 frame; clients send five.
	maxMembers = 16
)

// Events of the protocol itself.
const (
	eventJoin      = "phx_join"
	eventLeave     = "phx_leave"
	eventReply     = "phx_reply"
	eventClose     = "phx_close"
	eventError     = "phx_error"
	eventHeartbeat = "heartbeat"
	// controlTopic is where heartbeats go.
	controlTopic = "phoenix"
)

// ref is a client's reference as JSON: a string, an integer, or null. It is
// echoed as it came, because clients of 2018 number theirs and lose a frame
// whose ref has become a string.
type ref string

const noRef ref = "null"

// message is one frame from a client.
type message struct {
	joinRef, ref ref
	topic, event string
	payload      json.RawMessage
	// data is the payload of a binary frame, which has no JSON one.
	data   []byte
	binary bool
}

// malformed is the error of bytes that are no frame. Its text goes into the
// close frame, so it quotes nothing of the input.
type malformed struct{ reason string }

func (m *malformed) Error() string { return m.reason }

func bad(reason string) error { return &malformed{reason} }

var errUTF8 = errors.New("text frame is not UTF-8")

// decodeText reads a text frame. The payload is a part of b.
func decodeText(v Version, b []byte) (message, error) {
	if !utf8.Valid(b) {
		return message{}, errUTF8
	}
	if v == V1 {
		return decodeV1(b)
	}
	return decodeV2(b)
}

// stale reports whether a message belongs to an earlier join than ours: it
// was sent before its client learnt that the channel had been replaced.
func (m *message) stale(joinRef ref) bool {
	return m.joinRef != noRef && joinRef != noRef && m.joinRef != joinRef
}

// check holds the limits that both serializers and all kinds share.
func (m *message) check() error {
	if len(m.topic) > maxTopic {
		return bad("topic too long")
	}
	if len(m.event) > maxEvent {
		return bad("event too long")
	}
	return nil
}

// decodeRef takes a ref as it stands in the frame.
func decodeRef(b []byte) (ref, error) {
	if len(b) > maxRef {
		return "", bad("ref too long")
	}
	if string(b) == string(noRef) {
		return noRef, nil
	}
	if b[0] == '"' || isInteger(b) {
		return ref(b), nil
	}
	return "", bad("ref is neither a string nor an integer nor null")
}

// isInteger reports whether a valid JSON number has neither fraction nor exponent.
func isInteger(b []byte) bool {
	for i, c := range b {
		if (c < '0' || c > '9') && !(i == 0 && c == '-') {
			return false
		}
	}
	return true
}

// decodeString takes a JSON string as it stands in the frame. limit is in
// bytes as written, where an escape may take six times its length.
func decodeString(b []byte, limit int, tooLong string) (string, error) {
	if len(b) < 2 || b[0] != '"' {
		return "", bad("topic or event is not a string")
	}
	if len(b) > 6*limit+2 {
		return "", bad(tooLong)
	}
	plain := b[1 : len(b)-1]
	for _, c := range plain {
		if c == '\\' {
			var s string
			if err := json.Unmarshal(b, &s); err != nil {
				return "", bad("not JSON")
			}
			return s, nil
		}
	}
	return string(plain), nil
}
