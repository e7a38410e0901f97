package chat

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Bounds of one app's statistics.
const (
	maxActive     = 1000 // users and conversations named
	maxRefusals   = 100  // different refusals told
	maxKeysUsed   = 100
	maxStatistics = 360 // intervals kept while the dashboard is away: an hour
)

// Collector counts what happens on this node, app by app. All methods may be called at once from many goroutines, and on a
// nil Collector, which counts nothing.
type Collector struct {
	node string
	now  func() time.Time

	mu   sync.Mutex // guards what follows
	from time.Time
	apps map[AppID]*tally
}

// tally is one app's counts: connections lasts, the rest starts anew with each interval.
type tally struct {
	connections, peak      int64
	joins, messages, bytes int64
	users                  map[UserID]struct{}
	conversations          map[ConversationID]struct{}
	keys                   map[string]struct{}
	acks                   histogram
	refused                []Refusal
}

// NewCollector returns a collector for the named node.
func NewCollector(node string, now func() time.Time) *Collector {
	return &Collector{node: node, now: now, from: now(), apps: make(map[AppID]*tally)}
}

// count runs fn on the app's tally.
func (c *Collector) count(id AppID, fn func(*tally)) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.apps[id]
	if t == nil {
		t = new(tally)
		c.apps[id] = t
	}
	fn(t)
}

// Connected counts a connection that the key opened.
func (c *Collector) Connected(app AppID, key string) {
	c.count(app, func(t *tally) {
		t.connections++
		t.peak = max(t.peak, t.connections)
		remember(&t.keys, key, maxKeysUsed)
	})
}

// Disconnected counts the end of a connection.
func (c *Collector) Disconnected(app AppID) { c.count(app, func(t *tally) { t.connections-- }) }

// Joined counts somebody entering a conversation.
func (c *Collector) Joined(app AppID, user UserID) {
	c.count(app, func(t *tally) {
		t.joins++
		remember(&t.users, user, maxActive)
	})
}

// Posted counts a message of so many bytes that was on disk after took.
func (c *Collector) Posted(r Room, by UserID, bytes int, took time.Duration) {
	c.count(r.App, func(t *tally) {
		t.messages++
		t.bytes += int64(bytes)
		t.acks.add(took)
		remember(&t.users, by, maxActive)
		remember(&t.conversations, r.Conversation, maxActive)
	})
}

// Refused counts a connection that was refused. The reason is for the site's developers and holds no secret.
func (c *Collector) Refused(app AppID, reason, key, origin string) {
	c.count(app, func(t *tally) {
		at := c.now().UTC()
		for i := range t.refused {
			if r := &t.refused[i]; r.Reason == reason && r.Key == key && r.Origin == origin {
				r.Count++
				r.Last = at
				return
			}
		}
		if len(t.refused) < maxRefusals {
			t.refused = append(t.refused, Refusal{Reason: reason, Key: key, Origin: origin, Count: 1, Last: at})
		}
	})
}

// Collect returns what was counted since the last call, and starts the next interval. Apps of which nothing is to be told
// are left out, and forgotten.
func (c *Collector) Collect() Statistics {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Statistics{Node: c.node, From: c.from, To: c.now()}
	for id, t := range c.apps {
		if t.idle() {
			delete(c.apps, id)
			continue
		}
		s.Apps = append(s.Apps, t.statistics(id))
		c.apps[id] = &tally{connections: t.connections, peak: t.connections}
	}
	slices.SortFunc(s.Apps, func(a, b AppStatistics) int { return int(a.App - b.App) })
	c.from = s.To
	return s
}

func (t *tally) idle() bool {
	return t.peak == 0 && t.connections == 0 && t.joins == 0 && t.messages == 0 && len(t.refused) == 0
}

func (t *tally) statistics(id AppID) AppStatistics {
	return AppStatistics{
		App: id, Connections: t.connections, Peak: t.peak, Joins: t.joins, Messages: t.messages, Bytes: t.bytes,
		Users: sorted(t.users), Conversations: sorted(t.conversations), KeysUsed: sorted(t.keys),
		AckP50: t.acks.quantile(0.50), AckP99: t.acks.quantile(0.99), Refused: t.refused,
	}
}

// Run sends the statistics of every interval until ctx ends. While the dashboard is away they are kept, the newest of
// about an hour.
func (c *Collector) Run(ctx context.Context, every time.Duration, to Sender, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var waiting []Statistics
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		waiting = append(waiting, c.Collect())
		waiting = waiting[max(0, len(waiting)-maxStatistics):]
		waiting = sendStatistics(ctx, every, waiting, to, log)
	}
}

// sendStatistics sends what waits, oldest first, for no longer than one interval, and returns the rest.
func sendStatistics(ctx context.Context, d time.Duration, waiting []Statistics, to Sender, log *slog.Logger) []Statistics {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for i, s := range waiting {
		if err := to.SendStatistics(ctx, s); err != nil {
			log.Debug("statistics wait", "intervals", len(waiting)-i, "error", err)
			return waiting[i:]
		}
	}
	return nil
}

// remember adds v to a set of at most limit.
func remember[T comparable](set *map[T]struct{}, v T, limit int) {
	if *set == nil {
		*set = make(map[T]struct{})
	}
	if len(*set) < limit {
		(*set)[v] = struct{}{}
	}
}

func sorted[T ~string](set map[T]struct{}) []T {
	all := make([]T, 0, len(set))
	for v := range set {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}
