package dashboard

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"planga/bus"
	"planga/dashboard/analytics"
)

// Store is all that the dashboard keeps.
type Store interface {
	Accounts
	Apps
	analytics.Store
}

// Options are what a dashboard needs. Store, Bus and URL must be set.
type Options struct {
	Store  Store
	Bus    bus.Bus
	URL    string // where browsers reach this server, such as https://chat.wheelhouse.example
	Logger *slog.Logger

	Now      func() time.Time               // time.Now if nil
	ClientIP func(*http.Request) netip.Addr // who asks; the connection's address if nil
	Watch    time.Duration                  // how often changes of other processes are looked for; 500 ms if 0
}

// Dashboard is the pages, and the dashboard's part of the conversation with the chat. Safe for use by many goroutines.
type Dashboard struct {
	store    Store
	register *Register
	bus      bus.Bus
	base     *url.URL
	log      *slog.Logger
	now      func() time.Time
	started  time.Time
	clientIP func(*http.Request) netip.Addr

	sessions  sessions
	passwords *Passwords
	attempts  *Attempts
	shown     *onceShown
	teller    *teller
	handler   http.Handler
}

// New returns a dashboard. Its pages work at once; the chat hears of it only while [Dashboard.Run] runs.
func New(o Options) (*Dashboard, error) {
	base, err := checkURL(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ClientIP == nil {
		o.ClientIP = remoteIP
	}
	if o.Watch == 0 {
		o.Watch = 500 * time.Millisecond
	}
	if base.Scheme == "http" && !loopback(base.Hostname()) {
		o.Logger.Warn("the dashboard is reached over plain HTTP: whoever listens on the way can sign in as you", "url", o.URL)
	}
	d := &Dashboard{
		store: o.Store, register: NewRegister(o.Store, o.Now), bus: o.Bus, base: base,
		log: o.Logger, now: o.Now, started: o.Now(), clientIP: o.ClientIP,
		sessions:  sessions{accounts: o.Store, now: o.Now, clientIP: o.ClientIP, secure: base.Scheme == "https"},
		passwords: NewPasswords(), attempts: NewAttempts(o.Now), shown: newOnceShown(o.Now),
		teller: newTeller(o.Store, o.Bus, o.Logger, o.Watch),
	}
	d.handler = d.guard(d.routes())
	return d, nil
}

// checkURL accepts an http or https address without path, and returns it.
func checkURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("the server's address must look like https://chat.wheelhouse.example, but it is %q", text)
	}
	return u, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Handler serves the pages, below "/".
func (d *Dashboard) Handler() http.Handler { return d.handler }

// Register returns the deeds behind the pages. What is changed through it is told to the chat at the next look.
func (d *Dashboard) Register() *Register { return d.register }

// setupLife is how long the link for the first account works. A restart makes a new one.
const setupLife = 24 * time.Hour

// SetupURL makes the link with which the first account can be made, once. Earlier links are void. It returns false if there is an
// account already.
func (d *Dashboard) SetupURL(ctx context.Context) (string, bool, error) {
	token, digest := newToken()
	offered, err := d.store.OfferSetup(ctx, digest, d.now().Add(setupLife))
	if err != nil || !offered {
		return "", false, err
	}
	return d.base.JoinPath("setup", token).String(), true, nil
}

// remoteIP returns the address of the connection; the zero address if it has none.
func remoteIP(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr()
}
