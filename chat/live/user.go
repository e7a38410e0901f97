package live

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"planga/bus"
	"planga/chat"
	"planga/chat/phoenix"
)

// maxInbox is how many conversations of a user are told of and watched.
const maxInbox = chat.MaxPage

// mailbox is one user on this node: the channels user:<id> of all the user's connections.
type mailbox struct {
	mu      sync.Mutex
	inboxes []*inbox
}

// inbox is one channel user:<id>. It watches the rooms of the user's conversations.
type inbox struct {
	session *session
	ch      *phoenix.Channel
	place   *place
	user    chat.UserID

	mu      sync.Mutex // guards what follows; taken before the locks of rooms and hub
	watched map[chat.Room]*watcher
	gone    bool
}

// joinUser opens the visitor's own inbox.
func (c *session) joinUser(ctx context.Context, ch *phoenix.Channel, id chat.UserID) (any, error) {
	who := c.identity()
	if id != who.User.ID {
		return nil, chat.Errorf(chat.Forbidden, "This is somebody else's inbox.")
	}
	s := c.server
	p, err := s.hub.visit(ctx, bus.UserAddress(who.App, id))
	if err != nil {
		return nil, err
	}
	b := &inbox{session: c, ch: ch, place: p, user: id, watched: make(map[chat.Room]*watcher)}
	p.mailbox.add(b)
	lines, err := b.open(ctx, who.App)
	if err != nil {
		b.leave()
		return nil, err
	}
	ch.Assigns = b
	told := make([]wireUnread, len(lines))
	for i, u := range lines {
		told[i] = s.unreadOnWire(u)
	}
	return map[string]any{"inbox": told, "server_time": onWire(s.now())}, nil
}

// open reads the inbox and watches its conversations, until it has read what it watches: then nothing fell in between.
func (b *inbox) open(ctx context.Context, app chat.AppID) ([]chat.Unread, error) {
	for {
		lines, err := b.session.server.service.Inbox(ctx, app, b.user, maxInbox)
		if err != nil {
			return nil, err
		}
		added := false
		for _, u := range lines {
			fresh, err := b.watch(ctx, u)
			if err != nil {
				return nil, err
			}
			added = added || fresh
		}
		if !added {
			return lines, nil
		}
	}
}

// watch follows one conversation for the inbox, or brings up to date what is watched already.
func (b *inbox) watch(ctx context.Context, u chat.Unread) (added bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w := b.watched[u.Conversation.Room]; w != nil {
		w.room.renew(w, u)
		return false, nil
	}
	if b.gone || len(b.watched) >= maxInbox {
		return false, nil
	}
	r, err := b.session.server.hub.room(ctx, u.Conversation.Room)
	if err != nil {
		return false, err
	}
	w := &watcher{inbox: b, room: r, line: u}
	b.watched[r.id] = w
	r.addWatcher(w)
	return true, nil
}

// push implements [channel].
func (b *inbox) push(_ context.Context, event string, payload json.RawMessage) (any, error) {
	if event == "authorize" {
		return b.session.authorize(payload)
	}
	return nil, errNoSuchEvent
}

// leave implements [channel].
func (b *inbox) leave() {
	b.place.mailbox.remove(b)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = true
	for _, w := range b.watched {
		w.room.removeWatcher(w)
		b.session.server.hub.release(w.room.place)
	}
	b.watched = nil
	b.session.server.hub.release(b.place)
}

// invite adds a conversation to the inbox and tells it.
func (b *inbox) invite(ctx context.Context, r chat.Room) error {
	u, err := b.session.server.service.InboxLine(ctx, r, b.user)
	if err != nil {
		return err
	}
	if _, err := b.watch(ctx, u); err != nil {
		return err
	}
	return b.ch.Push("unread", encode(b.session.server.unreadOnWire(u)))
}

func (m *mailbox) add(b *inbox) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inboxes = append(m.inboxes, b)
}

func (m *mailbox) remove(b *inbox) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inboxes = slices.DeleteFunc(m.inboxes, func(x *inbox) bool { return x == b })
}

// sense takes a signal to the user.
func (m *mailbox) sense(h *hub, s chat.Signal) {
	if s.Kind != chat.Invited {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.inboxes {
		h.tasks.errand(func(ctx context.Context) {
			if err := b.invite(ctx, s.Room); err != nil && ctx.Err() == nil {
				h.server.log.Debug("an invitation was not told", "room", s.Room.String(), "error", err)
			}
		})
	}
}
