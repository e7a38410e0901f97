package bus

import (
	"planga/bus/etf"
	"planga/chat"
)

// signal writes
//
//	{"app" int, "at" time, "conversation" text, "kind" text, "node" text, "ref" text, "to_user" bool, "user" user}
func (w *writer) signal(s *chat.Signal) {
	w.fields(9)
	w.int("app", int64(s.Room.App))
	w.time("at", s.At)
	w.text("conversation", string(s.Room.Conversation))
	w.text("kind", string(s.Kind))
	w.text("node", s.Node)
	w.text("ref", s.Ref)
	w.bool("to_user", s.ToUser)
	w.user(&s.User)
	w.end()
	if !addressed(s) {
		w.fail("signal without address")
	}
}

// addressed reports whether the signal names the conversation, or the user, to whom it goes.
func addressed(s *chat.Signal) bool {
	if s.ToUser {
		return s.Room.App > 0 && s.User.ID != ""
	}
	return s.Room.App > 0 && s.Room.Conversation != ""
}

func readSignal(r *etf.Reader) chat.Signal {
	var s chat.Signal
	for key := range r.Map {
		switch key {
		case "app":
			s.Room.App = chat.AppID(r.Int())
		case "at":
			s.At = readTime(r)
		case "conversation":
			s.Room.Conversation = chat.ConversationID(r.Text())
		case "kind":
			s.Kind = chat.SignalKind(r.Text())
		case "node":
			s.Node = r.Text()
		case "ref":
			s.Ref = r.Text()
		case "to_user":
			s.ToUser = r.Bool()
		case "user":
			s.User = readUser(r)
		case "v":
			readVersion(r)
		}
	}
	if !addressed(&s) {
		r.Fail("signal without address")
	}
	return s
}
