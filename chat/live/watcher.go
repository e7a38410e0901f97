package live

import "planga/chat"

// watcher is an inbox's interest in one room.
type watcher struct {
	inbox *inbox
	room  *room

	at    int         // place among the room's watchers; this and the following are guarded by the room's lock
	line  chat.Unread // as last told, or to be told
	fresh bool        // line has changed since it was told
}

// addWatcher lets w listen.
func (r *room) addWatcher(w *watcher) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restIfEmpty()
	w.at = len(r.watchers)
	r.watchers = append(r.watchers, w)
	r.learn(w.line.Conversation)
}

func (r *room) removeWatcher(w *watcher) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := len(r.watchers) - 1
	r.watchers[w.at] = r.watchers[end]
	r.watchers[w.at].at = w.at
	r.watchers[end] = nil
	r.watchers = r.watchers[:end]
}

// renew takes over a line that was read after w began to listen. A read mark takes no rev, so one that was heard of may be
// newer than the line; it never goes back.
func (r *room) renew(w *watcher, u chat.Unread) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if u.Conversation.Rev >= w.line.Conversation.Rev {
		u.Participant.ReadSeq = max(u.Participant.ReadSeq, w.line.Participant.ReadSeq)
		w.line = u
	}
}

// tellWatchers notes for the inboxes what an event changes.
func (r *room) tellWatchers(e chat.Event) {
	due := false
	for _, w := range r.watchers {
		if w.note(e) {
			due = true
		}
	}
	if due && !r.unreadDue {
		r.unreadDue = true
		r.hub.tasks.unread.add(r)
	}
}

// note takes in an event and reports whether it changed the line.
func (w *watcher) note(e chat.Event) bool {
	switch {
	case e.Kind == chat.MessageRead:
		if e.Participant.ID != w.inbox.user || e.Participant.ReadSeq <= w.line.Participant.ReadSeq {
			return false
		}
		w.line.Participant.ReadSeq = e.Participant.ReadSeq
	case e.Participant != nil:
		if e.Participant.ID == w.inbox.user {
			w.line.Participant.Role = e.Participant.Role
		}
		return false
	case e.Message.Seq >= w.line.Conversation.HeadSeq:
		w.line.Last, w.line.Conversation.HeadSeq = e.Message, e.Message.Seq
		if e.Kind == chat.MessagePosted && e.Message.Author.ID == w.inbox.user {
			w.line.Participant.ReadSeq = max(w.line.Participant.ReadSeq, e.Message.Seq)
		}
	default:
		return false
	}
	w.line.Conversation.Rev = max(w.line.Conversation.Rev, e.Rev)
	w.fresh = true
	return true
}

// tellUnread tells the inboxes what changed, many messages at once where they come fast.
func (r *room) tellUnread() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unreadDue = false
	for _, w := range r.watchers {
		if w.fresh {
			w.fresh = false
			_ = w.inbox.ch.Push("unread", encode(w.inbox.session.server.unreadOnWire(w.line)))
		}
	}
}
