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
	rev     int64 // 0 if it takes none
	message *chat.Message
	payload func(viewer chat.Role) json.RawMessage
	made    [2][2]*phoenix.Broadcast // by whether it is for moderators, and dialect
}

func newFrames(e chat.Event) *frames {
	f := &frames{room: e.Room, event: string(e.Kind), rev: e.Rev, message: e.Message}
	f.payload = func(viewer chat.Role) json.RawMessage {
		switch {
		case e.Kind == chat.MessageRead:
			return encode(wireRead{e.Participant.ID, e.Participant.ReadSeq})
		case e.Message != nil:
			return encode(messageOnWire(*e.Message, viewer))
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
	if b := f.broadcast(m); b != nil {
		m.ch.Send(b)
	}
}

// broadcast returns the encoding that fits the member.
func (f *frames) broadcast(m *member) *phoenix.Broadcast {
	viewer, variant := chat.Member, 0
	if m.moderator && f.message != nil && !f.message.HiddenAt.IsZero() {
		viewer, variant = chat.Moderator, 1
	}
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
