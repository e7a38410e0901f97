package bus_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"planga/bus"
	"planga/chat"
)

// contract runs the contract's Erlang side on the golden files. It returns by name the forms in which Erlang
// wrote each message.
func contract(t *testing.T) map[string][][]byte {
	t.Helper()
	path, err := exec.LookPath("escript")
	if err != nil {
		missing(t, "Erlang's escript")
	}
	var complaint bytes.Buffer
	cmd := exec.Command(path, "testdata/contract.escript", "testdata")
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Erlang does not accept the contract's messages: %v: %s%s", err, out, complaint.String())
	}
	forms := make(map[string][][]byte)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		for _, form := range fields[1:] {
			data, err := hex.DecodeString(form)
			if err != nil {
				t.Fatal(err)
			}
			forms[fields[0]] = append(forms[fields[0]], data)
		}
	}
	return forms
}

// missing skips the test for want of an external program, unless all of them are required.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
		t.Fatalf("%s is not installed", what)
	}
	t.Skipf("%s is not installed", what)
}

func TestErlangReadsAndWritesEveryKind(t *testing.T) {
	forms := contract(t)
	for name, want := range samples() {
		if len(forms[name]) != 3 {
			t.Errorf("%s: got %d forms from Erlang, want 3", name, len(forms[name]))
		}
		for _, data := range forms[name] {
			got, err := bus.Decode(want.Kind(), data)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s as %q: %v, difference (-want +got):\n%s", name, data, err, diff)
			}
		}
	}
}

// app2018 is what the settings of 2018 mean.
func app2018() chat.App {
	return chat.App{ID: 42, Name: "Weihnachtsmarkt Köln", Keys: []chat.Key{
		{PublicID: "pk_2018", PrivateKey: "AAECAwQFBgcICQoLDA0ODw", Active: true},
		{PublicID: "pk_old"},
		{PublicID: "pk_nil", PrivateKey: "x"},
	}}
}

func TestSettingsOf2018AreAccepted(t *testing.T) {
	for _, name := range []string{"settings_2018_atoms", "settings_2018_binaries"} {
		data, err := os.ReadFile(goldenFile(name))
		if err != nil {
			t.Fatal(err)
		}
		accept2018(t, name, data)
	}
}

func TestErlangWritesTheSettingsOf2018AsEver(t *testing.T) {
	for name, forms := range contract(t) {
		if !strings.HasPrefix(name, "settings_2018") {
			continue
		}
		if *update {
			if err := os.WriteFile(goldenFile(name), forms[0], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, data := range forms {
			accept2018(t, name, data)
		}
	}
}

func accept2018(t *testing.T, name string, data []byte) {
	t.Helper()
	got, err := bus.Decode(bus.KindSettings, data)
	if diff := cmp.Diff(bus.Message(bus.Settings{App: app2018()}), got); err != nil || diff != "" {
		t.Errorf("%s: %v, difference (-want +got):\n%s", name, err, diff)
	}
}
