package bus

import (
	"planga/bus/etf"
	"planga/chat"
)

// event writes
//
//	{"app" int, "conversation" text, "kind" text, "message" message or nil,
//	 "participant" participant or nil, "rev" int, "seq" int}
//
// where seq is the message's, or 0.
func (w *writer) event(e *chat.Event) {
	var seq int64
	if e.Message != nil {
		seq = e.Message.Seq
	}
	w.fields(8)
	w.int("app", int64(e.Room.App))
	w.text("conversation", string(e.Room.Conversation))
	w.text("kind", string(e.Kind))
	w.message(e.Message)
	w.participant(e.Participant)
	w.int("rev", e.Rev)
	w.int("seq", seq)
	w.end()
	w.check(e)
}

// check fails where the event lacks what its kind needs.
func (w *writer) check(e *chat.Event) {
	if e.Room.App <= 0 || e.Room.Conversation == "" || e.Rev < 0 {
		w.fail("app, conversation or rev missing")
	}
	if reason := lacking(e); reason != "" {
		w.fail(reason)
	}
}

// lacking says what the event lacks, "" if nothing.
func lacking(e *chat.Event) string {
	switch e.Kind {
	case chat.MessagePosted, chat.MessageChanged:
		if e.Message == nil {
			return "event without its message"
		}
	case chat.ParticipantChanged, chat.MessageRead:
		if e.Participant == nil {
			return "event without its participant"
		}
	default:
		return "unknown kind of event"
	}
	return ""
}

func readEvent(r *etf.Reader) chat.Event {
	var e chat.Event
	for key := range r.Map {
		switch key {
		case "app":
			e.Room.App = chat.AppID(r.Int())
		case "conversation":
			e.Room.Conversation = chat.ConversationID(r.Text())
		case "kind":
			e.Kind = chat.EventKind(r.Text())
		case "rev":
			e.Rev = readCount(r)
		case "message":
			e.Message = readMessage(r)
		case "participant":
			e.Participant = readParticipant(r)
		case "v":
			readVersion(r)
		}
	}
	checkRoom(r, e.Room)
	if reason := lacking(&e); reason != "" {
		r.Fail(reason)
	}
	return e
}

// outgoing writes
//
//	{"app" int, "at" time, "data" {"conversation" text, "message" message or nil,
//	 "participant" participant or nil}, "id" text, "type" text}
func (w *writer) outgoing(o *chat.Outgoing) {
	w.fields(6)
	w.int("app", int64(o.Room.App))
	w.time("at", o.At)
	w.key("data")
	w.fields(3)
	w.text("conversation", string(o.Room.Conversation))
	w.message(o.Message)
	w.participant(o.Participant)
	w.text("id", o.ID)
	w.text("type", string(o.Type))
	w.end()
	if o.Room.App <= 0 || o.ID == "" || o.Type == "" {
		w.fail("app, id or type missing")
	}
}

func readOutgoing(r *etf.Reader) chat.Outgoing {
	var o chat.Outgoing
	for key := range r.Map {
		switch key {
		case "app":
			o.Room.App = chat.AppID(r.Int())
		case "at":
			o.At = readTime(r)
		case "data":
			readData(r, &o)
		case "id":
			o.ID = r.Text()
		case "type":
			o.Type = chat.EventType(r.Text())
		case "v":
			readVersion(r)
		}
	}
	if o.Room.App <= 0 || o.ID == "" || o.Type == "" {
		r.Fail("app, id or type missing")
	}
	return o
}

func readData(r *etf.Reader, o *chat.Outgoing) {
	for key := range r.Map {
		switch key {
		case "conversation":
			o.Room.Conversation = chat.ConversationID(r.Text())
		case "message":
			o.Message = readMessage(r)
		case "participant":
			o.Participant = readParticipant(r)
		}
	}
}
