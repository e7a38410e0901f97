package phoenix_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"planga/chat/phoenix"
)

// First bytes of WebSocket frames, as in RFC 6455, section 5.2.
const (
	text      = 0x81
	textBegin = 0x01
	more      = 0x00
	last      = 0x80
	binaryMsg = 0x82
	closeMsg  = 0x88
	ping      = 0x89
	pong      = 0x8a
)

const (
	beat     = `[null,"9","phoenix","heartbeat",{}]`
	beatBack = `[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]`
)

// readFrame reads one frame of the server's.
func readFrame(r io.Reader) (first byte, payload []byte, err error) {
	var head [8]byte
	if _, err = io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	first = head[0]
	n := uint64(head[1])
	switch n {
	case 126:
		_, err = io.ReadFull(r, head[:2])
		n = uint64(binary.BigEndian.Uint16(head[:2]))
	case 127:
		_, err = io.ReadFull(r, head[:8])
		n = binary.BigEndian.Uint64(head[:8])
	}
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return first, payload, err
}

// told describes a frame of the server's in words, for tables.
func told(first byte, payload []byte) string {
	switch {
	case first == closeMsg && len(payload) == 0:
		return "close"
	case first == closeMsg:
		return fmt.Sprintf("close %d", binary.BigEndian.Uint16(payload))
	case first == pong:
		return "pong " + string(payload)
	case first == text:
		return string(payload)
	}
	return fmt.Sprintf("frame %x", first)
}

// hearsRaw fails unless the next frames are these; after a close frame the
// connection must end without a reset.
func hearsRaw(t *testing.T, nc net.Conn, want ...string) {
	t.Helper()
	for _, w := range want {
		first, payload, err := readFrame(nc)
		if err != nil {
			t.Fatalf("got %v, want %s", err, w)
		}
		if got := told(first, payload); got != w {
			t.Fatalf("got %s, want %s", got, w)
		}
	}
	if strings.HasPrefix(want[len(want)-1], "close") {
		_ = nc.(*net.TCPConn).CloseWrite() // the server need not wait for more
		if n, err := nc.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Fatalf("after the close frame: %d bytes, %v", n, err)
		}
	}
}

// frames joins frames to what a client sends.
func frames(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// closing is a close frame of the client's.
func closing(code uint16, reason string) []byte {
	return clientFrame(closeMsg, string([]byte{byte(code >> 8), byte(code)})+reason)
}

// lengthy is a masked text frame with its length written in a field of 16 or
// 64 bits.
func lengthy(bits int, length uint64, payload string) []byte {
	b := []byte{text, 0x80 | 126, byte(length >> 8), byte(length)}
	if bits == 64 {
		b = binary.BigEndian.AppendUint64([]byte{text, 0x80 | 127}, length)
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// fragments cuts a message into frames of one byte each.
func fragments(message string) []byte {
	b := clientFrame(textBegin, message[:1])
	for i := 1; i < len(message)-1; i++ {
		b = append(b, clientFrame(more, message[i:i+1])...)
	}
	return append(b, clientFrame(last, message[len(message)-1:])...)
}

// conformance is what a client sends and what it must be told. The numbers
// are sections of RFC 6455.
var conformance = []struct {
	name string
	send []byte
	want []string
}{
	{"a text message", clientFrame(text, beat), []string{beatBack}},
	{"an empty message is no frame of Phoenix", clientFrame(text, ""), []string{"close 1007"}},
	{"5.1 a frame without mask", append([]byte{text, byte(len(beat))}, beat...), []string{"close 1002"}},
	{"5.2 RSV1 without an extension", clientFrame(text|0x40, beat), []string{"close 1002"}},
	{"5.2 RSV2", clientFrame(text|0x20, beat), []string{"close 1002"}},
	{"5.2 RSV3", clientFrame(text|0x10, beat), []string{"close 1002"}},
	{"5.2 opcode 3", clientFrame(0x83, ""), []string{"close 1002"}},
	{"5.2 opcode 7", clientFrame(0x87, "x"), []string{"close 1002"}},
	{"5.2 opcode B", clientFrame(0x8b, ""), []string{"close 1002"}},
	{"5.2 opcode F", clientFrame(0x8f, "x"), []string{"close 1002"}},
	{"5.2 a length in more bytes than needed", lengthy(64, uint64(len(beat)), beat), []string{beatBack}},
	{"5.2 a length in 16 bits instead of 7", lengthy(16, uint64(len(beat)), beat), []string{beatBack}},
	{"5.2 a length with its highest bit set", lengthy(64, 1<<63, beat), []string{"close 1002"}},
	{"5.2 the greatest length", lengthy(64, 1<<63-1, strings.Repeat(" ", 65<<10)), []string{"close 1009"}},
	{"5.4 a fragmented message with a ping inside",
		frames(clientFrame(textBegin, beat[:5]), clientFrame(ping, "hi"), clientFrame(more, beat[5:9]), clientFrame(last, beat[9:])),
		[]string{"pong hi", beatBack}},
	{"5.4 an empty fragment", frames(clientFrame(textBegin, ""), clientFrame(more, beat), clientFrame(last, "")), []string{beatBack}},
	{"5.4 a continuation first", clientFrame(last, beat), []string{"close 1002"}},
	{"5.4 a new message inside another", frames(clientFrame(textBegin, "["), clientFrame(text, beat)), []string{"close 1002"}},
	{"5.4 fragments of one byte up to the limit", fragments(beat + strings.Repeat(" ", 64<<10-len(beat))), []string{beatBack}},
	{"5.4 fragments of one byte beyond it", fragments(beat + strings.Repeat(" ", 64<<10+1-len(beat))), []string{"close 1009"}},
	{"5.4 fragments without end", frames(clientFrame(textBegin, "["), clientFrame(more, strings.Repeat(" ", 66<<10))), []string{"close 1009"}},
	{"5.4 empty fragments without end", frames(clientFrame(textBegin, ""), bytes.Repeat(clientFrame(more, ""), 200_000)), []string{"close 1002"}},
	{"5.5 a ping of 125 bytes", clientFrame(ping, strings.Repeat("p", 125)), []string{"pong " + strings.Repeat("p", 125)}},
	{"5.5 a ping of 126 bytes", clientFrame(ping, strings.Repeat("p", 126)), []string{"close 1002"}},
	{"5.5 a fragmented ping", clientFrame(ping&0xf, "p"), []string{"close 1002"}},
	{"5.5.3 a pong that nobody asked for", frames(clientFrame(pong, "?"), clientFrame(text, beat)), []string{beatBack}},
	{"5.5.1 a close without code", clientFrame(closeMsg, ""), []string{"close"}},
	{"5.5.1 a close of one byte", clientFrame(closeMsg, "x"), []string{"close 1002"}},
	{"5.5.1 a frame after a close", frames(closing(1001, ""), clientFrame(text, beat)), []string{"close 1001"}},
	{"7.4 code 1000", closing(1000, "bye"), []string{"close 1000"}},
	{"7.4 code 1011", closing(1011, ""), []string{"close 1011"}},
	{"7.4 code 3000", closing(3000, ""), []string{"close 3000"}},
	{"7.4 code 4999", closing(4999, strings.Repeat("r", 123)), []string{"close 4999"}},
	{"7.4 code 0", closing(0, ""), []string{"close 1002"}},
	{"7.4 code 999", closing(999, ""), []string{"close 1002"}},
	{"7.4 code 1004", closing(1004, ""), []string{"close 1002"}},
	{"7.4 code 1005", closing(1005, ""), []string{"close 1002"}},
	{"7.4 code 1006", closing(1006, ""), []string{"close 1002"}},
	{"7.4 code 1015", closing(1015, ""), []string{"close 1002"}},
	{"7.4 code 1016", closing(1016, ""), []string{"close 1002"}},
	{"7.4 code 2999", closing(2999, ""), []string{"close 1002"}},
	{"7.4 code 5000", closing(5000, ""), []string{"close 1002"}},
	{"8.1 a reason that is not UTF-8", closing(1000, "\xff\xfe"), []string{"close 1007"}},
	{"8.1 a lone surrogate", clientFrame(text, "[\"\xed\xa0\x80\"]"), []string{"close 1007"}},
	{"8.1 an overlong slash", clientFrame(text, "[\"\xc0\xaf\"]"), []string{"close 1007"}},
	{"8.1 beyond the last code point", clientFrame(text, "[\"\xf4\x90\x80\x80\"]"), []string{"close 1007"}},
	{"8.1 half a code point at the end", clientFrame(text, "[\"\xf0\x9f\x98"), []string{"close 1007"}},
	{"8.1 a code point split over fragments",
		frames(clientFrame(textBegin, "[null,\"9\",\"room:\xf0\x9f"), clientFrame(last, "\x98\x80\",\"x\",{}]")),
		[]string{`[null,"9","room:😀","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]`}},
	{"binary instead of text", clientFrame(binaryMsg, beat), []string{"close 1007"}},
	{"a message of 64 KiB", clientFrame(text, beat+strings.Repeat(" ", 64<<10-len(beat))), []string{beatBack}},
	{"a message of 64 KiB and a byte", clientFrame(text, beat+strings.Repeat(" ", 64<<10+1-len(beat))), []string{"close 1009"}},
}

func TestWebSocketConformance(t *testing.T) {
	s := newServer(t, phoenix.Options{FramesPerSecond: 1e6})
	healthy := s.dial(t, "vsn=2.0.0")
	for _, c := range conformance {
		t.Run(c.name, func(t *testing.T) {
			nc := s.handshake(t, "vsn=2.0.0")
			_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
			sent := make(chan error, 1)
			go func() { // the server may close while we send
				_, err := nc.Write(c.send)
				sent <- err
			}()
			hearsRaw(t, nc, c.want...)
			<-sent
		})
		healthy.say(beat)
		healthy.hears(beatBack)
	}
}

func TestAClientThatIsCutMidFrame(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	nc := s.handshake(t, "vsn=2.0.0")
	_, _ = nc.Write(clientFrame(text, beat)[:9])
	_ = nc.(*net.TCPConn).SetLinger(0) // a reset instead of a goodbye
	_ = nc.Close()
	s.house.waitFor(t, "closed disconnected", 1)
}

// TestSilence: whoever sends no whole message is closed, whatever bytes he
// trickles.
func TestSilence(t *testing.T) {
	s := newServer(t, phoenix.Options{HeartbeatTimeout: 200 * time.Millisecond})
	for name, send := range map[string][]byte{
		"nothing":           nil,
		"half a header":     {text},
		"a header":          lengthy(64, 1<<40, ""),
		"an open fragment":  clientFrame(textBegin, "["),
		"only pings":        frames(clientFrame(ping, ""), clientFrame(ping, "")),
		"a fragment of 0 B": frames(clientFrame(textBegin, ""), clientFrame(more, "")),
	} {
		t.Run(name, func(t *testing.T) {
			nc := s.handshake(t, "vsn=2.0.0")
			_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
			_, _ = nc.Write(send)
			for {
				first, payload, err := readFrame(nc)
				if err != nil {
					t.Fatal(err)
				}
				if first == closeMsg {
					if got := told(first, payload); got != "close 1001" {
						t.Errorf("got %s, want close 1001", got)
					}
					return
				}
			}
		})
	}
}

func TestPingFlood(t *testing.T) {
	s := newServer(t, phoenix.Options{FramesPerSecond: 5000})
	healthy := s.dial(t, "vsn=2.0.0")
	nc := s.handshake(t, "vsn=2.0.0")
	go func() { _, _ = io.Copy(io.Discard, nc) }()
	flooding := make(chan struct{})
	go func() {
		defer close(flooding)
		flood := frames(clientFrame(ping, "x"), clientFrame(ping, "y"))
		for range 4 {
			flood = append(flood, flood...)
		}
		for range 10_000 / 32 {
			if _, err := nc.Write(flood); err != nil {
				return
			}
		}
	}()
	for over := false; !over; {
		healthy.say(beat)
		healthy.hears(beatBack)
		select {
		case <-flooding:
			over = true
		default:
		}
	}
}
