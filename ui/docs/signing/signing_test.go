package signing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"planga/chat"
)

// forgetful keeps no apps.
type forgetful struct{}

func (forgetful) SaveApp(context.Context, chat.App) error      { return nil }
func (forgetful) LoadApps(context.Context) ([]chat.App, error) { return nil, nil }

const secret = "sk_0123456789012345678901234567890123456789012"

// programs runs each language. C# has no free-standing compiler in the package archives of the machines that test
// this, so it is run where dotnet is installed and passed over elsewhere.
var programs = map[string][]string{
	"node":   {"node", "token.mjs"},
	"php":    {"php", "token.php"},
	"python": {"python3", "token.py"},
	"ruby":   {"ruby", "token.rb"},
	"go":     {"go", "run", "token.go"},
	"java":   {"java", "ChatToken.java"},
	"csharp": {"dotnet", "run"},
	"elixir": {"elixir", "token.exs"},
}

const project = `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType>
<TargetFramework>net8.0</TargetFramework><Nullable>enable</Nullable></PropertyGroup></Project>`

// need skips the test when an outside program is missing, unless all of them are required.
func need(t *testing.T, program string) {
	t.Helper()
	_, err := exec.LookPath(program)
	switch {
	case err == nil:
	case os.Getenv("PLANGA_TEST_REQUIRE") == "all" && program != "dotnet":
		t.Fatalf("%s is not installed", program)
	default:
		t.Skipf("%s is not installed", program)
	}
}

func TestTheCodeOfEachLanguageSignsAToken(t *testing.T) {
	directory := chat.NewDirectory(forgetful{})
	key := chat.Key{PublicID: "pk_wheelhouse", Secret: secret, Active: true}
	if err := directory.Apply(t.Context(), chat.App{ID: 7, Revision: 1, Keys: []chat.Key{key}}); err != nil {
		t.Fatal(err)
	}
	for _, l := range Languages() {
		t.Run(l.Name, func(t *testing.T) {
			need(t, programs[l.ID][0])
			dir := write(t, l, Vars{PublicID: "pk_wheelhouse", UserID: "u-1", UserName: "Zoë van Dijk", Conversation: "bike:9"})
			token, err := run(t, l, dir, "PLANGA_SECRET="+secret)
			if err != nil {
				t.Fatal(err)
			}
			got, err := directory.Authenticate(time.Now(), chat.Credential{Token: token})
			if why, refused := chat.AsRefused(err); refused {
				t.Fatalf("%s: %v", token, why)
			}
			left := time.Until(got.Expires)
			if got.App != 7 || got.User.ID != "u-1" || got.User.Name != "Zoë van Dijk" || !got.Admits("bike:9") ||
				left < 59*time.Minute || left > time.Hour {
				t.Errorf("got %+v", got)
			}
			if token, err := run(t, l, dir, "OTHER="); err == nil {
				t.Errorf("without a secret it prints %q instead of failing", token)
			}
		})
	}
}

// write saves the code of a language as a visitor would.
func write(t *testing.T, l Language, v Vars) string {
	t.Helper()
	source, err := Render(l.ID, v)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{l.File: source}
	if l.ID == "csharp" {
		files["token.csproj"] = project
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run runs the code with one more environment variable and returns the line it prints.
func run(t *testing.T, l Language, dir, env string) (string, error) {
	t.Helper()
	command := programs[l.ID]
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	program := exec.CommandContext(ctx, command[0], command[1:]...)
	program.Dir = dir
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PLANGA_SECRET=") })
	program.Env = append(own, env, "LC_ALL=C.UTF-8")
	out, err := program.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%s: %w: %s", l.Name, err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

func TestRenderFillsInOnlyWhatNeedsNoEscaping(t *testing.T) {
	for _, l := range Languages() {
		got, err := Render(l.ID, Vars{PublicID: "pk_mine", UserName: "Zoë"})
		if err != nil || !strings.Contains(got, "pk_mine") || strings.Contains(got, "pk_example") ||
			!strings.Contains(got, "Zoë") || !strings.Contains(got, "bike-4120") || strings.Contains(got, "go:build") {
			t.Errorf("%s: %v\n%s", l.Name, err, got)
		}
		for _, hostile := range []string{`"`, "'", `\`, "#{1}", "${1}", "</script>", "\n", "%s"} {
			if got, err := Render(l.ID, Vars{UserName: hostile}); err == nil {
				t.Errorf("%s: %q was filled in:\n%s", l.Name, hostile, got)
			}
		}
	}
	if _, err := Render("cobol", Vars{}); err == nil {
		t.Error("cobol: got no error")
	}
}
