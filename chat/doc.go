// Package chat is what Planga is: apps, conversations, participants, messages, and the deeds people do with
// them. It imports nothing else of Planga. What it needs from the outside it names as small interfaces, which
// the stores and the bus fulfil.
//
// # Two straight lines
//
// Down and back: a socket reads a frame, a channel turns it into a deed ([Service.Post]), the deed authorises,
// validates, stores and only then publishes; what it returns is the reply. Out: the bus hands an [Event] to the
// hub, which encodes it once and puts it into each socket's bounded outbox. Nothing on the first line touches
// the hub; nothing on the second touches the store.
//
// # What is promised
//
// An acknowledged message is on disk. (conversation, sender, client id) is unique for ever, so repeating an
// unacknowledged post is always safe. Messages have a seq without gaps; every durable change of a conversation
// has a rev without gaps; a client that names the last rev it has seen is given all that changed since. Live
// delivery is a hint that may be lost: the store heals it.
//
// # Rooms
//
//	main.go              wires everything; the only one that knows everybody
//	chat/                this package
//	chat/phoenix/        Phoenix Channels over WebSocket and long-poll; knows nothing of chat
//	chat/live/           chat on the wire: channel events to deeds, bus events to sockets
//	chat/api/            the API for host servers
//	dashboard/           the site developers' side; talks with chat only over the bus
//	bus/                 the message contract and its carriers
//	chat/chaos/          a program that breaks connections and servers, and checks what is promised here
//	store/               the keepers: sqlite for what is said and known, files for what is uploaded
//	ui/                  widget, theme, command line, documentation
package chat
