package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// App is the command group for apps.
func App(open Opener) *cobra.Command {
	o := &office{open: open}
	group := &cobra.Command{Use: "app", Short: "List, create and change apps"}
	group.AddCommand(
		o.command("list", "List the apps", 0, listApps),
		createApp(o),
		o.command("rename ID NAME", "Rename an app", 2, renameApp),
		o.command("origins ID ORIGINS", "Replace the origins whose pages may use the app (comma-separated, may be empty)", 2, setOrigins),
		o.command("clients-2018 ID on|off", "Switch whether pages made for Planga in 2018 are served", 2, setClients2018),
		deleteApp(o),
	)
	return group
}

func listApps(d *desk, _ []string) error {
	apps, err := d.ListApps(d.ctx)
	if err != nil {
		return err
	}
	return d.table("ID\tNAME\tCREATED\tORIGINS", func(line func(string, ...any)) {
		for _, a := range apps {
			line("%d\t%s\t%s\t%s", a.ID, a.Name, day(a.CreatedAt), strings.Join(a.Origins, ","))
		}
	})
}

func createApp(o *office) *cobra.Command {
	var origins []string
	cmd := o.command("create NAME", "Create an app and its first key; the key's secret is shown this once", 1, func(d *desk, args []string) error {
		a, err := d.CreateApp(d.ctx, args[0], origins...)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "app         %d\n", a.ID)
		return newKey(d, a.ID, "Website")
	})
	cmd.Flags().StringSliceVar(&origins, "origin", nil, "an origin whose pages may use the app, such as https://wheelhouse.example")
	return cmd
}

func renameApp(d *desk, args []string) error {
	id, err := d.appID(args[0])
	if err != nil {
		return err
	}
	_, err = d.RenameApp(d.ctx, id, args[1])
	return err
}

func setOrigins(d *desk, args []string) error {
	id, err := d.appID(args[0])
	if err != nil {
		return err
	}
	var origins []string
	for _, origin := range strings.Split(args[1], ",") {
		if origin = strings.TrimSpace(origin); origin != "" {
			origins = append(origins, origin)
		}
	}
	_, err = d.SetOrigins(d.ctx, id, origins)
	return err
}

func setClients2018(d *desk, args []string) error {
	id, err := d.appID(args[0])
	if err != nil {
		return err
	}
	if args[1] != "on" && args[1] != "off" {
		return fmt.Errorf("write on or off, not %q", args[1])
	}
	_, err = d.SetClients2018(d.ctx, id, args[1] == "on")
	return err
}

func deleteApp(o *office) *cobra.Command {
	var name string
	cmd := o.command("delete ID --name NAME", "Delete an app for good: its visitors are disconnected", 1, func(d *desk, args []string) error {
		id, err := d.appID(args[0])
		if err != nil {
			return err
		}
		a, err := d.App(d.ctx, id)
		if err != nil {
			return err
		}
		if name != a.Name {
			return fmt.Errorf("app %d is called %q and nothing brings it back: add --name %q to delete it", id, a.Name, a.Name)
		}
		return d.DeleteApp(d.ctx, id)
	})
	cmd.Flags().StringVar(&name, "name", "", "the app's name, to be sure")
	return cmd
}
