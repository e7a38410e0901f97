package phoenix

import (
	"encoding/json"
	"net/http"
)

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
	_ = writeBody(w, pollBody{Status: http.StatusGone, Token: p.token})
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
