package api

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"planga/chat"
)

// reply is the body of an answer. It repeats the HTTP status, as in 2018. Data is set on success, the others on failure.
type reply struct {
	Status  int       `json:"status"`
	Data    string    `json:"data,omitempty"`
	Reason  chat.Code `json:"reason,omitempty"`
	Message string    `json:"message,omitempty"`
}

// statuses says which HTTP status a code becomes.
var statuses = map[chat.Code]int{
	chat.Invalid:            http.StatusBadRequest,
	chat.TooLong:            http.StatusBadRequest,
	chat.Unauthorized:       http.StatusUnauthorized,
	chat.Forbidden:          http.StatusForbidden,
	chat.NotFound:           http.StatusNotFound,
	chat.Conflict:           http.StatusConflict,
	chat.RateLimited:        http.StatusTooManyRequests,
	chat.Busy:               http.StatusServiceUnavailable,
	chat.StorageUnavailable: http.StatusServiceUnavailable,
}

// refuse answers with an error: with the status, or with that of its code if it is 0.
func (s *Server) refuse(w http.ResponseWriter, status int, err error) {
	e := chat.AsError(err)
	if status == 0 {
		status = statuses[e.Code]
	}
	if status == 0 {
		status = http.StatusInternalServerError
		s.Log.Error("request to the API failed", "error", err)
	}
	if e.RetryAfter > 0 {
		seconds := math.Ceil(e.RetryAfter.Seconds())
		w.Header().Set("Retry-After", strconv.FormatFloat(seconds, 'f', 0, 64))
	}
	answer(w, reply{Status: status, Reason: e.Code, Message: sentence(e)})
}

// sentence is what a host's developer is told. A refused credential is explained in the dashboard only.
func sentence(e *chat.Error) string {
	if e.Code == chat.Unauthorized {
		return "The request was not encrypted with an active key of an app. The dashboard says more."
	}
	return e.Message
}

// answer writes a reply under its status.
func answer(w http.ResponseWriter, r reply) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(r.Status)
	_ = json.NewEncoder(w).Encode(r) // an error means that the caller has gone
}
