package cli_test

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"
	"time"

	"planga/dashboard"
	"planga/store/sqlite"
)

const sana = "sana@wheelhouse.example"

// withAccount makes the first account in the operator's directory, as the setup page does.
func (o operator) withAccount() *sqlite.Dashboard {
	o.t.Helper()
	d, err := sqlite.OpenDashboard(o.dir)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { d.Close() })
	token, now := sha256.Sum256([]byte("setup")), time.Now()
	if _, err = d.OfferSetup(o.t.Context(), token, now.Add(time.Hour)); err == nil {
		_, _, err = d.RedeemSetup(o.t.Context(), token, dashboard.Account{Email: sana, PasswordHash: "x", CreatedAt: now},
			dashboard.App{Name: "Wheelhouse", CreatedAt: now})
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

var passwordLink = regexp.MustCompile(`^(http\S+)/password/([\w-]{43})\n$`)

func TestAnOperatorMakesALinkForAForgottenPassword(t *testing.T) {
	o := newOperator(t)
	store := o.withAccount()
	if list := o.run("account list"); !strings.Contains(list, sana) {
		t.Errorf("the account is not listed:\n%s", list)
	}
	for name, c := range map[string]struct{ line, server string }{
		"told where browsers reach the server": {"account link " + sana + " --url https://chat.wheelhouse.example/", "https://chat.wheelhouse.example"},
		"told where the server listens":        {"account link " + sana + " --listen :9090", "http://127.0.0.1:9090"},
		"told nothing":                         {"account link SANA@Wheelhouse.example", "http://127.0.0.1:8080"},
	} {
		t.Run(name, func(t *testing.T) {
			out := o.run(c.line)
			found := passwordLink.FindStringSubmatch(out)
			if found == nil || found[1] != c.server {
				t.Fatalf("it prints %q, want a link to %s and nothing else", out, c.server)
			}
			token := sha256.Sum256([]byte(found[2]))
			for at, open := range map[time.Duration]bool{59 * time.Minute: true, 61 * time.Minute: false} {
				a, err := store.PasswordOffered(t.Context(), token, time.Now().Add(at))
				if got := err == nil && a.Email == sana; got != open {
					t.Errorf("after %v the link is open: %v (%v), want %v", at, got, err, open)
				}
			}
		})
	}
}

func TestTheAddressOfALinkComesFromTheEnvironmentToo(t *testing.T) {
	o := newOperator(t)
	o.withAccount()
	t.Setenv("PLANGA_URL", "https://chat.wheelhouse.example")
	if out := o.run("account link " + sana); !strings.HasPrefix(out, "https://chat.wheelhouse.example/password/") {
		t.Errorf("it prints %q", out)
	}
}

func TestNoLinkIsMadeForNobodyOrToNowhere(t *testing.T) {
	o := newOperator(t)
	o.withAccount()
	for line, want := range map[string]string{
		"account link sana":                                 "Write an address",
		"account link jonas@wheelhouse.example":             "planga account list",
		"account link " + sana + " --url wheelhouse":        "https://chat.wheelhouse.example",
		"account link " + sana + " --url https://x.y/admin": "https://chat.wheelhouse.example",
		"account link": "accepts 1 arg",
	} {
		t.Run(line, func(t *testing.T) {
			if out, err := o.try("", line); err == nil || !strings.Contains(err.Error(), want) || out != "" {
				t.Errorf("got %v and %q; want an error that says %q", err, out, want)
			}
		})
	}
}
