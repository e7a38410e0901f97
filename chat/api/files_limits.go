package api

import (
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"planga/chat"
)

// Uploads at a time and over time.
const (
	uploadsAtOnce     = 64 // of everybody
	uploadsOfOneUser  = 4  // of these
	uploadsPerSecond  = 0.5
	uploadBurst       = 30
	rememberedUploads = 10_000 // users
)

// uploadLimits keeps some from taking what is there for all. The zero value is ready.
type uploadLimits struct {
	mu    sync.Mutex
	now   int // uploads going on
	users map[uploader]*uploading
}

type uploader struct {
	app  chat.AppID
	user chat.UserID
}

type uploading struct {
	now  int
	rate *rate.Limiter
}

// begin lets a user begin an upload, and returns what ends it. [chat.Busy] if too many are going on, [chat.RateLimited] if
// this user had too many.
func (l *uploadLimits) begin(at time.Time, app chat.AppID, user chat.UserID) (end func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now >= uploadsAtOnce {
		return nil, &chat.Error{Code: chat.Busy, Message: "Many files are being sent right now. Try again in a moment.", RetryAfter: 2 * time.Second}
	}
	u := l.user(at, uploader{app, user})
	wait := 2 * time.Second
	if u.now < uploadsOfOneUser {
		reserved := u.rate.ReserveN(at, 1)
		if wait = reserved.DelayFrom(at); wait > 0 {
			reserved.CancelAt(at)
		}
	}
	if wait > 0 {
		return nil, &chat.Error{Code: chat.RateLimited, Message: "You send too many files at once. Try again in a moment.", RetryAfter: wait}
	}
	l.now++
	u.now++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.now--
		u.now--
	}, nil
}

// user returns what is remembered of somebody. Where that becomes much, those are forgotten who may do everything again.
func (l *uploadLimits) user(at time.Time, who uploader) *uploading {
	if u := l.users[who]; u != nil {
		return u
	}
	if len(l.users) >= rememberedUploads {
		for other, u := range l.users {
			if u.now == 0 && u.rate.TokensAt(at) >= uploadBurst {
				delete(l.users, other)
			}
		}
	}
	if l.users == nil {
		l.users = map[uploader]*uploading{}
	}
	u := &uploading{rate: rate.NewLimiter(uploadsPerSecond, uploadBurst)}
	l.users[who] = u
	return u
}

// seconds is a time to wait as Retry-After says it.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(math.Ceil(d.Seconds()), 'f', 0, 64)
}
