package etf_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"math/big"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"planga/bus/etf"
)

// golden is one line of testdata/golden.txt.
type golden struct {
	name     string
	message  []byte
	notation string
}

func goldens(t testing.TB) []golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.SplitN(strings.TrimSpace(line), " | ", 3)
		all = append(all, golden{fields[0], unhex(t, fields[1]), fields[2]})
	}
	return all
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// meant is what the golden messages mean in Go.
var meant = map[string]any{
	"true": true, "false": false, "nil": nil, "atom": etf.Atom("undefined"),
	"zero": int64(0), "byte": int64(255), "integer": int64(256), "negative": int64(-1),
	"smallest integer": int64(-1 << 31), "big": int64(1 << 31), "negative big": int64(-1<<31 - 1),
	"largest int64": int64(1<<63 - 1), "smallest int64": int64(-1 << 63),
	"beyond int64": new(big.Int).Lsh(big.NewInt(1), 64),
	"float":        1.5,
	"empty binary": "", "binary": "Ann", "UTF-8 binary": "👍",
	"empty list": []any(nil), "list": []any{int64(3), "x"}, "nested list": []any{[]any{[]any(nil)}},
	"empty tuple": etf.Tuple(nil), "tuple": etf.Tuple{etf.Atom("ok"), int64(1)},
	"empty map": map[string]any{}, "map": map[string]any{"a": int64(1), "b": nil},
}

func TestGoldenMessagesMeanTheirValues(t *testing.T) {
	all := goldens(t)
	if len(all) != len(meant) {
		t.Fatalf("got %d golden messages for %d values", len(all), len(meant))
	}
	for _, g := range all {
		t.Run(g.name, func(t *testing.T) {
			want := meant[g.name]
			got, err := etf.Decode(g.message)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("Decode: got %#v, %v; want %#v", got, err, want)
			}
			message, err := etf.Encode(want)
			if err != nil || !bytes.Equal(message, g.message) {
				t.Errorf("Encode: got %x, %v; want %x", message, err, g.message)
			}
		})
	}
}

// askErlang puts lines to a real Erlang and returns its answers.
func askErlang(t *testing.T, lines []string) []string {
	t.Helper()
	path, err := exec.LookPath("escript")
	if err != nil {
		missing(t, "Erlang's escript")
	}
	cmd := exec.Command(path, "testdata/judge.escript")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("escript: %v", err)
	}
	var answers []string
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 16*etf.MaxSize)
	for scanner.Scan() {
		answers = append(answers, scanner.Text())
	}
	if len(answers) != len(lines) {
		t.Fatalf("got %d answers to %d lines: %.500s", len(answers), len(lines), out)
	}
	return answers
}

// missing skips the test for want of an external program, unless all of them are required.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
		t.Fatalf("%s is not installed", what)
	}
	t.Skipf("%s is not installed", what)
}

// sameInErlang checks that each form in which Erlang writes a message decodes to want.
func sameInErlang(t *testing.T, answer string, want any) {
	t.Helper()
	for form := range strings.FieldsSeq(answer) {
		message, err := hex.DecodeString(form)
		if err != nil {
			t.Fatalf("Erlang refused: %s", answer)
		}
		got, err := etf.Decode(message)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Decode %x from Erlang: got %#v, %v; want %#v", message, got, err, want)
		}
	}
}

func TestErlangReadsGoldenMessagesAsTheSameTerms(t *testing.T) {
	var lines []string
	all := goldens(t)
	for _, g := range all {
		lines = append(lines, hex.EncodeToString(g.message)+" "+g.notation)
	}
	for i, answer := range askErlang(t, lines) {
		t.Run(all[i].name, func(t *testing.T) { sameInErlang(t, answer, meant[all[i].name]) })
	}
}
