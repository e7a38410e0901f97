package cli

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// maxSetting is the longest value taken from the environment or a file, in bytes.
const maxSetting = 64 << 10

// FromEnvironment fills the flags that were not given on the command line: from PLANGA_<NAME>, else from the file that
// PLANGA_<NAME>_FILE names (its last line end is dropped), else the default stays. Dashes become underscores.
// It is a PersistentPreRunE, so every command of the tree obeys it.
func FromEnvironment(cmd *cobra.Command, _ []string) error {
	var first error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if first == nil && !f.Changed && f.Name != "help" {
			first = fill(cmd.Flags(), f)
		}
	})
	return first
}

func fill(flags *pflag.FlagSet, f *pflag.Flag) error {
	name := "PLANGA_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
	value, found := os.LookupEnv(name)
	if file, ok := os.LookupEnv(name + "_FILE"); ok && !found {
		content, err := readSetting(file)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
		value, found = content, true
		name += "_FILE"
	}
	if !found {
		return nil
	}
	switch {
	case len(value) > maxSetting:
		return fmt.Errorf("%s is longer than %d bytes", name, maxSetting)
	case !utf8.ValidString(value):
		return fmt.Errorf("%s is not valid UTF-8", name)
	}
	if err := flags.Set(f.Name, value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func readSetting(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", file)
	}
	if info.Size() > maxSetting {
		return "", fmt.Errorf("%s is longer than %d bytes", file, maxSetting)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}
