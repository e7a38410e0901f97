package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"planga/chat"
	"planga/ui/cli/bench"
)

// Bench is the command that loads a running server from outside.
func Bench(open Opener) *cobra.Command {
	o := &office{open: open}
	b := bench.Options{}
	var app string
	cmd := o.command("bench", "Load a running server and say what it bore", 0, func(d *desk, _ []string) error {
		sign, err := d.signer(app)
		if err != nil {
			return err
		}
		b.Token, b.Out = sign, d.out
		result, err := bench.Run(d.ctx, b)
		if err != nil {
			return err
		}
		result.Print(d.out)
		if result.Refused > 0 || result.Delivered != result.Expected {
			return fmt.Errorf("%d posts were refused, %d of %d deliveries arrived", result.Refused, result.Delivered, result.Expected)
		}
		return nil
	})
	cmd.Long = `Load a running server through real sockets and say what it bore.

Posts are due at fixed times (--rate), whether or not earlier ones were answered, and latency counts from when a message was
due. With --rate 0, --senders post as fast as answers come; with --senders 0 too, the connections only send heartbeats. Tokens are signed with a key from the
server's data directory, so run it where that is. The server limits what one user may post: raise --post-rate there.`
	cmd.Flags().StringVar(&app, "app", "", "the app's id; may be left out while there is one app")
	cmd.Flags().StringVar(&b.URL, "url", "http://"+DefaultListen, "the server's address")
	cmd.Flags().IntVar(&b.Rooms, "rooms", 100, "conversations")
	cmd.Flags().IntVar(&b.Members, "members", 4, "connections in each conversation")
	cmd.Flags().IntVar(&b.Rate, "rate", 200, "posts per second over all")
	cmd.Flags().IntVar(&b.Senders, "senders", 64, "who post at once when the rate is 0")
	cmd.Flags().DurationVar(&b.Duration, "for", 10*time.Second, "how long to post")
	cmd.Flags().StringVar(&b.MetricsToken, "metrics-token", "", "the server's metrics token, if it is not on this machine")
	return cmd
}

// signer returns a function that signs visitors' tokens with the app's first active key.
func (d *desk) signer(app string) (func(user, conversation string) (string, error), error) {
	_, key, err := d.activeKey(app, "")
	if err != nil {
		return nil, err
	}
	return func(user, conversation string) (string, error) {
		return chat.Mint(key, chat.Claims{
			User:          chat.User{ID: chat.UserID(user), Name: user},
			Conversations: []chat.ConversationID{chat.ConversationID(conversation)},
		}, time.Hour)
	}, nil
}
