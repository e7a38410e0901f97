// Command build bundles the widget: style sheets and TypeScript from the folder above into dist, with the licence
// notices of what is inside. It runs esbuild from the tools module and needs node_modules, so that the published
// bytes depend on nothing but the sources and the locked versions.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
)

const banner = "/*! planga chat widget, MIT. Contains phoenix (MIT) and preact (MIT); notices: planga.LICENSES.txt beside this file. */"

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	style, err := esbuild("style/widget.css", "--bundle", "--minify", "--log-level=warning")
	if err != nil {
		return err
	}
	quoted, err := json.Marshal(strings.TrimSpace(string(style)))
	if err != nil {
		return err
	}
	script, err := esbuild("planga.ts", "--bundle", "--minify", "--format=iife", "--target=es2022", "--charset=utf8",
		"--jsx=automatic", "--jsx-import-source=preact", "--legal-comments=none", "--log-level=warning",
		"--banner:js="+banner, "--define:PLANGA_STYLE="+string(quoted))
	if err != nil {
		return err
	}
	notices, err := licences("phoenix", "preact")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile("dist/planga.js", script, 0o644),
		os.WriteFile("dist/planga.LICENSES.txt", notices, 0o644),
	)
}

func esbuild(args ...string) ([]byte, error) {
	command := exec.Command("go", append([]string{"tool", "-modfile=../../.ci/tools/go.mod", "esbuild"}, args...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", args[0], err)
	}
	return out, nil
}

// licences puts together the notices of the named packages.
func licences(packages ...string) ([]byte, error) {
	var all bytes.Buffer
	for _, name := range packages {
		text, err := notice(name)
		if err != nil {
			return nil, fmt.Errorf("licence of %s: %w", name, err)
		}
		fmt.Fprintf(&all, "%s\n%s\n\n%s\n\n", name, strings.Repeat("-", len(name)), bytes.TrimSpace(text))
	}
	return append(bytes.TrimSpace(all.Bytes()), '\n'), nil
}

func notice(name string) ([]byte, error) {
	text, err := os.ReadFile("node_modules/" + name + "/LICENSE")
	if errors.Is(err, os.ErrNotExist) {
		text, err = os.ReadFile("node_modules/" + name + "/LICENSE.md")
	}
	return text, err
}
