package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"planga/chat"
)

// Paces and patiences of a client.
const (
	tick         = 10 * time.Millisecond
	heartbeat    = 2 * time.Second
	tired        = 5 * time.Second // of waiting for an answer: then it hangs up
	repeatAfter  = 1500 * time.Millisecond
	codeSlow     = websocket.StatusCode(1013)
	codeRestart  = websocket.StatusCode(1012)
	tokenMinutes = 60
)

// client is one device of one user, in one or more conversations over one connection. It does all in one goroutine.
type client struct {
	name      string
	site      site
	user      string
	moderator bool
	wavering  bool // now a member, now a reader
	seats     []*seat
	inbox     map[string]line // by conversation

	address string
	witness *witness
	between between
	rng     *rand.Rand
	pace    time.Duration // mean time between two messages of a seat
	deeds   time.Duration // mean time between two other deeds of a seat
	steady  bool          // never leaves or naps
	pages   []int         // sizes of pages that it asks for; 0 is the server's own
	errands chan func()   // run in the client's goroutine

	calm     bool // sends nothing new any more
	flurried bool // nor reads
	diary    diary
	socket   *socket
	role     *chat.Role // that it came with
	refs     int
	asked    map[string]*question // by ref
	beat     time.Time
	napping  time.Time // reads nothing until then
}

// question waits for its answer.
type question struct {
	at     time.Time
	answer func(reply)
	lost   func() // nil if it does not matter
}

// run lives until ctx ends: connects, takes part, and comes back whenever the connection ends.
func (c *client) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.connect(ctx); err != nil {
			c.linger(ctx, 20*time.Millisecond+time.Duration(c.rng.Int64N(int64(200*time.Millisecond))))
			continue
		}
		c.takePart(ctx)
		c.disconnect()
		c.linger(ctx, time.Duration(c.rng.Int64N(int64(50*time.Millisecond))))
	}
}

func (c *client) connect(ctx context.Context) error {
	claims := chat.Claims{User: chat.User{ID: chat.UserID(c.user)}, Role: c.pickRole()}
	for _, s := range c.seats {
		claims.Conversations = append(claims.Conversations, s.room.Conversation)
	}
	token, err := chat.Mint(c.site.key, claims, tokenMinutes*time.Minute)
	if err != nil {
		return err
	}
	if c.socket, err = dial(ctx, c.address, token, c.between); err != nil {
		return err
	}
	c.witness.counts.connected.Add(1)
	c.note("connected")
	c.asked, c.beat = map[string]*question{}, time.Now()
	c.role = claims.Role
	for _, s := range c.seats {
		s.away()
	}
	c.joinInbox(ctx)
	return nil
}

// pickRole is the role that the site puts into the token; nil leaves it as it is.
func (c *client) pickRole() *chat.Role {
	role := chat.Member
	switch {
	case c.moderator:
		role = chat.Moderator
	case !c.wavering:
		return nil
	case !c.calm && c.rng.IntN(2) == 0:
		role = chat.Reader
	}
	return &role
}

func (c *client) takePart(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		if rest := time.Until(c.napping); rest > 0 && !c.calm {
			c.nap(ctx, rest)
		}
		select {
		case <-ctx.Done():
			return
		case do := <-c.errands:
			do()
		case f, ok := <-c.socket.frames:
			if !ok {
				return
			}
			c.hear(f)
		case now := <-ticker.C:
			if !c.step(ctx, now) {
				return
			}
		}
	}
}

// nap reads nothing for a while. What was answered meanwhile is not late.
func (c *client) nap(ctx context.Context, d time.Duration) {
	c.linger(ctx, d)
	for _, q := range c.asked {
		q.at = time.Now()
	}
}

// linger does nothing for a while but errands.
func (c *client) linger(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case do := <-c.errands:
			do()
		}
	}
}

func (c *client) disconnect() {
	c.socket.close()
	c.note("disconnected: %s", c.socket.ending())
	switch websocket.CloseStatus(c.socket.err) {
	case codeSlow:
		c.witness.counts.slow.Add(1)
	case codeRestart:
		c.witness.counts.restarted.Add(1)
	case websocket.StatusNormalClosure:
		c.complain(c.seats[0].room, fmt.Errorf("close: the server closed with 1000, after which clients stay away"))
	}
	for _, q := range c.asked {
		if q.lost != nil {
			q.lost()
		}
	}
	c.asked = nil
	for _, s := range c.seats {
		s.away()
	}
}

// step does what is due. False hangs up.
func (c *client) step(ctx context.Context, now time.Time) bool {
	for ref, q := range c.asked {
		if now.Sub(q.at) > tired {
			c.note("hangs up: no answer to %s for %s", ref, tired)
			return false
		}
	}
	if now.Sub(c.beat) > heartbeat {
		c.beat = now
		c.ask(ctx, "", "phoenix", "heartbeat", struct{}{}, question{answer: func(reply) {}})
	}
	if c.calm && c.wavering && c.role != nil && *c.role != chat.Member {
		return false // to come back as a member
	}
	joined := true
	for _, s := range c.seats {
		if !s.step(ctx, now) {
			return false
		}
		joined = joined && s.joined
	}
	if c.calm && !c.flurried && joined && c.inbox != nil {
		c.flurry(ctx)
	}
	return true
}

// ask sends an event; the answer is handed to q. A failed write shows in the reading.
func (c *client) ask(ctx context.Context, joinRef, topic, event string, payload any, q question) {
	c.refs++
	ref := strconv.Itoa(c.refs)
	if event == "phx_join" {
		joinRef = ref
	}
	q.at = time.Now()
	c.asked[ref] = &q
	f := frame{joinRef: joinRef, ref: ref, topic: topic, event: event, payload: asJSON(payload)}
	if event != "heartbeat" {
		c.note("→ %s", f)
	}
	if err := c.socket.write(ctx, f); err != nil {
		c.note("cannot write: %v", err)
	}
}

// hear takes in a frame.
func (c *client) hear(f frame) {
	if f.topic != "phoenix" {
		c.note("← %s", f)
	}
	if f.event == "phx_reply" {
		c.hearReply(f)
		return
	}
	for _, s := range c.seats {
		if s.topic == f.topic {
			s.hear(f)
			return
		}
	}
	if f.topic == "user:"+c.user {
		c.hearInbox(f)
		return
	}
	c.complain(c.seats[0].room, fmt.Errorf("foreign: an event on %s, which was never joined", f.topic))
}

func (c *client) hearReply(f frame) {
	q := c.asked[f.ref]
	if q == nil {
		c.complain(c.seats[0].room, fmt.Errorf("repeat: an answer to ref %s on %s, which is not waited for", f.ref, f.topic))
		return
	}
	delete(c.asked, f.ref)
	r, err := read[reply](f.payload)
	if err != nil {
		c.complain(c.seats[0].room, fmt.Errorf("protocol: %w", err))
		return
	}
	q.answer(r)
}

func (c *client) complain(room chat.Room, err error) { c.witness.complain(room, c.name, &c.diary, err) }

func (c *client) note(format string, args ...any) { c.diary.add(c.witness.began, format, args...) }

// String shortens a frame for a diary.
func (f frame) String() string {
	return fmt.Sprintf("%s %s %s %.200s", f.ref, f.topic, f.event, f.payload)
}

// refused reads why something was refused. Reasons that a healthy server never gives are a violation.
func (c *client) refused(room chat.Room, what string, r reply) refusal {
	c.witness.counts.refused.Add(1)
	why, err := read[refusal](r.Response)
	if err != nil {
		c.complain(room, fmt.Errorf("protocol: %w", err))
		return why
	}
	switch chat.Code(why.Reason) {
	case chat.RateLimited, chat.Busy, chat.StorageUnavailable, chat.Banned:
	case chat.Conflict: // hidden or deleted meanwhile
		if !strings.HasSuffix(what, "react") && what != "edit_message" {
			c.complain(room, fmt.Errorf("refused: %s was answered with %s", what, r.Response))
		}
	case chat.Forbidden:
		if !c.wavering {
			c.complain(room, fmt.Errorf("refused: %s was answered with %s", what, r.Response))
		}
	default:
		c.complain(room, fmt.Errorf("refused: %s was answered with %s", what, r.Response))
	}
	return why
}

// again is when to try again what was refused.
func (r refusal) again(now time.Time) time.Time {
	return now.Add(max(50*time.Millisecond, min(300*time.Millisecond, time.Duration(r.RetryAfterMS)*time.Millisecond)))
}
