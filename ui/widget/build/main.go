// Command build bundles the widget: style sheets and TypeScript from the folder above into dist, with the licence
// notices of what is inside. It runs esbuild from the tools module and needs node_modules, so that the published
// bytes depend on nothing but the sources and the locked versions.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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
	name, part, err := more()
	if err != nil {
		return err
	}
	script, err := bundle("planga.ts", "style/widget.css", "--format=iife", "--banner:js="+banner, fmt.Sprintf("--define:PLANGA_MORE=%q", name))
	if err != nil {
		return err
	}
	notices, err := licences("phoenix", "preact")
	if err != nil {
		return err
	}
	return errors.Join(
		os.RemoveAll("dist/chunks"),
		os.MkdirAll("dist/chunks", 0o755),
		os.WriteFile("dist/chunks/"+name, part, 0o644),
		os.WriteFile("dist/planga.js", script, 0o644),
		os.WriteFile("dist/planga.LICENSES.txt", notices, 0o644),
	)
}

// more bundles what the core fetches when it is first wanted. What it imports from the core stays open: the part is
// one function that is given a way to answer these imports.
func more() (name string, part []byte, err error) {
	args := []string{"--format=cjs", "--banner:js=export default (require) => { const module = {};", "--footer:js=return module.exports; };"}
	for _, lent := range []string{"preact", "preact/jsx-runtime", "../wire", "../words", "../view/icon"} {
		args = append(args, "--external:"+lent)
	}
	part, err = bundle("more/more.ts", "style/more.css", args...)
	sum := sha256.Sum256(part)
	return "more-" + hex.EncodeToString(sum[:6]) + ".js", part, err
}

// bundle minifies a script with its style sheet inlined.
func bundle(script, sheet string, args ...string) ([]byte, error) {
	style, err := esbuild(sheet, "--bundle", "--minify", "--log-level=warning")
	if err != nil {
		return nil, err
	}
	quoted, err := json.Marshal(strings.TrimSpace(string(style)))
	if err != nil {
		return nil, err
	}
	return esbuild(append(args, script, "--bundle", "--minify", "--target=es2022", "--charset=utf8", "--jsx=automatic",
		"--jsx-import-source=preact", "--legal-comments=none", "--log-level=warning", "--define:PLANGA_STYLE="+string(quoted))...)
}

func esbuild(args ...string) ([]byte, error) {
	command := exec.Command("go", append([]string{"tool", "-modfile=../../.ci/tools/go.mod", "esbuild"}, args...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", args, err)
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
