package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4/json"

	"planga/chat"
)

// maxRequest is the largest request body, in bytes.
const maxRequest = 64 << 10

// envelope is what a host server of 2018 posts. The decoder refuses names that are given twice.
type envelope struct {
	PublicID string `json:"public_api_id"`
	Sealed   string `json:"encrypted_request"`
}

func (s *Server) serveV1(w http.ResponseWriter, r *http.Request) {
	e, status, err := readEnvelope(w, r)
	if err != nil {
		s.refuse(w, status, err)
		return
	}
	request, err := s.Directory.OpenRequest(s.Now(), e.PublicID, e.Sealed)
	if why, ok := chat.AsRefused(err); ok && s.Refused != nil && why.App != 0 {
		s.Refused(why)
	}
	if err == nil {
		err = s.act(r.Context(), request)
	}
	if err != nil {
		s.refuse(w, 0, err)
		return
	}
	answer(w, reply{Status: http.StatusOK, Data: "success"})
}

// readEnvelope checks the outside of a request before its content is looked at.
func readEnvelope(w http.ResponseWriter, r *http.Request) (e envelope, status int, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return e, http.StatusMethodNotAllowed, chat.Errorf(chat.Invalid, "Send the request with POST.")
	}
	if !isJSON(r.Header) {
		return e, http.StatusUnsupportedMediaType, chat.Errorf(chat.Invalid, "Send the request as application/json in UTF-8, not compressed.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return e, http.StatusRequestEntityTooLarge, chat.Errorf(chat.TooLong, "The request is larger than 64 KiB.")
	}
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err != nil {
		return e, http.StatusBadRequest, chat.Errorf(chat.Invalid, `The request is not a JSON object like {"public_api_id": "…", "encrypted_request": "…"}.`)
	}
	return e, 0, nil
}

// isJSON reports whether the body is plain JSON in UTF-8.
func isJSON(h http.Header) bool {
	types := h.Values("Content-Type")
	if len(types) != 1 || h.Get("Content-Encoding") != "" {
		return false
	}
	media, params, err := mime.ParseMediaType(types[0])
	charset, given := params["charset"]
	return err == nil && media == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

// act does what a verified request asks for.
func (s *Server) act(ctx context.Context, r chat.SealedRequest) error {
	if d := s.wait(r.App); d > 0 {
		return &chat.Error{Code: chat.RateLimited, Message: "That were too many requests at once.", RetryAfter: d}
	}
	if r.Action != "set_role" {
		return chat.Errorf(chat.NotFound, "There is no such action.")
	}
	return s.setRole(ctx, r)
}

// setRole gives a participant of one of the app's conversations a role.
func (s *Server) setRole(ctx context.Context, r chat.SealedRequest) error {
	role, roleGiven := r.Params.Text("role")
	conversation, conversationGiven := r.Params.ID("conversation_id")
	user, userGiven := r.Params.ID("user_id")
	if !roleGiven || !conversationGiven || !userGiven {
		return chat.Errorf(chat.Invalid, "The parameters role, conversation_id and user_id are needed.")
	}
	room := chat.Room{App: r.App, Conversation: chat.ConversationID(conversation)}
	if err := errors.Join(room.Conversation.Check(), chat.UserID(user).Check()); err != nil {
		return chat.Errorf(chat.Invalid, "The parameters conversation_id and user_id are printable and have 1 to 255 bytes.")
	}
	_, err := s.Roles.SetRole(ctx, room, chat.UserID(user), chat.Role(role))
	return err
}
