package phoenix

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

// wire is the TCP (or TLS) connection under a WebSocket. The library reads
// from it and writes handshakes and control frames to it; data frames, which
// a broadcast shares, are written to it directly, many with one write. Since
// the library hands every control frame over in a single Write, frames do not
// mix; and after a close frame, from whichever side of us, nothing follows.
type wire struct {
	net.Conn
	// early is what net/http had read already beyond the handshake.
	early []byte
	// read counts what came since the last whole message, and maxRead bounds it:
	// frames may be empty, so the library's limit on messages is none on them.
	read, maxRead int
	// in is where the library reads, through a small buffer.
	in *bufio.Reader
	// raw writes without waiting; nil if that cannot be, as with TLS.
	raw syscall.RawConn

	mu        sync.Mutex
	closeSent bool
}

// Read is for the library.
func (w *wire) Read(p []byte) (int, error) {
	if w.read > w.maxRead {
		return 0, errFragments
	}
	if len(w.early) > 0 {
		n := copy(p, w.early)
		if w.early = w.early[n:]; len(w.early) == 0 {
			w.early = nil
		}
		w.read += n
		return n, nil
	}
	n, err := w.Conn.Read(p)
	w.read += n
	return n, err
}

// await returns when there is something to read, or the connection has ended.
// Most connections wait most of the time. Waiting here takes half the stack
// that it takes inside the library: the garbage collector can cut what a
// connection's goroutine needed for its last message back to 4 KiB.
func (w *wire) await() {
	if w.raw != nil && len(w.early) == 0 && w.in.Buffered() == 0 {
		_ = w.raw.Read(readable) // the read that follows meets the same error
	}
}

var errFragments = errors.New("a message of too many fragments")

// Write is for the library's control frames. It answers a close frame with
// the reason it came with, and does not look whether that is UTF-8, which
// RFC 6455 demands.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeSent {
		return len(p), nil
	}
	if len(p) > 0 && p[0]&0xf == opClose {
		w.closeSent = true
		if len(p) > 4 && !utf8.Valid(p[4:]) {
			_, err := w.Conn.Write(closeFrame(closeInvalid, "reason is not UTF-8"))
			return len(p), err
		}
	}
	return w.Conn.Write(p)
}

// writeFrames writes whole data frames.
func (w *wire) writeFrames(b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeSent {
		return net.ErrClosed
	}
	_, err := w.Conn.Write(b)
	return err
}

// tryFrames writes as much of whole data frames as can be without waiting. If
// that is a part of them, the wire stays locked until finishFrames has written
// the rest, since nothing may come between.
func (w *wire) tryFrames(try *attempt, b []byte) (n int, err error) {
	if w.raw == nil || !w.mu.TryLock() {
		return 0, nil
	}
	if w.closeSent {
		w.mu.Unlock()
		return 0, net.ErrClosed
	}
	n, err = try.write(w.raw, b)
	if err != nil || n == 0 || n == len(b) {
		w.mu.Unlock()
	}
	return n, err
}

// finishFrames writes what tryFrames left over.
func (w *wire) finishFrames(rest []byte) error {
	defer w.mu.Unlock()
	_, err := w.Conn.Write(rest)
	return err
}

// writeClose begins the closing handshake, unless it has begun, and bounds by
// closeGrace how long its answer is awaited.
func (w *wire) writeClose(code int, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closeSent {
		w.closeSent = true
		_ = w.Conn.SetWriteDeadline(time.Now().Add(closeGrace))
		if _, err := w.Conn.Write(closeFrame(code, reason)); err != nil {
			w.cut()
			return
		}
	}
	_ = w.Conn.SetReadDeadline(time.Now().Add(closeGrace))
}

// cut closes the connection without a word. A TLS connection would say
// goodbye first, and wait for a client that takes nothing.
func (w *wire) cut() {
	if t, ok := w.Conn.(*tls.Conn); ok {
		_ = t.NetConn().Close()
		return
	}
	_ = w.Conn.Close()
}
