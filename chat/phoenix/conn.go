package phoenix

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Close codes (RFC 6455, section 7.4.1) that this package closes with.
const (
	closeGoingAway   = 1001
	closeProtocol    = 1002
	closeUnsupported = 1003
	closeInvalid     = 1007
	closeTooBig      = 1009
	closeInternal    = 1011
	closeRestart     = 1012
	closeOverloaded  = 1013
)

// closeGrace is how long a client has to take its last frames and to answer
// the close frame before the connection is cut.
const closeGrace = 5 * time.Second

// Conn is one client's connection, over either transport. Its methods may be
// called by many goroutines at once and never block.
type Conn struct {
	id        uint64
	endpoint  *Endpoint
	version   Version
	transport Transport
	addr      netip.Addr
	link      link
	session   Session
	ctx       context.Context
	cancel    context.CancelFunc

	// serial is held while a method of session runs.
	serial sync.Mutex

	// seen is when the last message came, in Unix nanoseconds.
	seen atomic.Int64

	// due is when the next message is due at the highest rate allowed, in Unix
	// nanoseconds; the goroutine that reads owns it.
	due int64

	// mu guards what follows, and the state of the channels. Nothing that can
	// block is done under it.
	mu       sync.Mutex
	channels channelSet
	// gone are channels that the server closed and whose Leave is to come.
	gone   []*Channel
	outbox outbox
	// closing is why the connection ends, nil while it is open.
	closing *closing
	// ended is set when the session has been told everything.
	ended bool

	// next and prev belong to the registry.
	next, prev *Conn
}

// closing says how and why a connection ends.
type closing struct {
	code   int
	reason string
	at     time.Time
}

// link is a connection's transport. Its methods do not block, unless named
// otherwise.
type link interface {
	// ready tells that frames or a closing wait in the outbox, which nobody
	// is draining: the caller has marked it as drained by the link.
	ready()
	// flush is ready for the goroutine that reads: it may block for as long
	// as the client takes the frames.
	flush()
	// closing tells, once and under Conn.mu, that the connection is ending:
	// what is being written has closeGrace to get out.
	closing()
	// cut ends the transport at once. It may be called repeatedly.
	cut()
}

// ID numbers the connections of an Endpoint from 1; it is not used again.
func (c *Conn) ID() uint64 { return c.id }

// Version is the client's serializer.
func (c *Conn) Version() Version { return c.version }

// Transport is how the client is connected.
func (c *Conn) Transport() Transport { return c.transport }

// RemoteAddr is the client's address, as in the Handshake.
func (c *Conn) RemoteAddr() netip.Addr { return c.addr }

// Close ends the connection: what is queued is still written, then a close
// frame with code and reason, and the client has five seconds to answer it. A
// reason is cut to 123 bytes. Only the first call has an effect. Session.Leave
// and Session.Closed follow on another goroutine.
func (c *Conn) Close(code int, reason string) {
	c.mu.Lock()
	kick := c.beginClose(code, reason)
	c.mu.Unlock()
	c.afterQueue(kick)
}

// beginClose sets closing, with mu held, and reports whether the caller must
// call link.ready after releasing it. The link is nil until it is open.
func (c *Conn) beginClose(code int, reason string) (kick bool) {
	if c.closing != nil {
		return false
	}
	c.closing = &closing{code: code, reason: cutReason(reason), at: time.Now()}
	c.cancel()
	if c.link == nil {
		return false
	}
	c.link.closing()
	return c.outbox.claim()
}

// afterQueue lets the link drain what was queued under mu.
func (c *Conn) afterQueue(kick bool) {
	if kick {
		c.link.ready()
	}
}

// queue puts a frame into the outbox, with mu held, and reports whether the
// caller must call link.ready (or flush) after releasing it. Overflow closes
// the connection and frees what had piled up: the client gets an unbroken
// beginning and catches up when it is back.
func (c *Conn) queue(f *frame) (kick bool) {
	if c.closing != nil || f == nil {
		return false
	}
	o := &c.endpoint.options
	if !c.outbox.add(f, o.OutboxFrames, o.OutboxBytes) {
		c.endpoint.stats.overflows.Add(1)
		c.outbox.drop()
		return c.beginClose(closeOverloaded, "too slow")
	}
	return c.outbox.claim()
}

// answer queues a frame from the goroutine that reads, and writes it there.
func (c *Conn) answer(f *frame) {
	c.mu.Lock()
	kick := c.queue(f)
	c.mu.Unlock()
	if kick {
		c.link.flush()
	}
}

// Push queues an event on a topic, whether or not the client has joined it: for
// clients that must be told something before they join. The payload is as for
// Channel.Push. Before the connection is open it does nothing.
func (c *Conn) Push(topic, event string, payload any) error {
	f, err := c.encodePush(noRef, noRef, topic, event, payload)
	if err != nil {
		return err
	}
	c.mu.Lock()
	kick := c.link != nil && c.queue(f)
	c.mu.Unlock()
	c.afterQueue(kick)
	return nil
}

// isClosing reports whether no more frames are taken.
func (c *Conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing != nil
}

// finish ends the connection for good: the transport is cut, the session told.
// It is called once, by the owner of the link.
func (c *Conn) finish(cause error) {
	c.mu.Lock()
	if c.closing == nil {
		c.closing = &closing{code: closeGoingAway, at: time.Now()}
	} else if c.closing.reason != "" {
		cause = fmt.Errorf("closed by the server: %d %s", c.closing.code, c.closing.reason)
	}
	c.cancel()
	c.outbox.drop()
	c.mu.Unlock()
	c.link.cut()

	c.serial.Lock() // no join is running now, and none will
	defer c.serial.Unlock()
	c.mu.Lock()
	for _, ch := range c.channels.takeAll() {
		ch.state = channelClosed
		c.gone = append(c.gone, ch)
	}
	c.mu.Unlock()
	c.leaveGone()
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.guard("Closed", func() { c.session.Closed(cause) })
}

// leaveGone calls Leave for the channels that are gone, with serial held.
func (c *Conn) leaveGone() {
	for {
		c.mu.Lock()
		gone := c.gone
		c.gone = nil
		c.mu.Unlock()
		if len(gone) == 0 {
			return
		}
		for _, ch := range gone {
			c.guard("Leave", func() { c.session.Leave(ch) })
		}
	}
}

// fail closes a connection whose frame was not understood.
func (c *Conn) fail(err error) {
	if errors.Is(err, errBinaryV1) {
		c.Close(closeUnsupported, err.Error())
		return
	}
	c.Close(closeInvalid, err.Error())
}

// log tells of an internal error, once, where it is answered. That a call was
// given up because its connection ended is none.
func (c *Conn) log(what string, err error) {
	if errors.Is(err, context.Canceled) && c.ctx.Err() != nil {
		return
	}
	c.endpoint.options.Logger.Error(what, "conn", c.id, "error", err)
}

// cutReason makes a reason fit for a close frame.
func cutReason(s string) string {
	const limit = 123
	if len(s) <= limit {
		return strings.ToValidUTF8(s, "")
	}
	for limit := limit; ; limit-- {
		if utf8.RuneStart(s[limit]) {
			return strings.ToValidUTF8(s[:limit], "")
		}
	}
}
