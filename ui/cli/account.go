package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"planga/chat"
	"planga/dashboard"
)

// Account is the command group for the people who sign in to the dashboard. What open opens must also be [dashboard.Accounts].
func Account(open Opener) *cobra.Command {
	o := &office{open: open}
	group := &cobra.Command{Use: "account", Short: "List the dashboard's accounts, and help who forgot a password"}
	group.AddCommand(o.command("list", "List the accounts", 0, listAccounts), linkAccount(o))
	return group
}

// accounts returns the accounts of the data directory.
func (d *desk) accounts() (dashboard.Accounts, error) {
	accounts, ok := d.apps.(dashboard.Accounts)
	if !ok {
		return nil, fmt.Errorf("%T keeps no accounts", d.apps)
	}
	return accounts, nil
}

func listAccounts(d *desk, _ []string) error {
	accounts, err := d.accounts()
	if err != nil {
		return err
	}
	all, err := accounts.ListAccounts(d.ctx)
	if err != nil {
		return err
	}
	return d.table("ID\tE-MAIL\tCREATED", func(line func(string, ...any)) {
		for _, a := range all {
			line("%d\t%s\t%s", a.ID, a.Email, day(a.CreatedAt))
		}
	})
}

func linkAccount(o *office) *cobra.Command {
	var url, listen string
	cmd := o.command("link EMAIL", "Print a link with which a new password is chosen; it works once, for an hour", 1, func(d *desk, args []string) error {
		accounts, err := d.accounts()
		if err != nil {
			return err
		}
		if url == "" {
			url = "http://" + Loopback(listen)
		}
		link, err := dashboard.PasswordURL(d.ctx, accounts, url, args[0], time.Now())
		if chat.CodeOf(err) == chat.NotFound {
			return fmt.Errorf("there is no account %q: `planga account list` shows them", args[0])
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(d.hints, "Whoever opens this link first chooses the password. It works once, for an hour; an earlier one is void.")
		fmt.Fprintln(d.out, link)
		return nil
	})
	cmd.Flags().StringVar(&url, "url", "", "how browsers reach the server, such as https://chat.example.com (default http:// and the listen address)")
	cmd.Flags().StringVar(&listen, "listen", DefaultListen, "the address the server listens on")
	return cmd
}
