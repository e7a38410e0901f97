package phoenix

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
)

const (
	// pollPrefix marks the tokens of long-poll sessions, which phoenix.js sends
	// as ?token=, where a page may have put its credential as well.
	pollPrefix = "lp_"
	// pollToken is the length of such a token: 256 random bits.
	pollToken = len(pollPrefix) + 43
)

// polls are the long-poll connections by token. They live in the memory of
// one process, so requests of one session must reach the same one.
type polls struct {
	mu      sync.Mutex
	byToken map[string]*poll
}

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

// isPollToken reports whether a token is one of ours, and no credential.
func isPollToken(token string) bool {
	return len(token) == pollToken && strings.HasPrefix(token, pollPrefix)
}

// newPollToken is a secret that nobody can guess.
func newPollToken() string {
	var b [32]byte
	rand.Read(b[:])
	return pollPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}
