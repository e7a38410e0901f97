package phoenix

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// maxBatch is how many frames a client may send with one request, and
// batchFrames how many of the longest kind.
const (
	maxBatch    = 100
	batchFrames = 16
)

// poll is the link of a long-poll connection. It has no goroutine; a request
// of the client's writes what waits.
type poll struct {
	conn   *Conn
	token  string
	origin string
	wake   chan struct{}

	// turn is held by the request that waits, posting by the one that sends.
	turn, posting sync.Mutex

	mu sync.Mutex
	// superseded is closed when another request wants to wait in its place.
	superseded chan struct{}
}

// wait answers with what there is, or waits for it.
func (p *poll) wait(w http.ResponseWriter, r *http.Request) {
	superseded := p.supersede()
	p.turn.Lock()
	defer p.turn.Unlock()
	p.conn.seen.Store(time.Now().UnixNano())
	window := time.NewTimer(p.conn.endpoint.options.PollWindow)
	defer window.Stop()
	for waiting := true; waiting; {
		select {
		case <-superseded:
			waiting = false
			continue
		case <-r.Context().Done():
			return
		default:
		}
		messages, closing := p.take()
		if len(messages) > 0 {
			p.deliver(w, r, messages)
			return
		}
		if closing {
			writeStatus(w, http.StatusGone)
			return
		}
		select {
		case <-p.wake:
		case <-superseded:
		case <-r.Context().Done():
		case <-window.C:
			waiting = false
		}
	}
	p.conn.seen.Store(time.Now().UnixNano())
	_ = writeBody(w, pollBody{Status: http.StatusNoContent, Token: p.token})
}

// supersede ends the request that is waiting, if there is one; the channel it
// returns ends the caller's in turn.
func (p *poll) supersede() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.superseded != nil {
		close(p.superseded)
	}
	p.superseded = make(chan struct{})
	return p.superseded
}

// take empties the outbox.
func (p *poll) take() (messages []string, closing bool) {
	c := p.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	batch := c.outbox.take(nil)
	for _, f := range batch {
		messages = append(messages, string(f.payload()))
	}
	c.outbox.wrote(batch)
	c.outbox.draining = false
	return messages, c.closing != nil
}

// deliver writes messages. A client that they do not reach may not go on as
// if nothing was lost: its session ends, and it catches up in the next.
func (p *poll) deliver(w http.ResponseWriter, r *http.Request, messages []string) {
	c := p.conn
	c.endpoint.stats.framesOut.Add(int64(len(messages)))
	err := writeBody(w, pollBody{Status: http.StatusOK, Token: p.token, Messages: messages})
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil && !errors.Is(err, http.ErrNotSupported) || r.Context().Err() != nil {
		c.Close(closeGoingAway, "poll was not delivered")
	}
}

// post takes the frames of a request, one a line.
func (p *poll) post(w http.ResponseWriter, r *http.Request) {
	p.posting.Lock()
	defer p.posting.Unlock()
	lines, status := p.readLines(w, r)
	if status != http.StatusOK {
		writeStatus(w, status)
		return
	}
	for _, line := range lines {
		if len(line) > p.conn.endpoint.options.FrameBytes {
			p.conn.Close(closeTooBig, "frame too big")
			break
		}
		if len(line) > 0 {
			p.conn.receive(false, line)
		}
	}
	if p.conn.isClosing() {
		writeStatus(w, http.StatusGone)
		return
	}
	writeStatus(w, http.StatusOK)
}

// readLines reads a body, for which it allows as long as a poll may take.
func (p *poll) readLines(w http.ResponseWriter, r *http.Request) (lines [][]byte, status int) {
	o := &p.conn.endpoint.options
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(o.PollWindow))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(o.FrameBytes)*batchFrames))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	_ = control.SetReadDeadline(time.Time{})
	lines = bytes.SplitN(bytes.TrimSpace(body), []byte("\n"), maxBatch+1)
	if len(lines) > maxBatch {
		return nil, http.StatusRequestEntityTooLarge
	}
	for i := range lines {
		lines[i] = bytes.TrimSpace(lines[i])
	}
	return lines, http.StatusOK
}

func (p *poll) ready() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *poll) flush() { p.ready() }

// closing lets the waiting request take what is left, and finishes after it.
func (p *poll) closing() {
	p.conn.endpoint.polls.remove(p)
	p.ready()
	go func() {
		p.turn.Lock()
		defer p.turn.Unlock()
		p.conn.finish(errors.New("disconnected"))
		p.conn.endpoint.close(p.conn)
	}()
}

func (p *poll) cut() { p.ready() }
