// Package live is chat on the wire. A [Server] is the application behind a Phoenix endpoint: it turns channel events into
// deeds of [chat.Service], and what the bus tells into events on the channels. Start it with [Open], give it to
// [phoenix.New], and give the deeds a [Carrier] to speak on the bus.
//
// # What flows where
//
// A conversation that somebody on this node has joined is a room. A room sends events in the order of their rev. What comes
// early waits; what does not come within 200 ms is read from the store, and a sweep every five seconds finds
// what was lost without a trace. So the bus may lose and reorder as it likes. Someone who joins first enters, then listens,
// then reads, and is then given what came meanwhile.
//
// # Topics
//
// conversation:<id> is a conversation. A visitor with encrypted options, whose one conversation only the server can read,
// joins conversation:* and hears its events under that name. user:<id> is one's own inbox.
//
// # The wire beyond what the clients' documentation tells
//
//   - join answers also conversation_id, read_only and topic (the host's name for the conversation), and fresh: whether it is
//     answered with the newest messages instead of what changed since last_rev. Where a fresh
//     answer has more, there are older messages; where another has, the client has seen up to the rev of the last message that it
//     was given, not up to rev, and asks for history with after_rev.
//   - history answers also rev (the head's), head_seq, oldest_seq and, for after_rev, participants.
//   - participants are at most 200 in a join, the most recently joined last.
//   - authorize {token} on any channel replaces the connection's credential by a fresh one of the same app and user, and
//     answers {expires_at}. A socket ends with 1008 a minute after its credential expired, and at once when its key is disabled.
//   - presence_state follows a join, presence_diff comes batched. Of a conversation with more than 200 present, 200 are
//     told; as they leave, others move up. The metas are {phx_ref, online_at}, the latter in Unix seconds.
//   - head {rev, head_seq} comes within 15 seconds after events. Who has less asks for history.
//   - typing is passed on once in two seconds per user and needs no answer.
//   - In a conversation with more than 50 members on a node, read events go only to the reader's own channels, and typing at most
//     twice a second.
//   - joining user:<id> answers {inbox: [{conversation_id, topic, unread, read_seq, head_seq, last}], server_time} with at
//     most 200 conversations, the most recently changed first; unread events have the same form as its elements.
//   - Clients of 2018 are known by their serializer and the credentials in their address; see clients2018.go.
//   - rate_limited tells in retry_after_ms when to try again.
package live
