package bench

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
)

// socket is a WebSocket client (RFC 6455) that does no more than a load generator needs: it reads whole unfragmented
// frames out of one buffer and writes masked text frames, so that it costs little beside the server on the same machine.
type socket struct {
	conn net.Conn
	in   *bufio.Reader
	mu   sync.Mutex // one writer at a time
	out  []byte
}

// maxFrame is the largest frame that is read, in bytes.
const maxFrame = 8 << 20

// open connects and shakes hands. The address begins with http:// or https://.
func open(ctx context.Context, address, protocols string) (*socket, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	conn, err := connect(ctx, u)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, in: bufio.NewReaderSize(conn, 8<<10)}
	if err := s.shakeHands(ctx, u, protocols); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

func connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	port := u.Port()
	if u.Scheme == "https" {
		if port == "" {
			port = "443"
		}
		return new(tls.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	}
	if port == "" {
		port = "80"
	}
	return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
}

func (s *socket) shakeHands(ctx context.Context, u *url.URL, protocols string) error {
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	defer stop()
	nonce := make([]byte, 16)
	rand.Read(nonce)
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": base64.StdEncoding.EncodeToString(nonce), "Sec-WebSocket-Protocol": protocols,
	} {
		req.Header.Set(name, value)
	}
	if err := req.Write(s.conn); err != nil {
		return err
	}
	res, err := http.ReadResponse(s.in, req)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		reason, _ := io.ReadAll(io.LimitReader(res.Body, 200))
		return fmt.Errorf("the server answers %s: %s", res.Status, reason)
	}
	return nil
}

// write sends one text frame.
func (s *socket) write(payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = append(s.out[:0], 0x81)
	switch n := len(payload); {
	case n < 126:
		s.out = append(s.out, 0x80|byte(n))
	case n < 1<<16:
		s.out = binary.BigEndian.AppendUint16(append(s.out, 0x80|126), uint16(n))
	default:
		s.out = binary.BigEndian.AppendUint64(append(s.out, 0x80|127), uint64(n))
	}
	s.out = append(s.out, 0, 0, 0, 0) // a mask of zeros leaves the payload as it is
	s.out = append(s.out, payload...)
	_, err := s.conn.Write(s.out)
	return err
}

// errClosed tells that the server closed the connection, and why.
type errClosed struct {
	code   uint16
	reason string
}

func (e errClosed) Error() string {
	return fmt.Sprintf("closed by the server with %d %s", e.code, e.reason)
}

// read returns the next text frame; it is valid until the next read. Control frames are passed over.
func (s *socket) read(buffer []byte) (frame, grown []byte, err error) {
	for {
		op, size, err := s.header()
		if err != nil {
			return nil, buffer, err
		}
		if size > cap(buffer) {
			buffer = make([]byte, size)
		}
		frame = buffer[:size]
		if _, err := io.ReadFull(s.in, frame); err != nil {
			return nil, buffer, err
		}
		switch op {
		case 0x1:
			return frame, buffer, nil
		case 0x8:
			closed := errClosed{code: 1005}
			if size >= 2 {
				closed = errClosed{binary.BigEndian.Uint16(frame), string(frame[2:])}
			}
			return nil, buffer, closed
		}
	}
}

func (s *socket) header() (op byte, size int, err error) {
	head, err := s.in.Peek(2)
	if err != nil {
		return 0, 0, err
	}
	op, size = head[0]&0x0f, int(head[1]&0x7f)
	if head[0]&0x80 == 0 || head[1]&0x80 != 0 {
		return 0, 0, errors.New("the server sent a fragmented or masked frame")
	}
	long := map[int]int{126: 2, 127: 8}[size]
	if long > 0 {
		if head, err = s.in.Peek(2 + long); err != nil {
			return 0, 0, err
		}
		size = int(binary.BigEndian.Uint64(append(make([]byte, 8-long, 8), head[2:]...)))
	}
	if size < 0 || size > maxFrame {
		return 0, 0, fmt.Errorf("the server sent a frame of %d bytes", size)
	}
	_, err = s.in.Discard(2 + long)
	return op, size, err
}
