package dashboard

import (
	"net/http"
	"strings"

	"planga/chat"
)

// appsView is the list of apps, and the form for a new one.
type appsView struct {
	frame
	Name, Origin           string
	NameError, OriginError string
}

func (d *Dashboard) appsPage(v *visit) error {
	f, err := d.frame(v, "Apps", "apps")
	if err != nil {
		return err
	}
	return v.show(appsPage(appsView{frame: f}))
}

func (d *Dashboard) createApp(v *visit) error {
	name, origin := v.form("name"), v.form("origin")
	_, nameErr := checkName("app", name, "Wheelhouse")
	_, originErr := CheckOrigin(origin)
	if nameErr != nil || originErr != nil {
		return d.refuseApp(v, nameErr, originErr)
	}
	app, err := d.register.CreateApp(v.r.Context(), name, origin)
	if chat.CodeOf(err) == chat.Conflict {
		return d.refuseApp(v, err, nil)
	}
	if err != nil {
		return err
	}
	d.teller.nudge()
	return v.goTo(appURL(app.ID, "/install"))
}

func (d *Dashboard) refuseApp(v *visit, nameErr, originErr error) error {
	f, err := d.frame(v, "Apps", "apps")
	if err != nil {
		return err
	}
	return v.refuse(appsPage(appsView{
		frame: f, Name: v.form("name"), Origin: v.form("origin"), NameError: sentence(nameErr), OriginError: sentence(originErr),
	}))
}

// confirmation asks for the name of what is deleted.
type confirmation struct {
	Title, Sentence, Label, Action, Away, Verb string
	Typed, Error                               string
}

func (d *Dashboard) deleteAppPage(v *visit) error {
	return d.showDeleteApp(v, http.StatusOK, confirmation{})
}

func (d *Dashboard) showDeleteApp(v *visit, status int, c confirmation) error {
	view, err := d.settingsView(v)
	if err != nil {
		return err
	}
	live, err := d.store.Live(v.r.Context(), v.app.ID, d.now())
	if err != nil {
		return err
	}
	c.Title = "Delete the app “" + v.app.Name + "”?"
	c.Sentence = connectedNow(live.Connections) + " Its keys stop working within a second, and its chats cannot be opened any more. This cannot be undone."
	c.Label, c.Verb = "Type the app’s name to confirm", "Delete app"
	c.Action, c.Away = appURL(v.app.ID, "/delete"), appURL(v.app.ID, "/settings")
	view.Confirm = &c
	return render(v.w, v.r, status, settingsPage(view))
}

func connectedNow(n int64) string {
	switch n {
	case 0:
		return "Nobody is connected now."
	case 1:
		return "1 person is connected now and is disconnected."
	}
	return number(n) + " people are connected now and are disconnected."
}

func (d *Dashboard) deleteApp(v *visit) error {
	if typed := v.form("name"); strings.TrimSpace(typed) != v.app.Name {
		return d.showDeleteApp(v, http.StatusUnprocessableEntity, confirmation{
			Typed: typed, Error: "That is not the app’s name. It is “" + v.app.Name + "”.",
		})
	}
	if err := d.register.DeleteApp(v.r.Context(), v.app.ID); err != nil {
		return err
	}
	d.teller.nudge()
	return v.goTo("/apps?done=gone")
}
