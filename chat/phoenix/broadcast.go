package phoenix

import "sync"

// Binary is a payload of bytes, which V2 clients on a WebSocket get as a
// binary frame. Other clients cannot be sent one.
type Binary []byte

// Broadcast is one event for everybody on a topic. It is encoded at most once
// for each serializer, when the first client needs it, and may be sent by many
// goroutines at once.
type Broadcast struct {
	topic, event string
	payload      []byte // JSON, or data if binary
	binary       bool

	once   [2]sync.Once
	frames [2]*frame
}

// NewBroadcast makes a broadcast. The payload is encoded now, as by
// Channel.Push, and may change afterwards. The topic must be the one that the
// channels it is sent to were joined under.
func NewBroadcast(topic, event string, payload any) (*Broadcast, error) {
	if data, ok := payload.(Binary); ok {
		if len(topic) > 255 || len(event) > 255 {
			return nil, errBinaryField
		}
		return &Broadcast{topic: topic, event: event, payload: append([]byte(nil), data...), binary: true}, nil
	}
	b, err := appendPayload(nil, payload)
	if err != nil {
		return nil, err
	}
	return &Broadcast{topic: topic, event: event, payload: b}, nil
}

// frame is the broadcast for clients of a version. Its refs are null, so that
// one encoding serves them all.
func (b *Broadcast) frame(v Version) *frame {
	i := v - V1
	b.once[i].Do(func() {
		body := newBody(len(b.topic) + len(b.event) + len(b.payload) + 64)
		if b.binary {
			body, _ = appendBinary(body, kindBroadcast, b.payload, b.topic, b.event) // checked when made
			b.frames[i] = newFrame(opBinary, body)
			return
		}
		body = appendOpening(body, v, noRef, noRef, b.topic, b.event)
		body = append(body, b.payload...)
		b.frames[i] = newFrame(opText, appendClosing(body, v, noRef))
	})
	return b.frames[i]
}
