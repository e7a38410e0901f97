package live

import (
	"testing"
	"time"

	"planga/chat"
)

func newTestRoom() *room { return &room{hub: &hub{server: &Server{now: time.Now}}} }

func TestWhoReadBeforeListeningMustReadAgain(t *testing.T) {
	r := newTestRoom()
	r.watchers = []*watcher{{}} // so that somebody looks after the room
	r.known, r.last = true, 5
	m := &member{at: -1}
	r.add(m)
	if r.welcome(m, chat.Conversation{Rev: 4}) {
		t.Error("a member was let in that read up to rev 4 and hears from rev 6 on")
	}
}

func TestWhoReadBeforeTheRoomKnewWhereItStandsMustReadAgain(t *testing.T) {
	r := newTestRoom()
	slow, quick := &member{at: -1}, &member{at: -1}
	r.add(slow)
	r.add(quick)
	r.learn(chat.Conversation{Rev: 7}) // as quick read it
	if r.welcome(slow, chat.Conversation{Rev: 6}) {
		t.Error("a member was let in that read up to rev 6 and hears from rev 8 on")
	}
}

func TestWhoWasToldTooMuchWhileReadingMustReadAgain(t *testing.T) {
	r := newTestRoom()
	m := &member{at: -1}
	r.add(m)
	m.overrun = true
	if r.welcome(m, chat.Conversation{Rev: 100}) {
		t.Error("a member was let in that lacks events")
	}
}

func TestHeldEventsAreBoundedAndTheNewestStay(t *testing.T) {
	r := newTestRoom()
	for rev := int64(1); rev <= 2*maxEarly; rev++ {
		r.hold(chat.Event{Rev: rev})
		r.hold(chat.Event{Rev: rev})
	}
	if len(r.early) != maxEarly || r.early[maxEarly-1].Rev != 2*maxEarly {
		t.Errorf("got %d events up to rev %d", len(r.early), r.early[len(r.early)-1].Rev)
	}
}
