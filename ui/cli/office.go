// Package cli holds the operator's commands: they work on the data directory beside a running server, which notices what they
// change within a second, or talk to a server from outside.
package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"planga/chat"
	"planga/dashboard"
)

// Opener opens the dashboard's data in a directory, without taking it from a running server.
type Opener func(dir string) (apps dashboard.Apps, closeApps func() error, err error)

// DefaultData is the data directory unless told otherwise.
const DefaultData = "data"

// office is what the commands on apps and keys share.
type office struct {
	open Opener
	data string
}

// command returns a command that works in the office.
func (o *office) command(use, short string, args int, deed func(*desk, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(args),
		RunE: func(cmd *cobra.Command, args []string) error {
			apps, closeApps, err := o.open(o.data)
			if err != nil {
				return err
			}
			err = deed(&desk{
				ctx: cmd.Context(), in: cmd.InOrStdin(), out: cmd.OutOrStdout(), hints: cmd.ErrOrStderr(), apps: apps,
				Register: dashboard.NewRegister(apps, time.Now),
			}, args)
			if closed := closeApps(); err == nil {
				err = closed
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.data, "data", DefaultData, "the data directory")
	return cmd
}

// desk is where one command does its work.
type desk struct {
	*dashboard.Register
	ctx   context.Context
	in    io.Reader
	out   io.Writer // what scripts read
	hints io.Writer // what people read
	apps  dashboard.Apps
}

// table prints rows under a head, in columns.
func (d *desk) table(head string, rows func(line func(format string, args ...any))) error {
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	rows(func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) })
	return w.Flush()
}

// appID reads an app's id; an empty text means the only app there is.
func (d *desk) appID(text string) (chat.AppID, error) {
	if text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 {
			return 0, fmt.Errorf("%q is no app id: `planga app list` shows them", text)
		}
		return chat.AppID(id), nil
	}
	apps, err := d.ListApps(d.ctx)
	switch {
	case err != nil:
		return 0, err
	case len(apps) == 0:
		return 0, fmt.Errorf("there is no app yet: make one with `planga app create NAME`")
	case len(apps) > 1:
		return 0, fmt.Errorf("there are %d apps: choose one with --app ID; `planga app list` shows them", len(apps))
	}
	return apps[0].ID, nil
}

// settings returns an app as the chat sees it, secrets included.
func (d *desk) settings(id chat.AppID) (chat.App, error) {
	all, err := d.apps.Settings(d.ctx, 0)
	if err != nil {
		return chat.App{}, err
	}
	for _, a := range all {
		if a.ID == id && !a.Deleted {
			return a, nil
		}
	}
	return chat.App{}, fmt.Errorf("there is no app %d: `planga app list` shows them", id)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04")
}
