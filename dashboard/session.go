package dashboard

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"planga/chat"
)

// Bounds of sessions.
const (
	sessionLife = 30 * 24 * time.Hour // at most, from sign-in
	sessionIdle = 7 * 24 * time.Hour  // without a page
	sessionsMax = 30                  // of one account; the oldest ends
	touchEvery  = time.Minute
)

// sessions turns cookies into people.
type sessions struct {
	accounts Accounts
	now      func() time.Time
	clientIP func(*http.Request) netip.Addr
	secure   bool // the dashboard is reached over HTTPS
}

// cookieName is bound to host and path by its prefix where browsers allow that, which is over HTTPS only.
func (s sessions) cookieName() string {
	if s.secure {
		return "__Host-planga"
	}
	return "planga"
}

func (s sessions) cookie(value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: s.cookieName(), Value: value, Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int(life.Seconds()),
	}
	if life <= 0 {
		c.MaxAge = -1
	}
	return c
}

// start signs the browser in under a token that nobody has seen before, and ends the session it came with.
func (s sessions) start(w http.ResponseWriter, r *http.Request, account Account) error {
	if err := s.endKept(r); err != nil {
		return err
	}
	token, digest := newToken()
	now := s.now()
	session := Session{Token: digest, Account: account.ID, CreatedAt: now, SeenAt: now, Browser: browserName(r.UserAgent())}
	if from := s.clientIP(r); from.IsValid() {
		session.Address = from.Unmap().String()
	}
	if err := s.accounts.StartSession(r.Context(), session, account.PasswordHash, sessionsMax); err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(token, sessionLife))
	return nil
}

// find returns who the browser is signed in as, and in which session; nil if nobody. A quiet request, such as one that a page makes by itself,
// does not keep the session alive.
func (s sessions) find(r *http.Request, quiet bool) (Session, *Account, error) {
	digest, ok := s.digest(r)
	if !ok {
		return Session{}, nil, nil
	}
	now := s.now()
	session, account, err := s.accounts.Session(r.Context(), digest, now.Add(-sessionLife), now.Add(-sessionIdle))
	if chat.CodeOf(err) == chat.NotFound {
		return Session{}, nil, nil
	}
	if err != nil {
		return Session{}, nil, err
	}
	if !quiet && now.Sub(session.SeenAt) >= touchEvery {
		s.touch(r.Context(), digest, now)
	}
	return session, &account, nil
}

// list returns the account's sessions that are still good.
func (s sessions) list(ctx context.Context, account AccountID) ([]Session, error) {
	now := s.now()
	return s.accounts.ListSessions(ctx, account, now.Add(-sessionLife), now.Add(-sessionIdle))
}

// touch is a note for later: that it could not be kept is no reason to refuse the page.
func (s sessions) touch(ctx context.Context, digest Digest, now time.Time) {
	_ = s.accounts.TouchSession(ctx, digest, now)
}

// end signs the browser out.
func (s sessions) end(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, s.cookie("", 0))
	return s.endKept(r)
}

func (s sessions) endKept(r *http.Request) error {
	digest, ok := s.digest(r)
	if !ok {
		return nil
	}
	return s.accounts.EndSession(r.Context(), digest)
}

func (s sessions) digest(r *http.Request) (Digest, bool) {
	c, err := r.Cookie(s.cookieName())
	if err != nil || len(c.Value) > 100 {
		return Digest{}, false
	}
	return digestOf(c.Value), true
}
