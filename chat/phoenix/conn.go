package phoenix

import "net/netip"

// Conn is one client's connection, over either transport. Its methods may be
// called by many goroutines at once and never block.
type Conn struct {
	id uint64
}

// ID numbers the connections of an Endpoint from 1; it is not used again.
func (c *Conn) ID() uint64 { return c.id }

// Version is the client's serializer.
func (c *Conn) Version() Version { return 0 }

// Transport is how the client is connected.
func (c *Conn) Transport() Transport { return 0 }

// RemoteAddr is the client's address, as in the Handshake.
func (c *Conn) RemoteAddr() netip.Addr { return netip.Addr{} }

// Close ends the connection: what is queued is still written, then a close
// frame with code and reason, and the client has five seconds to answer it. A
// reason is cut to 123 bytes. Only the first call has an effect.
func (c *Conn) Close(code int, reason string) {}
