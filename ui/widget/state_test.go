package widget

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// needs skips where something outside this repository is missing, and fails there when all must be present.
func needs(t *testing.T, what string, present bool) {
	t.Helper()
	if present {
		return
	}
	if os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("%s is missing", what)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// The tests in test/*.test.ts are about the widget's state; Node runs them after esbuild bundled them.
func TestState(t *testing.T) {
	needs(t, "node_modules of the widget (npm ci)", exists("node_modules/phoenix"))
	node, err := exec.LookPath("node")
	needs(t, "node", err == nil)
	tests, err := filepath.Glob("test/*.test.ts")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests found: %v", err)
	}
	out := t.TempDir()
	args := []string{"tool", "-modfile=../../.ci/tools/go.mod", "esbuild", "--bundle", "--platform=node", "--format=esm",
		"--outdir=" + out, "--out-extension:.js=.mjs", "--log-level=warning"}
	run(t, "go", append(args, tests...)...)
	bundles, err := filepath.Glob(out + "/*.mjs")
	if err != nil || len(bundles) != len(tests) {
		t.Fatalf("bundled %d of %d tests: %v", len(bundles), len(tests), err)
	}
	run(t, node, append([]string{"--test", "--test-reporter=spec"}, bundles...)...)
}

// TestTypes lets the TypeScript compiler read everything; the bundler only strips the types.
func TestTypes(t *testing.T) {
	needs(t, "node_modules of the widget (npm ci)", exists("node_modules/.bin/tsc"))
	run(t, "node_modules/.bin/tsc", "-p", ".")
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", filepath.Base(name), err, out)
	}
}
