package phoenix

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// pollPrefix marks the tokens of long-poll sessions, which phoenix.js sends
	// as ?token=, where a page may have put its credential as well.
	pollPrefix = "lp_"
	// pollToken is the length of such a token: 256 random bits.
	pollToken = len(pollPrefix) + 43
	// maxBatch is how many frames a client may send with one request, and
	// batchFrames how many of the longest kind.
	maxBatch    = 100
	batchFrames = 16
)

// polls are the long-poll connections by token. They live in the memory of
// one process, so requests of one session must reach the same one.
type polls struct {
	mu      sync.Mutex
	byToken map[string]*poll
}

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

// isPollToken reports whether a token is one of ours, and no credential.
func isPollToken(token string) bool {
	return len(token) == pollToken && strings.HasPrefix(token, pollPrefix)
}

// ServeLongPoll is the handler of /socket/longpoll. As in Phoenix, an answer
// is HTTP 200 with the status in its body.
func (e *Endpoint) ServeLongPoll(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Origin")
	switch r.Method {
	case http.MethodOptions:
		preflight(w, r)
	case http.MethodGet, http.MethodPost:
		e.servePoll(w, r)
	default:
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// servePoll finds the session that a request belongs to.
func (e *Endpoint) servePoll(w http.ResponseWriter, r *http.Request) {
	p, named := e.polls.find(r)
	switch {
	case p == nil && named, p == nil && r.Method == http.MethodPost:
		allowAnyOrigin(w, r) // it says only that there is no such session
		writeStatus(w, http.StatusGone)
	case p == nil:
		e.beginPoll(w, r)
	case !p.admits(r.Header.Values("Origin")):
		writeStatus(w, http.StatusForbidden)
	default:
		allowOrigin(w, p.origin)
		if r.Method == http.MethodPost {
			p.post(w, r)
		} else {
			p.wait(w, r)
		}
	}
}

// admits reports whether a request of these Origin headers may belong to the
// session. Browsers send none with a GET to the page's own origin but one with
// a POST, so a missing one says nothing.
func (p *poll) admits(origins []string) bool {
	return len(origins) == 0 || len(origins) == 1 && (p.origin == "" || origins[0] == p.origin)
}

// beginPoll opens a session and tells its token.
func (e *Endpoint) beginPoll(w http.ResponseWriter, r *http.Request) {
	h, refusal := e.handshake(r, LongPoll)
	var session Session
	if refusal == nil {
		session, refusal = e.connect(r, h)
	}
	if refusal != nil {
		status := http.StatusForbidden
		if refusal.status >= 500 {
			status = http.StatusInternalServerError // the only other one phoenix.js knows
		}
		writeStatus(w, status)
		return
	}
	p := &poll{conn: h.Conn, token: newPollToken(), origin: h.Origin, wake: make(chan struct{}, 1)}
	e.polls.add(p)
	allowOrigin(w, p.origin)
	if !e.open(h.Conn, session, p) {
		e.polls.remove(p)
		session.Closed(errDraining)
		writeStatus(w, http.StatusInternalServerError)
		return
	}
	writeBody(w, pollBody{Status: http.StatusGone, Token: p.token})
}

// wait answers with what there is, or waits for it.
func (p *poll) wait(w http.ResponseWriter, r *http.Request) {
	superseded := p.supersede()
	p.turn.Lock()
	defer p.turn.Unlock()
	c := p.conn
	c.seen.Store(time.Now().UnixNano())
	window := time.NewTimer(c.endpoint.options.PollWindow)
	defer window.Stop()
	for {
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
			writeBody(w, pollBody{Status: http.StatusNoContent, Token: p.token})
			return
		case <-window.C:
			c.seen.Store(time.Now().UnixNano())
			writeBody(w, pollBody{Status: http.StatusNoContent, Token: p.token})
			return
		case <-r.Context().Done():
			return
		}
	}
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
	limit := p.conn.endpoint.options.FrameBytes
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)*batchFrames))
	if err != nil {
		writeStatus(w, http.StatusRequestEntityTooLarge)
		return
	}
	lines := bytes.FieldsFunc(body, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) > maxBatch {
		writeStatus(w, http.StatusRequestEntityTooLarge)
		return
	}
	for _, line := range lines {
		if len(line) > limit {
			p.conn.Close(closeTooBig, "frame too big")
			break
		}
		p.conn.receive(false, line)
	}
	if p.conn.isClosing() {
		writeStatus(w, http.StatusGone)
		return
	}
	writeStatus(w, http.StatusOK)
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

func (s *polls) add(p *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byToken == nil {
		s.byToken = make(map[string]*poll)
	}
	s.byToken[p.token] = p
}

func (s *polls) remove(p *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byToken, p.token)
}

// find looks the session of a request up; named tells that it names one, alive
// or not.
func (s *polls) find(r *http.Request) (p *poll, named bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := append(r.Header.Values("X-Phoenix-Longpoll-Token"), r.URL.Query()["token"]...)
	for _, token := range tokens {
		if !isPollToken(token) {
			continue
		}
		named = true
		if p = s.byToken[token]; p != nil {
			return p, true
		}
	}
	return nil, named
}

// newPollToken is a secret that nobody can guess.
func newPollToken() string {
	var b [32]byte
	rand.Read(b[:])
	return pollPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// pollBody is what every request is answered with.
type pollBody struct {
	Status   int      `json:"status"`
	Token    string   `json:"token,omitempty"`
	Messages []string `json:"messages"`
}

func writeStatus(w http.ResponseWriter, status int) {
	_ = writeBody(w, pollBody{Status: status}) // a client that is gone asks again
}

func writeBody(w http.ResponseWriter, body pollBody) error {
	if body.Messages == nil {
		body.Messages = []string{}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(body)
}
