package phoenix

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// goldenFrame is one entry of testdata/frames.json.
type goldenFrame struct {
	Name    string
	Vsn     string
	Frame   string
	Binary  *[]byte `json:"frame_base64"`
	Bytes   []byte  `json:"bytes_base64"`
	Data    []byte  `json:"payload_base64"`
	Message struct {
		JoinRef json.RawMessage `json:"join_ref"`
		Ref     json.RawMessage `json:"ref"`
		Topic   string          `json:"topic"`
		Event   string          `json:"event"`
		Payload json.RawMessage `json:"payload"`
	}
	Reason string
}

// goldenFrames reads testdata/frames.json.
func goldenFrames(t testing.TB) (toServer, toClient, refused []goldenFrame) {
	t.Helper()
	b, err := os.ReadFile("testdata/frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		ToServer []goldenFrame `json:"to_server"`
		ToClient []goldenFrame `json:"to_client"`
		Refused  []goldenFrame
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all.ToServer, all.ToClient, all.Refused
}

// wire is the frame as bytes.
func (g *goldenFrame) wire() (b []byte, binary bool) {
	switch {
	case g.Binary != nil:
		return *g.Binary, true
	case g.Bytes != nil:
		return g.Bytes, false
	}
	return []byte(g.Frame), false
}

// conn is a connection that speaks the entry's version.
func (g *goldenFrame) conn(t testing.TB) *Conn {
	v, ok := parseVersion(g.Vsn)
	if !ok {
		t.Fatalf("vsn %q", g.Vsn)
	}
	return &Conn{version: v, transport: WebSocket}
}

// refOr is a ref of the entry; a missing one is null.
func refOr(raw json.RawMessage) ref {
	if len(raw) == 0 {
		return noRef
	}
	return ref(raw)
}

// sameJSON compares the meaning of two JSON texts.
func sameJSON(t *testing.T, got, want []byte) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("got %s: %v", got, err)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatalf("want %s: %v", want, err)
	}
	gb, _ := json.Marshal(g)
	wb, _ := json.Marshal(w)
	if !bytes.Equal(gb, wb) {
		t.Errorf("got %s, want %s", gb, wb)
	}
}

func TestFramesToServer(t *testing.T) {
	frames, _, _ := goldenFrames(t)
	for _, g := range frames {
		t.Run(g.Name, func(t *testing.T) {
			b, binary := g.wire()
			m, err := g.conn(t).decode(binary, b)
			if err != nil {
				t.Fatal(err)
			}
			want := message{joinRef: refOr(g.Message.JoinRef), ref: refOr(g.Message.Ref),
				topic: g.Message.Topic, event: g.Message.Event}
			if m.joinRef != want.joinRef || m.ref != want.ref || m.topic != want.topic || m.event != want.event {
				t.Errorf("got %+v, want %+v", m, want)
			}
			if binary {
				if !bytes.Equal(m.data, g.Data) {
					t.Errorf("got payload %x, want %x", m.data, g.Data)
				}
				return
			}
			sameJSON(t, m.payload, g.Message.Payload)
		})
	}
}

func TestFramesToClient(t *testing.T) {
	_, frames, _ := goldenFrames(t)
	for _, g := range frames {
		t.Run(g.Name, func(t *testing.T) {
			f, err := g.encode(t)
			if err != nil {
				t.Fatal(err)
			}
			want, binary := g.wire()
			if got := f.payload(); !bytes.Equal(got, want) || f.binary != binary {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// encode makes the frame as the server does in its case.
func (g *goldenFrame) encode(t *testing.T) (*frame, error) {
	c, m := g.conn(t), g.Message
	joinRef, r := refOr(m.JoinRef), refOr(m.Ref)
	var compact bytes.Buffer
	if g.Binary == nil {
		if err := json.Compact(&compact, m.Payload); err != nil {
			t.Fatal(err)
		}
	}
	var payload any = json.RawMessage(compact.Bytes())
	if g.Binary != nil {
		payload = Binary(g.Data)
	}
	switch {
	case m.Event == eventReply && g.Binary != nil:
		return c.encodeReply(joinRef, r, m.Topic, statusOK, payload)
	case m.Event == eventReply:
		var reply struct{ Response json.RawMessage }
		if err := json.Unmarshal(compact.Bytes(), &reply); err != nil {
			t.Fatal(err)
		}
		return c.encodeReply(joinRef, r, m.Topic, statusOK, reply.Response)
	case joinRef == noRef && m.Event != eventError:
		b, err := NewBroadcast(m.Topic, m.Event, payload)
		if err != nil {
			return nil, err
		}
		return b.frame(c.version), nil
	}
	return c.encodePush(joinRef, r, m.Topic, m.Event, payload)
}

func TestFramesRefused(t *testing.T) {
	_, _, frames := goldenFrames(t)
	for _, g := range frames {
		t.Run(g.Name, func(t *testing.T) {
			b, binary := g.wire()
			if m, err := g.conn(t).decode(binary, b); err == nil || err.Error() != g.Reason {
				t.Errorf("got %+v, %v; want %q", m, err, g.Reason)
			}
		})
	}
}

func TestFrameHeaders(t *testing.T) {
	for _, c := range []struct {
		n    int
		head []byte
	}{
		{0, []byte{0x81, 0}},
		{125, []byte{0x81, 125}},
		{126, []byte{0x81, 126, 0, 126}},
		{65535, []byte{0x81, 126, 0xff, 0xff}},
		{65536, []byte{0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
	} {
		f := newFrame(opText, append(newBody(c.n), bytes.Repeat([]byte("x"), c.n)...))
		if got := f.bytes[:f.head]; !bytes.Equal(got, c.head) || len(f.payload()) != c.n {
			t.Errorf("%d bytes: got header %x and %d, want %x", c.n, got, len(f.payload()), c.head)
		}
	}
}
