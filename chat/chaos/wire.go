package main

import (
	"encoding/json"
	"fmt"

	"planga/chat"
)

// frame is one frame of version 2 of Phoenix's serializer; a ref that is null is "".
type frame struct {
	joinRef, ref, topic, event string
	payload                    json.RawMessage
}

func (f frame) encode() []byte {
	parts := []any{f.joinRef, f.ref, f.topic, f.event, f.payload}
	if f.joinRef == "" {
		parts[0] = nil
	}
	return asJSON(parts)
}

func parseFrame(data []byte) (f frame, err error) {
	var parts [5]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return f, fmt.Errorf("frame %.80q: %w", data, err)
	}
	for i, into := range []*string{&f.joinRef, &f.ref, &f.topic, &f.event} {
		if err := json.Unmarshal(parts[i], into); err != nil {
			return f, fmt.Errorf("frame %.80q: %w", data, err)
		}
	}
	f.payload = parts[4]
	return f, nil
}

// The payloads hold what the contract is about, and leave out the rest.

// message is comparable.
type message struct {
	ID        string    `json:"id"`
	Seq       int64     `json:"seq"`
	Rev       int64     `json:"rev"`
	ClientID  string    `json:"client_id"`
	Author    wireID    `json:"author"`
	Body      string    `json:"body"`
	Reactions reactions `json:"reactions"`
	Hidden    bool      `json:"hidden"`
	SentAt    string    `json:"sent_at"`
	EditedAt  string    `json:"edited_at"`
	DeletedAt string    `json:"deleted_at"`
}

// reactions are the users of each emoji as JSON, "" if there are none.
type reactions string

// UnmarshalJSON implements [json.Unmarshaler].
func (r *reactions) UnmarshalJSON(data []byte) error {
	var users map[string][]chat.UserID
	if err := json.Unmarshal(data, &users); err != nil {
		return err
	}
	*r = reactionsOf(users)
	return nil
}

func reactionsOf(users map[string][]chat.UserID) reactions {
	if len(users) == 0 {
		return ""
	}
	return reactions(asJSON(users))
}

type wireID struct {
	ID string `json:"id"`
}

type person struct {
	User        wireID `json:"user"`
	Role        string `json:"role"`
	BannedUntil string `json:"banned_until"`
	ReadSeq     int64  `json:"read_seq"`
	Rev         int64  `json:"rev"`
}

// page is the answer to a join and to a request for history.
type page struct {
	Epoch        string    `json:"epoch,omitempty"`
	Rev          int64     `json:"rev"`
	OldestSeq    int64     `json:"oldest_seq"`
	HeadSeq      int64     `json:"head_seq"`
	Me           person    `json:"me"`
	Messages     []message `json:"messages"`
	Participants []person  `json:"participants"`
	More         bool      `json:"more"`
	ReadSeq      int64     `json:"read_seq"`
}

// line is one conversation of an inbox.
type line struct {
	ConversationID string   `json:"conversation_id"`
	Unread         int64    `json:"unread"`
	ReadSeq        int64    `json:"read_seq"`
	HeadSeq        int64    `json:"head_seq"`
	Last           *message `json:"last"`
}

// ack is the answer to a post.
type ack struct {
	ID     string `json:"id"`
	Seq    int64  `json:"seq"`
	Rev    int64  `json:"rev"`
	SentAt string `json:"sent_at"`
	Dup    bool   `json:"dup"`
}

type reply struct {
	Status   string          `json:"status"`
	Response json.RawMessage `json:"response"`
}

type refusal struct {
	Reason       string `json:"reason"`
	RetryAfterMS int64  `json:"retry_after_ms"`
}

// read decodes what a server sent; what cannot be decoded is an error of the server.
func read[T any](payload json.RawMessage) (v T, err error) {
	if err := json.Unmarshal(payload, &v); err != nil {
		return v, fmt.Errorf("payload %.80q: %w", payload, err)
	}
	return v, nil
}

// asJSON encodes a value of this program's own types, all of which can be encoded.
func asJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
