package cli_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"planga/dashboard"
	"planga/store/sqlite"
	"planga/ui/cli"
)

// operator runs commands on one data directory.
type operator struct {
	t   *testing.T
	dir string
}

func newOperator(t *testing.T) operator { return operator{t, t.TempDir()} }

func open(dir string) (dashboard.Apps, func() error, error) {
	d, err := sqlite.OpenDashboard(dir)
	if err != nil {
		return nil, nil, err
	}
	return d, d.Close, nil
}

// try runs one command line with the given standard input.
func (o operator) try(stdin, line string) (string, error) {
	root := &cobra.Command{Use: "planga", SilenceErrors: true, SilenceUsage: true, PersistentPreRunE: cli.FromEnvironment}
	root.AddCommand(cli.Account(open), cli.App(open), cli.Key(open), cli.Token(open))
	var out bytes.Buffer
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(&bytes.Buffer{})
	root.SetArgs(append(strings.Fields(line), "--data", o.dir))
	err := root.ExecuteContext(o.t.Context())
	return out.String(), err
}

func (o operator) run(line string) string {
	o.t.Helper()
	out, err := o.try("", line)
	if err != nil {
		o.t.Fatalf("planga %s: %v", line, err)
	}
	return out
}

var publicID = regexp.MustCompile(`pk_\w+`)

func TestAnOperatorMakesAnAppAndATokenThatItsKeyVouchesFor(t *testing.T) {
	o := newOperator(t)
	made := o.run("app create Wheelhouse --origin https://wheelhouse.example")
	if !strings.Contains(made, "sk_") {
		t.Fatalf("the secret is not shown: %s", made)
	}
	if list := o.run("app list"); !strings.Contains(list, "https://wheelhouse.example") {
		t.Errorf("the origin is not listed:\n%s", list)
	}
	if list := o.run("key list"); strings.Contains(list, "sk_") || !strings.Contains(list, "active") {
		t.Errorf("want the key as active, and no secret:\n%s", list)
	}
	token := o.run("token mint --user jonas --name Jonas --conversation bike-1")
	if out, err := o.try(token, "token check"); err != nil {
		t.Errorf("the token is refused: %v\n%s", err, out)
	}
}

func TestATokenOfADisabledKeyIsRefused(t *testing.T) {
	o := newOperator(t)
	key := publicID.FindString(o.run("app create Wheelhouse"))
	token := o.run("token mint --user jonas --conversation bike-1")
	o.run("key disable " + key)
	if out, err := o.try(token, "token check"); err == nil {
		t.Errorf("the token of a disabled key is accepted:\n%s", out)
	}
	if _, err := o.try("", "token mint --user jonas"); err == nil || !strings.Contains(err.Error(), "key create") {
		t.Errorf("got %v; want what to do without an active key", err)
	}
	o.run("key enable " + key)
	if out, err := o.try(token, "token check"); err != nil {
		t.Errorf("the key was enabled again: %v\n%s", err, out)
	}
	o.run("key delete " + key)
	if out, err := o.try(token, "token check"); err == nil {
		t.Errorf("the token of a deleted key is accepted:\n%s", out)
	}
}

func TestWrongWordsAreAnsweredWithWhatToWrite(t *testing.T) {
	o := newOperator(t)
	if _, err := o.try("", "key list"); err == nil || !strings.Contains(err.Error(), "planga app create") {
		t.Errorf("without an app: %v", err)
	}
	o.run("app create Wheelhouse")
	for line, want := range map[string]string{
		"app create X --origin ftp://x":      "https://",
		"app rename one Shop":                "app list",
		"app clients-2018 1 maybe":           "on or off",
		"app delete 1":                       "Wheelhouse",
		"app delete 1 --name Wheel":          "Wheelhouse",
		"key disable pk_nonesuch":            "key",
		"key list --app 7":                   "app",
		"token mint --conversation bike-1":   "user id",
		"token mint --user j --ttl 48h":      "24h",
		"token mint --user j --role emperor": "moderator",
		"token check":                        "refused",
	} {
		t.Run(line, func(t *testing.T) {
			if out, err := o.try("", line); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v and %q; want an error that says %q", err, out, want)
			}
		})
	}
	o.run("app create Second")
	if _, err := o.try("", "key list"); err == nil || !strings.Contains(err.Error(), "--app") {
		t.Errorf("with two apps: %v", err)
	}
	o.run("app delete 1 --name Wheelhouse")
	if list := o.run("app list"); strings.Contains(list, "Wheelhouse") {
		t.Errorf("the deleted app is listed:\n%s", list)
	}
}
