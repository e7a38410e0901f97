package live

import (
	"testing"

	"planga/chat"
)

func TestAReadMarkHeardWhileAnInboxWasReadDoesNotGoBack(t *testing.T) {
	line := func(rev, read int64) chat.Unread {
		return chat.Unread{
			Conversation: chat.Conversation{Rev: rev, HeadSeq: 9},
			Participant:  chat.Participant{User: chat.User{ID: "ann"}, ReadSeq: read},
		}
	}
	r := &room{}
	w := &watcher{inbox: &inbox{user: "ann"}, room: r, line: line(9, 3)}
	w.note(chat.Event{Kind: chat.MessageRead, Participant: &chat.Participant{User: chat.User{ID: "ann"}, ReadSeq: 7}})
	for _, read := range []chat.Unread{line(9, 3), line(10, 5)} {
		r.renew(w, read)
		if got := w.line.Participant.ReadSeq; got != 7 {
			t.Errorf("after a line of rev %d with the mark at %d the mark is at %d, want 7", read.Conversation.Rev, read.Participant.ReadSeq, got)
		}
	}
	r.renew(w, line(10, 9))
	if got := w.line.Participant.ReadSeq; got != 9 {
		t.Errorf("a newer mark was not taken over: %d", got)
	}
}
