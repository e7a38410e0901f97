package dashboard

import (
	"planga/chat"
)

// settingsView is the page of an app's settings.
type settingsView struct {
	frame
	Name, NameError     string
	Origin, OriginError string
	Confirm             *confirmation
}

func (d *Dashboard) settingsView(v *visit) (settingsView, error) {
	f, err := d.frame(v, "Settings", "settings")
	return settingsView{frame: f, Name: v.app.Name}, err
}

func (d *Dashboard) settingsPage(v *visit) error {
	view, err := d.settingsView(v)
	if err != nil {
		return err
	}
	return v.show(settingsPage(view))
}

func (d *Dashboard) renameApp(v *visit) error {
	_, err := d.register.RenameApp(v.r.Context(), v.app.ID, v.form("name"))
	return d.saved(v, err, "renamed", func(view *settingsView) {
		view.Name, view.NameError = v.form("name"), sentence(err)
	})
}

func (d *Dashboard) addOrigin(v *visit) error {
	_, err := d.register.AddOrigin(v.r.Context(), v.app.ID, v.form("origin"))
	return d.saved(v, err, "origins", func(view *settingsView) {
		view.Origin, view.OriginError = v.form("origin"), sentence(err)
	})
}

func (d *Dashboard) removeOrigin(v *visit) error {
	_, err := d.register.RemoveOrigin(v.r.Context(), v.app.ID, v.form("origin"))
	return d.saved(v, err, "origins", nil)
}

func (d *Dashboard) setClients2018(v *visit) error {
	_, err := d.register.SetClients2018(v.r.Context(), v.app.ID, v.form("on") == "yes")
	return d.saved(v, err, "switched", nil)
}

// saved answers a form of the settings page: it leads back to it, or shows it again with what mark finds wrong.
func (d *Dashboard) saved(v *visit, err error, word string, mark func(*settingsView)) error {
	if chat.CodeOf(err) == chat.Invalid && mark != nil {
		view, err := d.settingsView(v)
		if err != nil {
			return err
		}
		mark(&view)
		return v.refuse(settingsPage(view))
	}
	if err != nil {
		return err
	}
	d.teller.nudge()
	return v.goTo(appURL(v.app.ID, "/settings?done="+word))
}
