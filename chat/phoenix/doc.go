// Package phoenix is the server side of Phoenix Channels, V1 and V2, over
// WebSocket and long-poll. It knows topics, events and connections, and
// nothing of what they are used for.
package phoenix
