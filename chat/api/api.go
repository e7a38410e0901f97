// Package api is the API for host servers. Today that is the API of Planga 2018: one address, to which a site's server
// posts requests encrypted with one of the app's keys.
//
//	POST /api/v1
//	{"public_api_id": "…", "encrypted_request": "…"}
//
// The encrypted request is a JWE as in a page's encrypted options; inside is {"action": …, "params": {…}}. The only
// action is set_role with {"role": "" or "moderator" or "reader", "conversation_id": …, "user_id": …}.
//
// Whoever can encrypt with an active key may call it, whether or not the app serves pages of 2018. But a request without
// exp (seconds since 1970, at most 24 hours ahead, beside action and params) can be repeated by whoever sees it, so that is
// accepted only with the app's switch for 2018 on. A request may arrive twice; setting a role twice changes nothing.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"planga/chat"
)

// Roles gives participants their roles: [chat.Service] does.
type Roles interface {
	// SetRole gives a participant a role. [chat.Invalid] for an unknown role, [chat.NotFound] if the user does not
	// participate in the room.
	SetRole(ctx context.Context, r chat.Room, whom chat.UserID, role chat.Role) (chat.Participant, error)
}

// Server answers host servers. The fields are set once, before the first request.
type Server struct {
	Directory *chat.Directory
	Roles     Roles
	Refused   func(*chat.Refused) // told of refused credentials that name a key, for its app's owner; nil tells nobody
	Now       func() time.Time    // the clock; [time.Now] in production
	Log       *slog.Logger

	mu       sync.Mutex
	limiters map[chat.AppID]*rate.Limiter
}

// Requests of one app: so many a second, and so many at once.
const (
	perSecond = 50
	burst     = 100
)

// Handler2018 serves the API of 2018 with a service's clock, log and statistics: what [Server.Handler] of a whole node
// serves today.
func Handler2018(d *chat.Directory, service *chat.Service) http.Handler {
	s := &Server{Directory: d, Roles: service, Now: service.Now, Log: service.Log, Refused: func(r *chat.Refused) {
		service.Statistics.Refused(r.App, r.Reason, r.KeyID, "")
	}}
	return s.Handler()
}

// Handler serves everything below /api/. It allows many requests at once.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1", s.serveV1)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, reply{Status: http.StatusNotFound, Reason: chat.NotFound, Message: "There is nothing at this address."})
	})
	return mux
}

// wait uses up one request of the app, or returns how long it takes until there is one.
func (s *Server) wait(app chat.AppID) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	limiter := s.limiters[app]
	if limiter == nil {
		if s.limiters == nil {
			s.limiters = map[chat.AppID]*rate.Limiter{}
		}
		limiter = rate.NewLimiter(perSecond, burst)
		s.limiters[app] = limiter
	}
	now := s.Now()
	r := limiter.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}
