package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// listenFrom runs a command with one flag under the given environment and arguments.
func listenFrom(t *testing.T, env map[string]string, args ...string) (string, error) {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	var listen string
	cmd := &cobra.Command{Use: "x", PersistentPreRunE: FromEnvironment, RunE: func(*cobra.Command, []string) error { return nil },
		SilenceErrors: true, SilenceUsage: true}
	cmd.Flags().StringVar(&listen, "trusted-proxy", "default", "")
	cmd.SetArgs(args)
	err := cmd.Execute()
	return listen, err
}

func TestAFlagBeatsTheEnvironmentWhichBeatsAFileWhichBeatsTheDefault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "setting")
	if err := os.WriteFile(file, []byte("from file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	inFile := map[string]string{"PLANGA_TRUSTED_PROXY_FILE": file}
	both := map[string]string{"PLANGA_TRUSTED_PROXY_FILE": file, "PLANGA_TRUSTED_PROXY": "from env"}
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"default", nil, nil, "default"},
		{"file", inFile, nil, "from file"},
		{"environment", both, nil, "from env"},
		{"flag", both, []string{"--trusted-proxy=from flag"}, "from flag"},
		{"empty environment is a value", map[string]string{"PLANGA_TRUSTED_PROXY": ""}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := listenFrom(t, c.env, c.args...)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestABadSettingNamesItsVariable(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"missing file":  {"PLANGA_TRUSTED_PROXY_FILE": "/nonexistent/x"},
		"a folder":      {"PLANGA_TRUSTED_PROXY_FILE": os.TempDir()},
		"invalid UTF-8": {"PLANGA_TRUSTED_PROXY": "\xff"},
		"too long":      {"PLANGA_TRUSTED_PROXY": strings.Repeat("x", maxSetting+1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := listenFrom(t, env)
			if err == nil || !strings.Contains(err.Error(), "PLANGA_TRUSTED_PROXY") {
				t.Errorf("got %v; want an error naming the variable", err)
			}
		})
	}
}
