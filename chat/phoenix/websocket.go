package phoenix

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// Buffers of the library for one connection. net/http's own are 4 KiB each,
// which most connections never fill. A control frame must fit the second, so
// that it reaches wire.Write in one piece.
const (
	readBuffer  = 256
	writeBuffer = 160
)

// fragmentCost is how many bytes a client may spend on a byte of a message: a
// fragment of one byte takes seven.
const fragmentCost = 16

// lingerTime is how long a client that broke the protocol may still send, so
// that the close frame is not lost in a reset.
const lingerTime = time.Second

// ServeWebSocket is the handler of /socket/websocket.
func (e *Endpoint) ServeWebSocket(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" { // somebody typed the address; no credential is looked at
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "this is the address of a WebSocket", http.StatusUpgradeRequired)
		return
	}
	h, refusal := e.handshake(r, WebSocket)
	if refusal != nil {
		refusal.write(w)
		return
	}
	if r.ContentLength != 0 {
		http.Error(w, "a WebSocket handshake has no body", http.StatusBadRequest)
		return
	}
	session, refusal := e.connect(r, h)
	if refusal != nil {
		refusal.write(w)
		return
	}
	if err := e.upgrade(w, r, h.Conn, session); err != nil {
		session.Closed(err)
	}
}

// upgrade turns the request into an open connection with its own goroutine,
// and returns, so that net/http's goroutine and its buffers are freed. An
// error has been answered.
func (e *Endpoint) upgrade(w http.ResponseWriter, r *http.Request, c *Conn, session Session) error {
	s := &socket{conn: c}
	dropCredential(r.Header)
	ws, err := websocket.Accept(&lightResponse{w, s}, r, &websocket.AcceptOptions{
		Subprotocols:       []string{"phoenix"},
		InsecureSkipVerify: true, // Connect judged the origin
		CompressionMode:    websocket.CompressionDisabled,
		OnPingReceived:     func(context.Context, []byte) bool { c.pace(); return true },
		OnPongReceived:     func(context.Context, []byte) { c.pace() },
	})
	if err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	ws.SetReadLimit(int64(e.options.FrameBytes))
	s.ws = ws
	if !e.open(c, session, s) {
		s.wire.writeClose(closeRestart, "restart")
		_ = ws.CloseNow()
		return errDraining
	}
	go s.serve()
	return nil
}

// dropCredential leaves of the offered subprotocols only the one that is
// answered. The library keeps it, as a part of the text that it came in, for as
// long as the connection lives: the credential would stay in memory with it.
func dropCredential(h http.Header) {
	const name = "Sec-Websocket-Protocol"
	for _, offered := range h[name] {
		for p := range strings.SplitSeq(offered, ",") {
			if strings.TrimSpace(p) == "phoenix" {
				h[name] = []string{"phoenix"}
				return
			}
		}
	}
}

// lightResponse makes the library work on a wire with small buffers.
type lightResponse struct {
	http.ResponseWriter
	socket *socket
}

// Hijack takes the connection over from net/http, with what it has read of a
// client that did not wait for the answer.
func (l *lightResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(l.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, _ := rw.Reader.Peek(rw.Reader.Buffered())
	w := &l.socket.wire
	w.Conn, w.maxRead = nc, l.socket.conn.endpoint.options.FrameBytes*fragmentCost
	if sc, ok := nc.(syscall.Conn); ok {
		w.raw, _ = sc.SyscallConn() // nil is a connection that every write may wait for
	}
	w.early = bytes.Clone(early)
	w.in = bufio.NewReaderSize(w, readBuffer)
	return w, bufio.NewReadWriter(w.in, bufio.NewWriterSize(w, writeBuffer)), nil
}

// socket is the link of a WebSocket connection. Its goroutine reads, calls the
// session and writes the answers. What others send is written by one of the
// endpoint's writers, or, while the client takes nothing more, by a goroutine
// that waits for it.
type socket struct {
	wire wire
	ws   *websocket.Conn
	conn *Conn
}

// serve reads until the connection ends.
func (s *socket) serve() {
	defer s.conn.endpoint.close(s.conn)
	err := s.read()
	s.linger(err)
	_ = s.ws.CloseNow()
	s.conn.finish(s.cause(err))
}

// read takes messages until there can be no more.
func (s *socket) read() error {
	for {
		s.wire.await()
		kind, r, err := s.ws.Reader(context.Background())
		if err != nil {
			return err
		}
		buf := readBuffers.Get().(*[]byte)
		b, err := readMessage(r, (*buf)[:0])
		if err == nil {
			s.wire.read = 0
			s.conn.receive(kind == websocket.MessageBinary, b)
		}
		if cap(b) <= keepBuffer {
			*buf = b
			readBuffers.Put(buf)
		}
		if err != nil {
			return err
		}
	}
}

// keepBuffer is the largest buffer that is kept for another message.
const keepBuffer = 16 << 10

var readBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// readMessage appends a message to b. The library holds the limit.
func readMessage(r io.Reader, b []byte) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// linger ends the connection of a client that broke the protocol. The library
// has sent a close frame in most cases. What the client still sends is read
// for a moment, since closing over unread bytes resets the connection, and the
// close frame could be lost.
func (s *socket) linger(err error) {
	if disconnected(err) || websocket.CloseStatus(err) != -1 {
		return
	}
	s.closing()
	s.wire.writeClose(closeProtocol, "protocol error")
	_ = s.wire.SetReadDeadline(time.Now().Add(lingerTime))
	if half, ok := s.wire.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.CopyN(io.Discard, &s.wire, 1<<20)
}

// disconnected reports whether err is of the network: nobody is there.
func disconnected(err error) bool {
	var ne net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.As(err, &ne)
}

// cause says in a few words why reading ended.
func (s *socket) cause(err error) error {
	var ce websocket.CloseError
	switch {
	case errors.As(err, &ce):
		return fmt.Errorf("closed by the client: %d", ce.Code)
	case disconnected(err):
		return errors.New("disconnected")
	}
	return fmt.Errorf("protocol error: %w", err)
}

func (s *socket) ready() {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended { // the client left meanwhile
		return
	}
	if c.endpoint.writers.add(s) {
		c.endpoint.running.Add(1)
		go c.endpoint.write()
	}
}

// flush writes one batch here and leaves the rest to a writer, so that the
// goroutine gets back to reading.
func (s *socket) flush() {
	if _, more := s.drain(nil); more {
		s.ready()
	}
}

func (s *socket) closing() { _ = s.wire.SetWriteDeadline(time.Now().Add(closeGrace)) }

func (s *socket) cut() { s.wire.cut() }
