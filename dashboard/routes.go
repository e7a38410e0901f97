package dashboard

import (
	"net/http"
	"net/url"
	"strconv"

	"planga/chat"
)

// who says who may open a page.
type who int

const (
	anybody  who = iota
	signedIn     // with an account
	ofApp        // with an account, for the app that the address names
	asking       // as ofApp, but asked by a page on its own: it does not keep the session alive
)

// visit is one request, and what is known of it before its page runs.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	account *Account // set unless anybody may open the page
	session Session  // set with account
	app     App      // set for ofApp
}

// form returns a field of the form that was sent.
func (v *visit) form(name string) string { return v.r.PostForm.Get(name) }

// goTo answers a form that did its deed.
func (v *visit) goTo(address string) error {
	http.Redirect(v.w, v.r, address, http.StatusSeeOther)
	return nil
}

// partial tells whether a page's script asks for a part of it.
func (v *visit) partial() bool { return v.r.Header.Get("HX-Request") == "true" }

type route struct {
	pattern string
	who     who
	page    func(*visit) error
}

// table is every address there is.
func (d *Dashboard) table() []route {
	return []route{
		{"GET /{$}", anybody, d.home},
		{"GET /setup/{token}", anybody, d.setupPage},
		{"POST /setup/{token}", anybody, d.setup},
		{"GET /login", anybody, d.loginPage},
		{"POST /login", anybody, d.login},
		{"POST /logout", anybody, d.logout},
		{"GET /password/{token}", anybody, d.passwordLinkPage},
		{"POST /password/{token}", anybody, d.redeemPassword},

		{"GET /account", signedIn, d.accountPage},
		{"POST /account/password", signedIn, d.changePassword},
		{"POST /account/sessions/end", signedIn, d.endSession},
		{"POST /account/sessions/others", signedIn, d.endOtherSessions},

		{"GET /apps", signedIn, d.appsPage},
		{"POST /apps", signedIn, d.createApp},
		{"GET /apps/{app}", ofApp, d.overviewPage},
		{"GET /apps/{app}/figures", asking, d.figures},
		{"GET /apps/{app}/install", ofApp, d.installPage},
		{"POST /apps/{app}/install/token", ofApp, d.testToken},
		{"GET /apps/{app}/install/first", asking, d.firstMessage},
		{"GET /apps/{app}/keys", ofApp, d.keysPage},
		{"POST /apps/{app}/keys", ofApp, d.createKey},
		{"GET /apps/{app}/keys/{key}/delete", ofApp, d.deleteKeyPage},
		{"POST /apps/{app}/keys/{key}/delete", ofApp, d.deleteKey},
		{"POST /apps/{app}/keys/{key}/disable", ofApp, d.disableKey},
		{"POST /apps/{app}/keys/{key}/enable", ofApp, d.enableKey},
		{"GET /apps/{app}/settings", ofApp, d.settingsPage},
		{"POST /apps/{app}/settings/name", ofApp, d.renameApp},
		{"POST /apps/{app}/settings/origins", ofApp, d.addOrigin},
		{"POST /apps/{app}/settings/origins/remove", ofApp, d.removeOrigin},
		{"POST /apps/{app}/settings/clients2018", ofApp, d.setClients2018},
		{"GET /apps/{app}/delete", ofApp, d.deleteAppPage},
		{"POST /apps/{app}/delete", ofApp, d.deleteApp},
	}
}

// routes serves the table; whatever is not in it gets a page that says so.
func (d *Dashboard) routes() http.Handler {
	mux := http.NewServeMux()
	for _, one := range d.table() {
		mux.HandleFunc(one.pattern, func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, one) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, pattern := mux.Handler(r); pattern == "" {
			d.unknown(w, r, h)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (d *Dashboard) serve(w http.ResponseWriter, r *http.Request, one route) {
	v := &visit{w: w, r: r}
	err := d.admit(v, one.who)
	if err == nil {
		err = one.page(v)
	}
	if err != nil {
		d.fail(w, r, v.account, err)
	}
}

// admit finds out who asks, and for which app. It refuses who may not.
func (d *Dashboard) admit(v *visit, may who) (err error) {
	v.session, v.account, err = d.sessions.find(v.r, may == asking)
	if err != nil || may == anybody {
		return err
	}
	if v.account == nil {
		return errSignedOut
	}
	if may == signedIn {
		return nil
	}
	id, err := strconv.ParseInt(v.r.PathValue("app"), 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != v.r.PathValue("app") {
		return chat.Errorf(chat.NotFound, "There is no such app.")
	}
	v.app, err = d.store.App(v.r.Context(), chat.AppID(id))
	return err
}

// unknown answers an address or method that is not in the table. The plain answer that h would give tells which.
func (d *Dashboard) unknown(w http.ResponseWriter, r *http.Request, h http.Handler) {
	probe := statusProbe{header: http.Header{}}
	h.ServeHTTP(&probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		d.fail(w, r, nil, statusError{http.StatusMethodNotAllowed, "This address cannot be used in that way."})
		return
	}
	d.fail(w, r, nil, chat.Errorf(chat.NotFound, "There is no page at this address."))
}

// statusProbe keeps status and header of an answer, and drops the rest.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }

// appURL returns the address of a page of an app.
func appURL(id chat.AppID, rest string) string { return "/apps/" + id.String() + rest }

func keyURL(k Key, deed string) string {
	return appURL(k.App, "/keys/"+url.PathEscape(k.PublicID)+"/"+deed)
}
