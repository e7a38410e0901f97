package bus_test

import (
	"time"

	"planga/bus"
	"planga/chat"
)

// samples are one or more messages of every kind, by the name of their golden file. They are as full and
// as empty as messages can be.
func samples() map[string]bus.Message {
	room := chat.Room{App: 7, Conversation: "order/2018 ✓"}
	return map[string]bus.Message{
		"settings":             bus.Settings{App: fullApp()},
		"settings_empty":       bus.Settings{App: chat.App{ID: 1}},
		"settings_request":     bus.SettingsRequest{Node: "chat-1"},
		"event_posted":         bus.Event{Event: chat.Event{Room: room, Kind: chat.MessagePosted, Rev: 12, Message: plainMessage()}},
		"event_changed":        bus.Event{Event: chat.Event{Room: room, Kind: chat.MessageChanged, Rev: 1 << 40, Message: fullMessage()}},
		"event_participant":    bus.Event{Event: chat.Event{Room: room, Kind: chat.ParticipantChanged, Rev: 3, Participant: fullParticipant()}},
		"event_read":           bus.Event{Event: chat.Event{Room: room, Kind: chat.MessageRead, Participant: readMark()}},
		"signal_typing":        bus.Signal{Signal: chat.Signal{Kind: chat.Typing, Room: room, User: ann(), Node: "chat-1", At: at(5)}},
		"signal_kicked":        bus.Signal{Signal: chat.Signal{Kind: chat.Kicked, Room: room, User: chat.User{ID: "bob"}, ToUser: true, Node: "chat-2", Ref: "F1"}},
		"statistics":           bus.Statistics{Statistics: fullStatistics()},
		"statistics_quiet":     bus.Statistics{Statistics: chat.Statistics{Node: "chat-1", From: at(0), To: at(10)}},
		"outgoing_message":     bus.Outgoing{Outgoing: chat.Outgoing{ID: "0195d5a0-0000-7000-8000-000000000001", Type: chat.OnMessageCreated, At: at(1), Room: room, Message: plainMessage()}},
		"outgoing_participant": bus.Outgoing{Outgoing: chat.Outgoing{ID: "0195d5a0-0000-7000-8000-000000000002", Type: chat.OnParticipantBanned, At: at(2), Room: room, Participant: fullParticipant()}},
	}
}

// at returns a time some seconds after a fixed one.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 23, 12, 0, seconds, 123e6, time.UTC)
}

func ann() chat.User {
	return chat.User{ID: "ann", Name: "Ann Ωμέγα", Avatar: "https://example.org/ann.png"}
}

func fullApp() chat.App {
	return chat.App{
		ID: 1 << 33, Name: "Ann's shop", Revision: 1 << 50,
		Keys: []chat.Key{
			{PublicID: "pk_1", Secret: "sk_1", PrivateKey: "AAECAwQFBgcICQoLDA0ODw", Active: true},
			{PublicID: "pk_2"},
		},
		Origins: []string{"https://shop.example", "http://localhost:8080"}, Clients2018: true, Deleted: true,
		Events: []chat.EventType{chat.OnMessageCreated, chat.OnMessageReported},
	}
}

func plainMessage() *chat.Message {
	return &chat.Message{
		ID: "0195d5a0-1111-7000-8000-000000000001", Seq: 9, Rev: 12, ClientID: "c-1",
		Author: chat.Author{User: ann()}, Kind: chat.Text, Body: "Hello, world 👋\n<b>&amp;", SentAt: at(1),
	}
}

func fullMessage() *chat.Message {
	m := plainMessage()
	m.Author.Role = chat.Moderator
	m.ReplyTo = "0195d5a0-1111-7000-8000-000000000000"
	m.Mentions = []chat.UserID{"bob", "100%"}
	m.Attachments = []chat.Attachment{
		{ID: "f1", Name: "cat.png", Type: "image/png", Size: 1 << 32, Width: 640, Height: 480},
		{ID: "f2", Name: "notes.txt", Type: "text/plain"},
	}
	m.Reactions = map[string][]chat.UserID{"👍": {"ann", "bob"}, "❤️": {"eve"}}
	m.EditedAt, m.DeletedAt, m.HiddenAt = at(2), at(3), at(4)
	return m
}

func fullParticipant() *chat.Participant {
	return &chat.Participant{
		User: ann(), Role: chat.Reader, BannedUntil: time.Date(2727, 9, 1, 0, 0, 0, 0, time.UTC),
		ReadSeq: 8, LastSeen: at(6), Rev: 3, JoinedAt: at(0),
	}
}

func readMark() *chat.Participant {
	return &chat.Participant{User: chat.User{ID: "ann"}, ReadSeq: 300}
}

func fullStatistics() chat.Statistics {
	return chat.Statistics{
		Node: "chat-1", From: at(0), To: at(10),
		Apps: []chat.AppStatistics{
			{
				App: 7, Connections: 1000, Peak: 1200, Joins: 50, Messages: 70_000, Bytes: 1 << 34,
				Users: []chat.UserID{"ann", "bob"}, Conversations: []chat.ConversationID{"order/2018 ✓"},
				KeysUsed: []string{"pk_1"}, AckP50: 1270 * time.Microsecond, AckP99: 4 * time.Millisecond,
				Refused: []chat.Refusal{{Reason: "The token has expired.", Key: "pk_1", Origin: "https://shop.example", Count: 3, Last: at(9)}},
			},
			{App: 8},
		},
	}
}
