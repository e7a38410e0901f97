package dashboard

import (
	"time"

	"planga/chat"
	"planga/dashboard/analytics"
)

// overviewView is the first page of an app.
type overviewView struct {
	frame
	Live    analytics.Live
	Chart   analytics.Chart
	Refused []refusedLine
}

// refusedLine is one reason for which connections were refused, and what can be done about it.
type refusedLine struct {
	chat.Refusal
	KeyName       string
	Deed, Address string
}

// maxRefusedLines bounds the list on the overview.
const maxRefusedLines = 12

// chartStep is the time that one point of the day's chart stands for.
const chartStep = 15 * time.Minute

func (d *Dashboard) overviewPage(v *visit) error {
	view, err := d.overview(v)
	if err != nil {
		return err
	}
	return v.show(overviewPage(view))
}

// figures is asked by the open page every few seconds.
func (d *Dashboard) figures(v *visit) error {
	view, err := d.overview(v)
	if err != nil {
		return err
	}
	return v.show(overviewFigures(view))
}

func (d *Dashboard) overview(v *visit) (view overviewView, err error) {
	ctx, now := v.r.Context(), d.now()
	if view.frame, err = d.frame(v, "Overview", "overview"); err != nil {
		return view, err
	}
	if view.Live, err = d.store.Live(ctx, v.app.ID, now); err != nil {
		return view, err
	}
	to := now.Truncate(chartStep).Add(chartStep)
	from := to.Add(-24 * time.Hour)
	buckets, err := d.store.Messages(ctx, v.app.ID, from, to, chartStep)
	if err != nil {
		return view, err
	}
	view.Chart = analytics.NewChart(from, to, chartStep, buckets)
	view.Refused, err = d.refused(v, now)
	return view, err
}

func (d *Dashboard) refused(v *visit, now time.Time) ([]refusedLine, error) {
	refusals, err := d.store.Refusals(v.r.Context(), v.app.ID, now.Add(-24*time.Hour), maxRefusedLines)
	if err != nil || len(refusals) == 0 {
		return nil, err
	}
	keys, err := d.register.ListKeys(v.r.Context(), v.app.ID)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(keys))
	for _, k := range keys {
		names[k.PublicID] = k.Name
	}
	var lines []refusedLine
	for _, r := range refusals {
		line := refusedLine{Refusal: r, KeyName: names[r.Key], Deed: "Test a token", Address: appURL(v.app.ID, "/install#test")}
		if r.Origin != "" {
			line.Deed, line.Address = "Origins", appURL(v.app.ID, "/settings#origins")
		}
		lines = append(lines, line)
	}
	return lines, nil
}
