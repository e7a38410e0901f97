package phoenix

import "encoding/binary"

// Opcodes of the WebSocket frames written here (RFC 6455, section 5.2).
const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
)

// headRoom is the longest header of a server's WebSocket frame.
const headRoom = 10

// frame is one WebSocket frame, header included. A server's frames are not
// masked, so the same bytes serve every socket that a broadcast goes to, and
// several of them can be joined into one write. It never changes once made.
type frame struct {
	bytes []byte
	// head is the length of the WebSocket header, which long-poll leaves out.
	head   uint8
	binary bool
}

// payload is the frame without its WebSocket header.
func (f *frame) payload() []byte { return f.bytes[f.head:] }

// newBody is an empty buffer for newFrame, with room for a header in front
// and for about n bytes.
func newBody(n int) []byte { return make([]byte, headRoom, headRoom+n) }

// newFrame puts the header in front of a body that was begun by newBody.
func newFrame(opcode byte, body []byte) *frame {
	if body == nil {
		return nil
	}
	n := len(body) - headRoom
	head := 2
	switch {
	case n > 0xffff:
		head = 10
		binary.BigEndian.PutUint64(body[2:], uint64(n))
		body[1] = 127
	case n > 125:
		head = 4
		binary.BigEndian.PutUint16(body[8:], uint16(n))
		body[7] = 126
	default:
		body[9] = byte(n)
	}
	body = body[headRoom-head:]
	body[0] = 0x80 | opcode
	return &frame{bytes: body, head: uint8(head), binary: opcode == opBinary}
}

// closeFrame is a WebSocket frame that closes with code and reason.
func closeFrame(code int, reason string) []byte {
	b := []byte{0x80 | opClose, byte(2 + len(reason)), byte(code >> 8), byte(code)}
	return append(b, reason...)
}
