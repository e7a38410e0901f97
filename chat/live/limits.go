package live

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"planga/chat"
)

// Limits bound what one visitor may do. Zero values mean the defaults named; rates are per second.
type Limits struct {
	Posts      float64 // messages of one user, over all connections; default 10
	PostBurst  int     // default 30
	Events     float64 // events of one connection, joins included; default 50
	EventBurst int     // default 200
	Channels   int     // channels of one connection; default 200
}

func (l Limits) orDefault() Limits {
	set := func(v *float64, n float64) {
		if *v == 0 {
			*v = n
		}
	}
	setInt := func(v *int, n int) {
		if *v == 0 {
			*v = n
		}
	}
	set(&l.Posts, 10)
	setInt(&l.PostBurst, 30)
	set(&l.Events, 50)
	setInt(&l.EventBurst, 200)
	setInt(&l.Channels, 200)
	return l
}

// person names a user among all apps.
type person struct {
	app  chat.AppID
	user chat.UserID
}

// allowances holds how much each user may still post. Those who have been quiet long enough to have their whole burst
// back are forgotten.
type allowances struct {
	mu     sync.Mutex
	people map[person]*rate.Limiter
}

// take uses up one post of the person. It returns how long to wait if there is none left.
func (a *allowances) take(p person, now time.Time, l Limits) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	limiter := a.people[p]
	if limiter == nil {
		if a.people == nil {
			a.people = make(map[person]*rate.Limiter)
		}
		limiter = rate.NewLimiter(rate.Limit(l.Posts), l.PostBurst)
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
	return &chat.Error{Code: chat.RateLimited, Message: "That was too much at once. Please wait a moment.", RetryAfter: d}
}
