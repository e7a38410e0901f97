package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"planga/chat"
)

// Token is the command group for visitors' tokens.
func Token(open Opener) *cobra.Command {
	o := &office{open: open}
	group := &cobra.Command{Use: "token", Short: "Make and check visitors' tokens"}
	group.AddCommand(mintToken(o), checkToken(o))
	return group
}

func mintToken(o *office) *cobra.Command {
	var app, public, user, name, role string
	var conversations []string
	var ttl time.Duration
	cmd := o.command("mint", "Sign a token for a visitor, as the site's own server would", 0, func(d *desk, _ []string) error {
		_, key, err := d.activeKey(app, public)
		if err != nil {
			return err
		}
		claims := chat.Claims{User: chat.User{ID: chat.UserID(user), Name: name}}
		for _, c := range conversations {
			claims.Conversations = append(claims.Conversations, chat.ConversationID(c))
		}
		if role != "" {
			r := chat.Role(role)
			claims.Role = &r
		}
		if err := checkClaims(claims, ttl); err != nil {
			return err
		}
		token, err := chat.Mint(key, claims, ttl)
		if err != nil {
			return err
		}
		fmt.Fprintln(d.out, token)
		return nil
	})
	f := cmd.Flags()
	f.StringVar(&app, "app", "", "the app's id; may be left out while there is one app")
	f.StringVar(&public, "key", "", "the key's public id; else the app's first active key")
	f.StringVar(&user, "user", "", "the user's id on the site")
	f.StringVar(&name, "name", "", "the name others see")
	f.StringVar(&role, "role", "", "moderator or reader")
	f.StringSliceVar(&conversations, "conversation", nil, "a conversation the token admits to")
	f.DurationVar(&ttl, "ttl", time.Hour, "how long the token is valid, at most 24h")
	return cmd
}

func checkClaims(c chat.Claims, ttl time.Duration) error {
	if err := c.User.ID.Check(); err != nil {
		return err
	}
	for _, id := range c.Conversations {
		if err := id.Check(); err != nil {
			return err
		}
	}
	if ttl <= 0 || ttl > chat.MaxTokenLife {
		return fmt.Errorf("a token is valid for at most %s: write --ttl 1h", chat.MaxTokenLife)
	}
	if c.Role != nil {
		return c.Role.Check()
	}
	return nil
}

func checkToken(o *office) *cobra.Command {
	var app string
	cmd := o.command("check", "Read a token from standard input and say what is right and wrong with it", 0,
		func(d *desk, _ []string) error { return d.inspect(app) })
	cmd.Flags().StringVar(&app, "app", "", "the app's id; may be left out while there is one app")
	return cmd
}

// inspect prints the findings about the token; an error tells that it would be refused.
func (d *desk) inspect(app string) error {
	a, err := d.chosen(app)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(d.in, 64<<10))
	if err != nil {
		return fmt.Errorf("read the token: %w", err)
	}
	directory := chat.NewDirectory(nowhere{})
	if err := directory.Apply(d.ctx, a); err != nil {
		return err
	}
	refused := false
	for _, f := range chat.InspectToken(directory, a.ID, strings.TrimSpace(string(text)), time.Now()) {
		fmt.Fprintf(d.out, "%-8s %-16s %s\n", f.State, f.Check, f.Text)
		if f.State == chat.FindingFailed {
			refused = true
			fmt.Fprintf(d.out, "%-8s %-16s → %s\n", "", "", f.Mend)
		}
	}
	if refused {
		return errors.New("this token would be refused")
	}
	return nil
}

// nowhere keeps no settings: a command has them from the dashboard each time.
type nowhere struct{}

func (nowhere) SaveApp(context.Context, chat.App) error      { return nil }
func (nowhere) LoadApps(context.Context) ([]chat.App, error) { return nil, nil }

// activeKey returns the app, and the key with this public id, or its first active one.
func (d *desk) activeKey(app, public string) (chat.App, chat.Key, error) {
	a, err := d.chosen(app)
	if err != nil {
		return chat.App{}, chat.Key{}, err
	}
	for _, k := range a.Keys {
		if k.Active && (public == "" || public == k.PublicID) {
			return a, k, nil
		}
	}
	if public != "" {
		return a, chat.Key{}, fmt.Errorf("app %d has no active key %s: `planga key list` shows them", a.ID, public)
	}
	return a, chat.Key{}, fmt.Errorf("app %d has no active key: make one with `planga key create NAME`", a.ID)
}

func (d *desk) chosen(app string) (chat.App, error) {
	id, err := d.appID(app)
	if err != nil {
		return chat.App{}, err
	}
	return d.settings(id)
}
