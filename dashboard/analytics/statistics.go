package analytics

import (
	"context"
	"time"

	"planga/chat"
)

// Store keeps statistics. All methods may be called at once from many goroutines.
type Store interface {
	// RecordStatistics keeps what a node told, received at that time: live figures, traffic per hour and day, when keys were last
	// used, what was refused. A node's interval that is kept already changes nothing. Apps that do not exist are left out.
	RecordStatistics(ctx context.Context, s chat.Statistics, at time.Time) error

	// Live returns an app's figures of now.
	Live(ctx context.Context, app chat.AppID, now time.Time) (Live, error)

	// Messages returns how many messages the app had in each step from from to before to, missing steps left out.
	// It reaches back a day.
	Messages(ctx context.Context, app chat.AppID, from, to time.Time, step time.Duration) ([]Bucket, error)

	// Refusals returns what was refused since, the most recent first, up to limit.
	Refusals(ctx context.Context, app chat.AppID, since time.Time, limit int) ([]chat.Refusal, error)

	// Nodes returns the chat nodes that told anything since.
	Nodes(ctx context.Context, since time.Time) ([]Node, error)

	// PruneStatistics forgets what is no longer needed at that time.
	PruneStatistics(ctx context.Context, now time.Time) error
}

// What is kept, and what counts as now.
const (
	KeepIntervals = 26 * time.Hour
	KeepHours     = 90 * 24 * time.Hour
	Fresh         = 35 * time.Second // a node silent for longer counts no more: three intervals and a little
)

// Live is an app's figures of now and of the last day.
type Live struct {
	Connections  int64
	Peak         int64     // most connections at once in the last 24 hours
	PeakAt       time.Time // zero if there was none
	LastMinute   int64     // messages
	Last24Hours  int64     // messages
	AckP50       time.Duration
	AckP99       time.Duration // the slowest node's; both zero without messages in the last hour
	HeardAnybody bool          // a node has told something of this app in the last 24 hours
}

// Bucket is the messages of one step of time.
type Bucket struct {
	Start    time.Time
	Messages int64
}

// Node is a chat node, and when it was last heard of.
type Node struct {
	Name  string
	Heard time.Time
}
