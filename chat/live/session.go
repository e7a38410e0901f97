package live

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"

	"golang.org/x/time/rate"

	"planga/chat"
	"planga/chat/phoenix"
)

// closePolicy is the close code of RFC 6455 for a credential that is not, or no longer, good.
const closePolicy = 1008

// Topics are these prefixes and an id.
const (
	conversationTopic = "conversation:"
	userTopic         = "user:"
)

// session is one connection. phoenix calls its methods one at a time; only who is read by others.
type session struct {
	server   *Server
	conn     *phoenix.Conn
	who      atomic.Pointer[chat.Identity]
	limiter  *rate.Limiter // nil until the first event
	channels int
	counted  bool // among the joined connections of the statistics
}

// channel is what one topic does with a session's events.
type channel interface {
	// push does one event.
	push(ctx context.Context, event string, payload json.RawMessage) (any, error)
	// leave undoes the join.
	leave()
}

func newSession(s *Server, conn *phoenix.Conn, who chat.Identity) *session {
	c := &session{server: s, conn: conn}
	c.who.Store(&who)
	return c
}

// closeIfRevoked catches a key that was disabled between its check and the noting of the identity; later on closeRevoked does.
func (c *session) closeIfRevoked() {
	if !c.server.gate.Vouches(c.identity()) {
		c.conn.Close(closePolicy, "revoked")
	}
}

// identity is who the visitor is by the newest credential.
func (c *session) identity() chat.Identity { return *c.who.Load() }

// person is whose connection it is; it stays the same when the credential is renewed.
func (c *session) person() person {
	who := c.who.Load()
	return person{who.App, who.User.ID}
}

// Join implements [phoenix.Session].
func (c *session) Join(ctx context.Context, ch *phoenix.Channel, payload json.RawMessage) (any, error) {
	response, err := c.join(ctx, ch, payload)
	return c.joined(response, err)
}

// joined counts a channel and answers its join.
func (c *session) joined(response any, err error) (any, error) {
	if err == phoenix.UnmatchedTopic {
		return nil, err
	}
	if err != nil {
		return nil, c.server.refusal(err)
	}
	c.channels++
	c.count()
	return response, nil
}

func (c *session) join(ctx context.Context, ch *phoenix.Channel, payload json.RawMessage) (any, error) {
	if err := c.spend(); err != nil {
		return nil, err
	}
	if c.channels >= c.server.limits.Channels {
		return nil, chat.Errorf(chat.Busy, "This connection has joined as many topics as it may.")
	}
	if id, ok := strings.CutPrefix(ch.Topic(), conversationTopic); ok {
		return c.joinConversation(ctx, ch, chat.ConversationID(id), payload)
	}
	if id, ok := strings.CutPrefix(ch.Topic(), userTopic); ok {
		return c.joinUser(ctx, ch, chat.UserID(id))
	}
	return nil, phoenix.UnmatchedTopic
}

// Push implements [phoenix.Session].
func (c *session) Push(ctx context.Context, ch *phoenix.Channel, event string, payload json.RawMessage) (any, error) {
	if err := c.spend(); err != nil {
		return nil, c.server.refusal(err)
	}
	response, err := ch.Assigns.(channel).push(ctx, event, payload)
	if err != nil {
		return nil, c.server.refusal(err)
	}
	return response, nil
}

// Leave implements [phoenix.Session].
func (c *session) Leave(ch *phoenix.Channel) {
	c.channels--
	ch.Assigns.(channel).leave()
}

// Closed implements [phoenix.Session].
func (c *session) Closed(error) {
	s := c.server
	s.connections.remove(c)
	s.metrics.Connections.Dec()
	if c.counted {
		s.service.Statistics.Disconnected(c.identity().App)
	}
}

// count counts the connection from its first join on.
func (c *session) count() {
	if !c.counted {
		c.counted = true
		who := c.identity()
		c.server.service.Statistics.Connected(who.App, who.Key)
	}
}

// spend uses up one of the connection's events. The limiter is made for those who do something: most sit and listen.
func (c *session) spend() error {
	l := c.server.limits
	if c.limiter == nil {
		c.limiter = rate.NewLimiter(rate.Limit(l.Events), l.EventBurst)
	}
	if d := wait(c.limiter, c.server.now()); d > 0 {
		return limited(d)
	}
	return nil
}

// authorize replaces the credential by a fresh one of the same user, so that the socket lives on.
func (c *session) authorize(payload json.RawMessage) (any, error) {
	var p struct {
		Token string `json:"token"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	old := c.identity()
	who, err := c.server.gate.Authenticate(c.server.now(), chat.Credential{Token: p.Token})
	if err != nil {
		c.server.tellRefused(err, "")
		return nil, err
	}
	if who.App != old.App || who.User.ID != old.User.ID {
		return nil, chat.Errorf(chat.Forbidden, "The token is for somebody else.")
	}
	c.who.Store(&who)
	c.closeIfRevoked()
	return map[string]*string{"expires_at": onWire(who.Expires)}, nil
}
