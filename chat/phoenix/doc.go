// Package phoenix is the server side of Phoenix Channels, V1 and V2, over
// WebSocket and long-poll. It knows topics, events and connections, and
// nothing of what they are used for; every Phoenix client is its client.
//
// # Connecting
//
// An Application says who may connect. What its Connect returns is the
// server's side of one connection:
//
//	func (a *app) Connect(ctx context.Context, h phoenix.Handshake) (phoenix.Session, error) {
//		user, err := a.verify(h.Token)
//		if err != nil {
//			return nil, &phoenix.Refusal{Reason: "credential refused"}
//		}
//		return &session{user: user}, nil
//	}
//
// An Endpoint serves it:
//
//	endpoint := phoenix.New(&app{}, phoenix.Options{})
//	endpoint.Register(mux, "/socket")
//
// and the client connects with
//
//	let socket = new Socket("/socket", {authToken: token, longPollFallbackMs: 2500})
//	socket.connect()
//
// The origin of a page is in Handshake.Origin, and it is Connect that judges
// it, because which origins are good may depend on the credential. A GET of a
// page's own origin carries none.
//
// # Joining
//
// A client joins a topic. What is returned is its answer:
//
//	func (s *session) Join(ctx context.Context, ch *phoenix.Channel, payload json.RawMessage) (any, error) {
//		room, ok := s.rooms.find(ch.Topic())
//		if !ok {
//			return nil, phoenix.UnmatchedTopic
//		}
//		ch.Assigns = room
//		room.subscribe(ch)
//		return room.latest(ctx)
//	}
//
// Subscribe first and read afterwards: what is sent to a channel while its
// join is running waits until the answer is out, so nothing falls between the
// two.
//
// # Pushing
//
// A client pushes an event and gets an answer, or NoReply:
//
//	func (s *session) Push(ctx context.Context, ch *phoenix.Channel, event string, payload json.RawMessage) (any, error) {
//		if event != "shout" {
//			return nil, phoenix.Refuse("unknown event")
//		}
//		b, err := phoenix.NewBroadcast(ch.Topic(), "shouted", payload)
//		if err != nil {
//			return nil, err
//		}
//		ch.Assigns.(*room).send(b)
//		return nil, nil
//	}
//
// A *Reply error is told to the client. Any other is logged, and the client
// learns no more than that it must join again.
//
// # Broadcasting
//
// A Broadcast is one event for many channels. It is encoded once for each
// serializer, and all sockets are written the same bytes:
//
//	for ch := range r.channels {
//		ch.Send(b)
//	}
//
// Send never blocks. Each connection has an outbox, and what waits there goes
// out with one write.
//
// # Stopping
//
// Drain closes the connections in batches, so that their clients do not come
// back all at once; then the HTTP server can be shut down:
//
//	err := endpoint.Drain(ctx)
//
// # What is not promised
//
// Delivery is at most once. What was queued for a connection that breaks is
// gone; a client that must miss nothing names, when it joins again, the last
// thing it saw. But inside a connection nothing is left out and nothing
// changes places: a client that takes too little is closed (1013), not
// skipped, and nobody else waits for it.
//
// Long-poll sessions live in the memory of one process. Behind several, all
// requests of a session must be led to the same one.
//
// A connection is closed with 1001 after a minute without a message, 1002 for
// a broken WebSocket frame, 1003 for bytes from a V1 client, 1007 for text that
// is not UTF-8 or no frame of Phoenix, 1009 for one too long, 1011 after a
// panic, 1012 when the server stops, 1013 when its client is too slow; and
// never with 1000, unless the client does so.
//
// Compression is off: it costs more memory for each connection than all of
// this.
package phoenix
