package live

import (
	"cmp"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"planga/chat"
)

// Limits bound what one visitor may do. Zero values mean the defaults named; rates are per second.
type Limits struct {
	Posts      float64 // messages of one user, over all connections; default 10
	PostBurst  int     // default 30
	Events     float64 // events of one connection, joins included; default 50, or twice the posts
	EventBurst int     // default 200, or twice the posts' burst
	Channels   int     // channels of one connection; default 200

	Connections int // of one user, on this node; default 100
}

func (l Limits) orDefault() Limits {
	l.Posts = cmp.Or(l.Posts, 10)
	l.PostBurst = cmp.Or(l.PostBurst, 30)
	l.Events = cmp.Or(l.Events, max(50, 2*l.Posts))
	l.EventBurst = cmp.Or(l.EventBurst, max(200, 2*l.PostBurst))
	l.Channels = cmp.Or(l.Channels, 200)
	l.Connections = cmp.Or(l.Connections, 100)
	return l
}

// person names a user among all apps.
type person struct {
	app  chat.AppID
	user chat.UserID
}

// allowances hold how much of something each user may still do. Those who have been quiet long enough to have their whole
// burst back are forgotten.
type allowances struct {
	rate  rate.Limit
	burst int

	mu     sync.Mutex // guards people
	people map[person]*rate.Limiter
}

func newAllowances(perSecond float64, burst int) *allowances {
	return &allowances{rate: rate.Limit(perSecond), burst: burst, people: make(map[person]*rate.Limiter)}
}

// take uses up one. It returns how long to wait if there is none left.
func (a *allowances) take(p person, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	limiter := a.people[p]
	if limiter == nil {
		limiter = rate.NewLimiter(a.rate, a.burst)
		a.people[p] = limiter
	}
	return wait(limiter, now)
}

// forgetRested forgets who has the whole burst back.
func (a *allowances) forgetRested(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for p, limiter := range a.people {
		if limiter.TokensAt(now) >= float64(limiter.Burst()) {
			delete(a.people, p)
		}
	}
}

// wait uses up one token, or returns how long it takes until there is one.
func wait(l *rate.Limiter, now time.Time) time.Duration {
	r := l.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}

func limited(d time.Duration) error {
	return &chat.Error{Code: chat.RateLimited, Message: "That was too much at once. Wait a moment.", RetryAfter: d}
}
