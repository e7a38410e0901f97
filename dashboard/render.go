package dashboard

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"

	"planga/dashboard/analytics"
)

// render sends a page whole or not at all.
func render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var body bytes.Buffer
	if err := page.Render(r.Context(), &body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // nobody is left to hear that the browser has gone
	return nil
}

// show sends a page that is well.
func (v *visit) show(page templ.Component) error { return render(v.w, v.r, http.StatusOK, page) }

// refuse sends a form back, with what is wrong beside its field.
func (v *visit) refuse(page templ.Component) error {
	return render(v.w, v.r, http.StatusUnprocessableEntity, page)
}

// frame is what surrounds every page of somebody signed in.
type frame struct {
	Title   string
	Account Account
	App     App // its zero value on pages of no app
	Apps    []App
	Nodes   []analytics.Node
	New     bool   // the dashboard has not listened for long enough to have heard every node
	Server  string // the host that the dashboard belongs to
	Here    string // which link of the rail leads here
	Done    string // a sentence about what has just been done
}

// frame gathers what surrounds the page.
func (d *Dashboard) frame(v *visit, title, here string) (frame, error) {
	ctx := v.r.Context()
	apps, err := d.store.ListApps(ctx)
	if err != nil {
		return frame{}, err
	}
	nodes, err := d.store.Nodes(ctx, d.now().Add(-analytics.Fresh))
	if err != nil {
		return frame{}, err
	}
	return frame{
		Title: title, Account: *v.account, App: v.app, Apps: apps, Nodes: nodes, New: d.now().Sub(d.started) < analytics.Fresh, Server: d.base.Host, Here: here,
		Done: done[v.r.URL.Query().Get("done")],
	}, nil
}

// done are the sentences a form may leave behind, by the word in the address.
var done = map[string]string{
	"disabled": "The key is disabled. Whoever was connected with it is disconnected within a second.",
	"enabled":  "The key is enabled again.",
	"deleted":  "The key is deleted.",
	"gone":     "The app is deleted.",
	"renamed":  "The app has its new name.",
	"origins":  "The origins are saved and reach every chat within a second.",
	"password": "Your password is changed, and every other browser is signed out.",
	"session":  "That browser is signed out.",
	"others":   "Every other browser is signed out.",
	"switched": "The switch is set, and every chat knows within a second.",
}
