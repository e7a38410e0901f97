package phoenix

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzDecodeText holds the text decoders to encoding/json: what they accept
// is JSON, means what it means there, and stays inside the limits.
func FuzzDecodeText(f *testing.F) {
	toServer, toClient, refused := goldenFrames(f)
	for _, g := range append(append(toServer, toClient...), refused...) {
		if b, binary := g.wire(); !binary {
			f.Add(b, g.Vsn == "1.0.0")
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, v1 bool) {
		v := V2
		if v1 {
			v = V1
		}
		m, err := decodeText(v, bytes.Clone(b))
		if err != nil {
			return
		}
		if !utf8.Valid(b) || !json.Valid(b) || !json.Valid(m.payload) {
			t.Fatalf("accepted %q with payload %q", b, m.payload)
		}
		if len(m.topic) > maxTopic || len(m.event) > maxEvent || len(m.ref) > maxRef || len(m.joinRef) > maxRef {
			t.Fatalf("beyond the limits: %+v", m)
		}
		topic, event := meaning(t, v, b)
		if m.topic != topic || m.event != event {
			t.Fatalf("%q: got %q %q, want %q %q", b, m.topic, m.event, topic, event)
		}
		// What is echoed must keep the answer a frame.
		c := &Conn{version: v, transport: WebSocket}
		reply, err := c.encodeReply(m.joinRef, m.ref, m.topic, statusOK, m.payload)
		if err != nil || !json.Valid(reply.payload()) {
			t.Fatalf("%q: answered %v with %s", b, err, reply.payload())
		}
	})
}

// meaning is the topic and event of a frame as encoding/json reads them.
func meaning(t *testing.T, v Version, b []byte) (topic, event string) {
	var parts []json.RawMessage
	if v == V1 {
		// A map, because encoding/json matches the names of fields in any case.
		var members map[string]json.RawMessage
		if err := json.Unmarshal(b, &members); err != nil {
			t.Fatal(err)
		}
		parts = []json.RawMessage{nil, nil, members["topic"], members["event"], nil}
	} else if err := json.Unmarshal(b, &parts); err != nil || len(parts) != 5 {
		t.Fatalf("%q: %d parts, %v", b, len(parts), err)
	}
	if json.Unmarshal(parts[2], &topic) != nil || json.Unmarshal(parts[3], &event) != nil {
		t.Fatalf("%q: topic or event is no string", b)
	}
	return topic, event
}

// FuzzDecodeBinary holds the binary decoder to the encoder: what it accepts
// comes out again byte for byte.
func FuzzDecodeBinary(f *testing.F) {
	toServer, toClient, refused := goldenFrames(f)
	for _, g := range append(append(toServer, toClient...), refused...) {
		if b, binary := g.wire(); binary {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeBinary(bytes.Clone(b))
		if err != nil {
			return
		}
		again, err := appendBinary(nil, kindPush, m.data, m.joinRef.plain(), m.ref.plain(), m.topic, m.event)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("got %x back, %v; want %x", again, err, b)
		}
	})
}
