package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"planga/chat"
)

// Key is the command group for API keys.
func Key(open Opener) *cobra.Command {
	o := &office{open: open}
	var app string
	group := &cobra.Command{Use: "key", Short: "List, create, disable and delete API keys"}
	group.PersistentFlags().StringVar(&app, "app", "", "the app's id; may be left out while there is one app")
	inApp := func(use, short string, args int, deed func(*desk, chat.AppID, []string) error) *cobra.Command {
		return o.command(use, short, args, func(d *desk, args []string) error {
			id, err := d.appID(app)
			if err != nil {
				return err
			}
			return deed(d, id, args)
		})
	}
	group.AddCommand(
		inApp("list", "List the app's keys", 0, listKeys),
		inApp("create NAME", "Create a key; its secret is shown this once", 1,
			func(d *desk, id chat.AppID, args []string) error { return newKey(d, id, args[0]) }),
		inApp("disable PUBLIC_ID", "Disable a key: connections opened with it close within a second", 1,
			func(d *desk, id chat.AppID, args []string) error { return d.SetKeyActive(d.ctx, id, args[0], false) }),
		inApp("enable PUBLIC_ID", "Enable a key again", 1,
			func(d *desk, id chat.AppID, args []string) error { return d.SetKeyActive(d.ctx, id, args[0], true) }),
		inApp("delete PUBLIC_ID", "Delete a key for good", 1,
			func(d *desk, id chat.AppID, args []string) error { return d.DeleteKey(d.ctx, id, args[0]) }),
	)
	return group
}

func newKey(d *desk, app chat.AppID, name string) error {
	k, s, err := d.CreateKey(d.ctx, app, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "public_id   %s\nsecret      %s\nprivate_key %s\n", k.PublicID, s.Secret, s.PrivateKey)
	fmt.Fprintln(d.hints, "The secret and the private key are not shown again. Keep them on your server, never in a page.")
	return nil
}

func listKeys(d *desk, app chat.AppID, _ []string) error {
	keys, err := d.ListKeys(d.ctx, app)
	if err != nil {
		return err
	}
	return d.table("PUBLIC ID\tNAME\tSTATE\tCREATED\tLAST USED", func(line func(string, ...any)) {
		for _, k := range keys {
			state := "disabled"
			switch {
			case !k.DeletedAt.IsZero():
				state = "deleted"
			case k.Active:
				state = "active"
			}
			line("%s\t%s\t%s\t%s\t%s", k.PublicID, k.Name, state, day(k.CreatedAt), day(k.UsedAt))
		}
	})
}
