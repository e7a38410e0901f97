package live

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"

	"planga/chat"
	"planga/chat/phoenix"
)

// Connect verifies the credential and the page's origin.
func (s *Server) Connect(_ context.Context, h phoenix.Handshake) (phoenix.Session, error) {
	if is2018(h) {
		return s.connect2018(h)
	}
	c, err := s.connect(h, func(a chat.App) string {
		if s.allowsOrigin(a, h) {
			return ""
		}
		return foreignOrigin
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// foreignOrigin and tooMany are why connections with a good credential are refused.
const (
	foreignOrigin = "The page's origin is not among the app's allowed origins."
	tooMany       = "This user has too many connections open."
)

// connect verifies a handshake and notes its session. bar says why the app does not want it, "" if it does.
func (s *Server) connect(h phoenix.Handshake, bar func(chat.App) string) (*session, error) {
	who, err := s.gate.Authenticate(s.now(), credentialOf(h))
	if err != nil {
		s.tellRefused(err, h.Origin)
		s.metrics.Handshakes.WithLabelValues("credential").Inc()
		return nil, &phoenix.Refusal{Reason: chat.AsError(err).Message}
	}
	app, _ := s.gate.App(who.App)
	if reason := bar(app); reason != "" {
		return nil, s.refuse(who, h.Origin, reason, "origin")
	}
	c := newSession(s, h.Conn, who)
	if !s.connections.add(c, s.limits.Connections) {
		return nil, s.refuse(who, h.Origin, tooMany, "too_many")
	}
	s.metrics.Connections.Inc()
	c.closeIfRevoked()
	return c, nil
}

// refuse counts a refused connection whose credential is good.
func (s *Server) refuse(who chat.Identity, origin, reason, label string) error {
	s.service.Statistics.Refused(who.App, reason, who.Key, origin)
	s.metrics.Handshakes.WithLabelValues(label).Inc()
	return &phoenix.Refusal{Reason: reason}
}

// tellRefused counts a refused credential for the app's owner.
func (s *Server) tellRefused(err error, origin string) {
	if r, ok := chat.AsRefused(err); ok && r.App != 0 {
		s.service.Statistics.Refused(r.App, r.Reason, r.KeyID, origin)
	}
}

// credentialOf takes the credential from where a client of today or of 2018 puts it.
func credentialOf(h phoenix.Handshake) chat.Credential {
	if h.Token != "" {
		return chat.Credential{Token: h.Token}
	}
	return chat.Credential{
		PublicID:         base64Parameter(h.RawQuery, "public_api_id"),
		EncryptedOptions: base64Parameter(h.RawQuery, "config"),
	}
}

// base64Parameter returns the text of which a query parameter is the base64.
func base64Parameter(query, name string) string {
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(plainParameter(query, name), "="))
	if err != nil {
		return ""
	}
	return string(text)
}

// plainParameter returns a query parameter, escaped or not: clients of 2018 do not escape, so a plus is a plus.
func plainParameter(query, name string) string {
	for part := range strings.SplitSeq(query, "&") {
		value, found := strings.CutPrefix(part, name+"=")
		if !found {
			continue
		}
		if value, err := url.PathUnescape(value); err == nil {
			return value
		}
	}
	return ""
}

// allowsOrigin reports whether a page of that origin may connect: see [chat.App.Welcomes].
func (s *Server) allowsOrigin(app chat.App, h phoenix.Handshake) bool {
	return app.Welcomes(h.Origin, h.Host, s.url)
}

// closeRevoked closes the sockets of an app that are there by a key that no longer works.
func (s *Server) closeRevoked(app chat.App) {
	for _, c := range s.connections.where(func(c *session) bool {
		who := c.identity()
		return who.App == app.ID && (app.Deleted || !s.gate.Vouches(who))
	}) {
		c.conn.Close(closePolicy, "revoked")
	}
}

// closeExpired closes the sockets whose credential ran out more than the clock skew ago.
func (s *Server) closeExpired() {
	now := s.now()
	for _, c := range s.connections.where(func(c *session) bool {
		expires := c.identity().Expires
		return !expires.IsZero() && now.After(expires.Add(chat.ClockSkew))
	}) {
		c.conn.Close(closePolicy, "expired")
	}
}
