package dashboard

import (
	"context"

	"planga/chat"
)

// inspectToken checks a token against the app's keys the way the chat does, and says everything that is wrong with it. It
// reads the keys from the dashboard's own store, so it needs no chat node, and keeps nothing.
func (d *Dashboard) inspectToken(ctx context.Context, id chat.AppID, token string) ([]chat.Finding, error) {
	apps, err := d.store.Settings(ctx, 0)
	if apps == nil && err != nil {
		return nil, err
	}
	directory := chat.NewDirectory(forgetful{})
	for _, a := range apps {
		if a.ID != id {
			continue
		}
		if err := directory.Apply(ctx, a); err != nil {
			return nil, err
		}
	}
	return chat.InspectToken(directory, id, token, d.now()), nil
}

// forgetful keeps no apps: a directory for one question needs none.
type forgetful struct{}

func (forgetful) SaveApp(context.Context, chat.App) error      { return nil }
func (forgetful) LoadApps(context.Context) ([]chat.App, error) { return nil, nil }
