package dashboard

import (
	"planga/chat"
	"planga/ui/docs/signing"
)

// installView is the page that leads from an app to its first message.
type installView struct {
	frame
	Key      *Key // the newest active one
	Code     []codeTab
	Script   string // the address of the widget
	Token    string
	Findings []chat.Finding
	Steps    []installStep
}

// installStep tells how far a step of the page is. The first one that is not done is the one to do now.
type installStep struct {
	Number    int
	Done, Now bool
}

func (v *installView) markSteps() {
	used := v.Key != nil && !v.Key.UsedAt.IsZero()
	spoken := !v.App.First.At.IsZero()
	tested := v.Findings != nil && chat.Passed(v.Findings)
	open := false
	v.Steps = nil
	for i, done := range []bool{len(v.App.Origins) > 0, used || spoken || tested, used || spoken, used || spoken || tested, spoken} {
		v.Steps = append(v.Steps, installStep{Number: i + 1, Done: done, Now: !done && !open})
		open = open || !done
	}
}

// codeTab is the signing code in one language.
type codeTab struct {
	signing.Language
	Code []piece
}

func (d *Dashboard) installView(v *visit) (installView, error) {
	f, err := d.frame(v, "Install", "install")
	if err != nil {
		return installView{}, err
	}
	view := installView{frame: f, Script: d.base.JoinPath("planga.js").String()}
	keys, err := d.register.ListKeys(v.r.Context(), v.app.ID)
	if err != nil {
		return installView{}, err
	}
	for _, k := range keys {
		if k.Active && k.DeletedAt.IsZero() {
			view.Key = &k
			view.Code, err = codeFor(k)
			break
		}
	}
	return view, err
}

func codeFor(k Key) ([]codeTab, error) {
	var tabs []codeTab
	for _, l := range signing.Languages() {
		code, err := signing.Render(l.ID, signing.Vars{PublicID: k.PublicID})
		if err != nil {
			return nil, err
		}
		tabs = append(tabs, codeTab{l, highlight(l.ID, code)})
	}
	return tabs, nil
}

func (d *Dashboard) installPage(v *visit) error {
	view, err := d.installView(v)
	if err != nil {
		return err
	}
	view.markSteps()
	return v.show(installPage(view))
}

// testToken checks a pasted token. With scripts only the findings are sent, else the whole page.
func (d *Dashboard) testToken(v *visit) error {
	token := v.form("token")
	findings, err := d.inspectToken(v.r.Context(), v.app.ID, token)
	if err != nil {
		return err
	}
	if v.partial() {
		return v.show(tokenFindings(findings))
	}
	view, err := d.installView(v)
	if err != nil {
		return err
	}
	view.Token, view.Findings = token, findings
	view.markSteps()
	return v.show(installPage(view))
}

// firstMessage is asked by the open page until there is one.
func (d *Dashboard) firstMessage(v *visit) error {
	return v.show(waiting(v.app))
}
