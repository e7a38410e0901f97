package chat

import "time"

// Statistics is what one node saw in one interval, told to the dashboard. Idempotent by (Node, From).
type Statistics struct {
	Node     string
	From, To time.Time
	Apps     []AppStatistics
}

// AppStatistics is one app's part of [Statistics].
type AppStatistics struct {
	App           AppID
	Connections   int64 // joined connections now
	Peak          int64 // most connections at once in the interval
	Joins         int64
	Messages      int64
	Bytes         int64
	Users         []UserID         // who was active, at most 1,000
	Conversations []ConversationID // which had messages, at most 1,000
	KeysUsed      []string         // public ids of keys that opened connections
	AckP50        time.Duration
	AckP99        time.Duration
	Refused       []Refusal // at most 100
}

// Refusal counts connections that were refused for one reason.
type Refusal struct {
	Reason string // a sentence for the site's developers, without secrets
	Key    string // public id, "" if unknown
	Origin string
	Count  int64
	Last   time.Time
}
