package phoenix

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// bearerProtocol is the subprotocol in which phoenix.js hides its authToken,
// because a browser can set no headers on a WebSocket.
const bearerProtocol = "base64url.bearer.phx."

var errDraining = errors.New("server is shutting down")

// rejection is the HTTP answer to a handshake that opens nothing.
type rejection struct {
	status int
	text   string
}

func (r *rejection) write(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	if r.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	http.Error(w, r.text, r.status)
}

// handshake reads what the client brought along.
func (e *Endpoint) handshake(r *http.Request, t Transport) (Handshake, *rejection) {
	query := r.URL.Query()
	version, ok := parseVersion(query.Get("vsn"))
	if !ok {
		return Handshake{}, &rejection{http.StatusBadRequest, "vsn must be 1.0.0 or 2.0.0"}
	}
	origins := r.Header.Values("Origin")
	if len(origins) > 1 {
		return Handshake{}, &rejection{http.StatusForbidden, "several Origin headers"}
	}
	h := Handshake{
		Version: version, Transport: t,
		Token: credential(r.Header, query), RawQuery: r.URL.RawQuery,
		Host: r.Host, RemoteAddr: e.options.RemoteAddr(r),
		UserAgent: cut(r.UserAgent(), 256),
	}
	if len(origins) == 1 {
		h.Origin = origins[0]
	}
	h.Conn = e.newConn(&h)
	return h, nil
}

// connect asks the application.
func (e *Endpoint) connect(r *http.Request, h Handshake) (Session, *rejection) {
	if e.registry.isClosed() {
		return nil, &rejection{http.StatusServiceUnavailable, errDraining.Error()}
	}
	session, err := e.app.Connect(r.Context(), h)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		e.stats.refused.Add(1)
		return nil, &rejection{http.StatusForbidden, refusal.Reason}
	case err != nil:
		h.Conn.log("connect failed", err)
		return nil, &rejection{http.StatusInternalServerError, "internal error"}
	}
	return session, nil
}

// parseVersion reads the parameter vsn; without it a client speaks V1.
func parseVersion(vsn string) (Version, bool) {
	if vsn == "" {
		return V1, true
	}
	major, patch, ok := strings.Cut(vsn, ".0.")
	if !ok || patch == "" || strings.Trim(patch, "0123456789") != "" {
		return 0, false
	}
	switch major {
	case "1":
		return V1, true
	case "2":
		return V2, true
	}
	return 0, false
}

// credential finds the client's token; see Handshake.Token.
func credential(h http.Header, query url.Values) string {
	for _, line := range h.Values("Sec-WebSocket-Protocol") {
		for protocol := range strings.SplitSeq(line, ",") {
			if coded, ok := strings.CutPrefix(strings.TrimSpace(protocol), bearerProtocol); ok {
				return decodeBearer(coded)
			}
		}
	}
	if token := h.Get("X-Phoenix-AuthToken"); token != "" {
		return token
	}
	if scheme, token, ok := strings.Cut(h.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	for _, token := range query["token"] {
		if !isPollToken(token) {
			return token
		}
	}
	return ""
}

// decodeBearer reads base64 of either alphabet, since phoenix.js writes the
// standard one whatever the name says. What is not base64 is no token.
func decodeBearer(coded string) string {
	coded = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(coded), "=")
	token, err := base64.RawURLEncoding.DecodeString(coded)
	if err != nil {
		return ""
	}
	return string(token)
}

// cut shortens s to at most n bytes, and lets go of the rest.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.Clone(s[:n])
}
