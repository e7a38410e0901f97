package live

import (
	"encoding/json"

	"planga/chat"
	"planga/chat/phoenix"
)

// frames is one event for all members of a room, encoded once for each way in which it has to look: who sees hidden content
// gets another payload, and some topics are written in another way. It is used under the room's lock.
type frames struct {
	room    chat.Room
	event   string
	rev     int64       // 0 if it takes none
	source  *chat.Event // nil if it is no change of the conversation
	payload func(viewer chat.Role) json.RawMessage
	made    [2][2]*phoenix.Broadcast // by whether it is for moderators, and dialect
	of2018  [2]json.RawMessage
}

func newFrames(s *Server, e chat.Event) *frames {
	f := &frames{room: e.Room, event: string(e.Kind), rev: e.Rev, source: &e}
	f.payload = func(viewer chat.Role) json.RawMessage {
		if e.Message != nil {
			return encode(s.messageOnWire(*e.Message, viewer))
		}
		return encode(participantOnWire(*e.Participant))
	}
	return f
}

// newHint is something that is no change of the conversation, so it goes out whatever a member has read.
func newHint(r chat.Room, event string, payload any) *frames {
	return &frames{room: r, event: event, payload: func(chat.Role) json.RawMessage { return encode(payload) }}
}

// sendTo queues the event for one member.
func (f *frames) sendTo(m *member) {
	if m.of2018 != nil {
		m.of2018.tell(f)
		return
	}
	if b := f.broadcast(m); b != nil {
		m.ch.Send(b)
	}
}

// broadcast returns the encoding that fits the member.
func (f *frames) broadcast(m *member) *phoenix.Broadcast {
	viewer, variant := f.viewer(m)
	if b := f.made[variant][m.dialect]; b != nil {
		return b
	}
	b, err := phoenix.NewBroadcast(m.dialect.topicOf(f.room), f.event, f.payload(viewer))
	if err != nil {
		m.session.server.log.Error("an event could not be encoded", "event", f.event, "error", err)
		return nil
	}
	f.made[variant][m.dialect] = b
	return b
}

// viewer tells which payload a member is to get: few events look different to moderators.
func (f *frames) viewer(m *member) (viewer chat.Role, variant int) {
	if m.moderator && f.source != nil && f.source.Message != nil && !f.source.Message.HiddenAt.IsZero() {
		return chat.Moderator, 1
	}
	return chat.Member, 0
}
