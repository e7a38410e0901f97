package phoenix

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
)

// Version is the Phoenix serializer that a client asked for with ?vsn=.
type Version uint8

const (
	// V1 frames are objects {topic, event, payload, ref}; the version of a
	// client that names none, or 1.0.0.
	V1 Version = 1
	// V2 frames are arrays [join_ref, ref, topic, event, payload], or binary.
	V2 Version = 2
)

// Transport is how a client's frames travel.
type Transport uint8

const (
	// WebSocket is one connection for both directions (RFC 6455).
	WebSocket Transport = iota + 1
	// LongPoll is a series of HTTP requests, for networks that break WebSockets.
	LongPoll
)

// Application is what a server plugs into an Endpoint.
type Application interface {
	// Connect authenticates a handshake. It may be called by many goroutines
	// at once. A *Refusal error answers 403 and opens nothing; any other error
	// is logged and answers 500. ctx ends with the HTTP request.
	//
	// The connection h.Conn is not open yet: it may be kept, and Conn.Close
	// takes effect as soon as it opens.
	Connect(ctx context.Context, h Handshake) (Session, error)
}

// Session is the application's side of one connection. Its methods are called
// one at a time, never two at once. While one runs, no further frame of this
// connection is read, so a slow method slows its own client and nobody else.
// ctx ends when the connection does.
type Session interface {
	// Join decides on a join of ch.Topic(). A nil error joins and answers
	// {status:"ok", response}; a nil response is sent as {}. An error *Reply
	// is answered as it says; any other error is logged and answered
	// {reason:"join crashed"}. An unknown topic is refused with UnmatchedTopic.
	//
	// ch takes pushes and broadcasts already while Join runs, and they are
	// written after the answer. They are dropped when the answer is an error.
	Join(ctx context.Context, ch *Channel, payload json.RawMessage) (response any, err error)

	// Push takes one event on a joined channel and answers like Join. The
	// response NoReply sends nothing. An error which is no *Reply is logged
	// and closes the channel with phx_error; the client then joins again.
	Push(ctx context.Context, ch *Channel, event string, payload json.RawMessage) (response any, err error)

	// Leave tells that a joined channel is gone: left, replaced by a second
	// join, closed by the server, or its connection ended. It is called
	// exactly once for each channel whose Join returned no error.
	Leave(ch *Channel)

	// Closed is called once, last, after Leave of every channel. err says why
	// in words fit for a log.
	Closed(err error)
}

// Adopter may be implemented by a Session whose clients push to topics that
// they have not joined on this connection, such as those of 2018, which after
// a reconnect send what was typed meanwhile but do not join again by
// themselves. Without it such a push is answered "unmatched topic".
type Adopter interface {
	// Adopt decides on a push of event to the unjoined topic ch.Topic(). With
	// nil the channel counts as joined, with no join ref, and the push is
	// delivered to it; Leave will follow. An error is answered as by Join. To
	// make the client join anew, call ch.Error some time later; if it joins
	// before, the adopted channel is replaced like any other.
	Adopt(ctx context.Context, ch *Channel, event string) error
}

// BinaryPusher may be implemented by a Session that understands the binary
// payloads of V2. Without it they are answered with an error.
type BinaryPusher interface {
	// PushBinary is Push for a binary payload, which it may keep.
	PushBinary(ctx context.Context, ch *Channel, event string, payload []byte) (response any, err error)
}

// Handshake is what a client brought along when it connected.
type Handshake struct {
	Version   Version
	Transport Transport

	// Token is the credential, from the first of: the subprotocol
	// base64url.bearer.phx.*, the header X-Phoenix-AuthToken, the header
	// Authorization: Bearer, the parameter ?token=. Empty if there is none.
	// It must not be logged.
	Token string
	// RawQuery is the query as sent, undecoded: pages of 2018 put standard
	// base64 there, whose "+" decoding would turn into a space. It may hold
	// credentials and must not be logged.
	RawQuery string
	// Origin is the Origin header, "" if absent. A request with several is
	// refused before Connect.
	Origin string
	// Host is the Host header.
	Host string
	// RemoteAddr is the client's address; behind a proxy it is what
	// Options.RemoteAddr made of the request.
	RemoteAddr netip.Addr
	// UserAgent is the User-Agent header, cut to 256 bytes.
	UserAgent string
	// Conn is the connection that opens if Connect returns no error.
	Conn *Conn
}

// Refusal is the error with which Connect refuses a handshake: HTTP 403.
type Refusal struct {
	// Reason is shown to the client and logged, so it holds no secret.
	Reason string
}

// Error returns the reason.
func (r *Refusal) Error() string { return "refused: " + r.Reason }

// Reply is an error whose text the client gets to see, as
// {status:"error", response}.
type Reply struct {
	// Response is encoded as JSON; nil is sent as {}.
	Response any
}

// Error names the reply; the response itself may be personal.
func (r *Reply) Error() string { return "error reply" }

// Refuse returns the error reply {reason: reason}, as Phoenix itself uses it.
func Refuse(reason string) *Reply {
	return &Reply{Response: map[string]string{"reason": reason}}
}

// UnmatchedTopic is how Join refuses a topic that it does not know.
var UnmatchedTopic = Refuse("unmatched topic")

// NoReply is the response of a Push that the client gets no answer to.
var NoReply any = noReply{}

type noReply struct{}

// remoteAddr is the address of the TCP peer.
func remoteAddr(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}
