package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"time"

	"planga/chat"
	"planga/dashboard"
)

// Stage sets the scene: an app with a key, two people, and what they have said so far.
type Stage struct {
	Register  *dashboard.Register
	Directory *chat.Directory
	Service   *chat.Service
	URL       string
	key       chat.Key
}

// opening is what stands in the conversation when the page opens.
var opening = []struct{ user, body string }{
	{"jonas", "Hello Mira, is the cargo bike still there?"},
	{"mira", "Hello Jonas! It is. Two people have looked at it, nobody has decided."},
	{"jonas", "Could I see it on Saturday, with my daughter? She is the one who will sit in it."},
	{"mira", "Saturday at ten suits me. The workshop is at Quay 14, gate B."},
}

// Build makes the app and its key.
func (s *Stage) Build(ctx context.Context) error {
	app, err := s.Register.CreateApp(ctx, "Wheelhouse")
	if err != nil {
		return fmt.Errorf("make the demo's app: %w", err)
	}
	k, secrets, err := s.Register.CreateKey(ctx, app.ID, "Website")
	if err != nil {
		return fmt.Errorf("make the demo's key: %w", err)
	}
	s.key = chat.Key{PublicID: k.PublicID, Secret: secrets.Secret, PrivateKey: secrets.PrivateKey, Active: true}
	return nil
}

// Token signs what a site's own server would sign for one of the [People].
func (s *Stage) Token(user string) (string, error) {
	return chat.Mint(s.key, chat.Claims{
		User:          chat.User{ID: chat.UserID(user), Name: People[user]},
		Conversations: []chat.ConversationID{Conversation},
	}, time.Hour)
}

// Play waits until the chat knows the app, has the two say their opening lines, and tells where to look.
func (s *Stage) Play(ctx context.Context, out io.Writer) error {
	visitors := make(map[string]chat.Identity)
	for user := range People {
		who, err := s.enter(ctx, user)
		if err != nil {
			return fmt.Errorf("let %s in: %w", user, err)
		}
		visitors[user] = who
	}
	for i, line := range opening {
		who := visitors[line.user]
		_, _, err := s.Service.Post(ctx, chat.Room{App: who.App, Conversation: Conversation}, who.User.ID,
			chat.NewMessage{ClientID: chat.ClientID(fmt.Sprintf("opening-%d", i)), Body: line.body})
		if err != nil {
			return fmt.Errorf("post the opening lines: %w", err)
		}
	}
	page := s.URL + "/demo/"
	fmt.Fprintf(out, "\nTwo people are chatting here:\n\n  %s\n\nCtrl-C ends the demo and removes its data.\n", page)
	showPage(page)
	return nil
}

// enter lets a visitor in, as soon as the settings of the app have come over the bus.
func (s *Stage) enter(ctx context.Context, user string) (chat.Identity, error) {
	token, err := s.Token(user)
	if err != nil {
		return chat.Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		who, err := s.Directory.Authenticate(time.Now(), chat.Credential{Token: token})
		if err == nil {
			_, err = s.Service.Enter(ctx, who, Conversation)
			return who, err
		}
		select {
		case <-ctx.Done():
			return chat.Identity{}, err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// FreeAddress returns the loopback address if it is free, else one with another port.
func FreeAddress(listen string) (string, error) {
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("the demo listens on this machine only: write --listen 127.0.0.1:8080, not %q", listen)
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return "", fmt.Errorf("find a free port: %w", err)
		}
	}
	return l.Addr().String(), errors.Join(l.Close())
}

// showPage opens the page in the person's browser where there is a screen. If that does not work, the address stands in the
// terminal.
func showPage(page string) {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	} else if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return
	}
	if cmd := exec.Command(opener, page); cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
