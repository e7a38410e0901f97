package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// socket is one connection to the server. One goroutine reads it.
type socket struct {
	conn   *websocket.Conn
	frames chan frame // unbuffered, so that who does not take them is a slow reader; closed at the end
	stop   context.CancelFunc
	err    error // why it ended; after frames was closed
}

// between is what lies between server and client: it may change, drop and add frames. Seeded bugs are made of it.
type between func(frame) []frame

func dial(ctx context.Context, address, token string, b between) (*socket, error) {
	opening, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(opening, "ws://"+address+"/socket/websocket?vsn=2.0.0", &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Control: small}).DialContext}},
		Subprotocols: []string{"phoenix", "base64url.bearer.phx." + base64.RawURLEncoding.EncodeToString([]byte(token))},
	})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(8 << 20)
	s := &socket{conn: conn, frames: make(chan frame)}
	reading, stop := context.WithCancel(ctx)
	s.stop = stop
	go s.listen(reading, b)
	return s, nil
}

func (s *socket) listen(ctx context.Context, b between) {
	defer close(s.frames)
	defer s.conn.CloseNow()
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			s.err = err
			return
		}
		f, err := parseFrame(data)
		if err != nil {
			s.err = err
			return
		}
		heard := []frame{f}
		if b != nil {
			heard = b(f)
		}
		for _, f := range heard {
			select {
			case s.frames <- f:
			case <-ctx.Done():
				s.err = ctx.Err()
				return
			}
		}
	}
}

func (s *socket) write(ctx context.Context, f frame) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, f.encode())
}

// close ends the connection and waits for its goroutine.
func (s *socket) close() {
	s.stop()
	for range s.frames {
	}
}

// ending says why the connection ended.
func (s *socket) ending() string {
	if code := websocket.CloseStatus(s.err); code != -1 {
		return fmt.Sprintf("closed with %d", code)
	}
	return fmt.Sprint(s.err)
}
