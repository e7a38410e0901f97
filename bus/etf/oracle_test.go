package etf_test

import (
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/okeuday/erlang_go/v2/erlang"

	"planga/bus/etf"
)

// The published Go codec is asked only about messages that ours accepts: it allocates
// whatever a length says. It knows no maps with binaries as keys.

func init() { erlang.SetUndefined("nil") }

// agree fails the test if the published codec finds another value in message.
func agree(t *testing.T, message []byte, value any) {
	t.Helper()
	other, err := erlang.BinaryToTerm(message)
	if err != nil {
		if strings.Contains(err.Error(), "not comparable") {
			return
		}
		t.Fatalf("%x means %#v to us and to the other codec %v", message, value, err)
	}
	if theirs := translate(other); !reflect.DeepEqual(theirs, value) {
		t.Fatalf("%x means %#v to us and to the other codec %#v", message, value, theirs)
	}
}

// translate returns the other codec's value as ours.
func translate(value any) any {
	switch v := value.(type) {
	case uint8:
		return int64(v)
	case int32:
		return int64(v)
	case *big.Int:
		if v.IsInt64() {
			return v.Int64()
		}
	case erlang.OtpErlangAtom:
		return etf.Atom(latin1(string(v)))
	case erlang.OtpErlangAtomUTF8:
		return etf.Atom(v)
	case erlang.OtpErlangBinary:
		return string(v.Value)
	case string: // a list of small integers
		return translateAll(bytesAsValues(v))
	case erlang.OtpErlangList:
		return translateAll(v.Value)
	case erlang.OtpErlangTuple:
		return etf.Tuple(translateAll(v))
	case erlang.OtpErlangMap:
		return translateMap(v)
	}
	return value
}

func latin1(s string) string {
	var text strings.Builder
	for i := range len(s) {
		text.WriteRune(rune(s[i]))
	}
	return text.String()
}

func bytesAsValues(s string) []any {
	var all []any
	for i := range len(s) {
		all = append(all, s[i])
	}
	return all
}

func translateAll(values []any) []any {
	var all []any
	for _, v := range values {
		all = append(all, translate(v))
	}
	return all
}

// translateMap gives keys their text, also those the other codec takes for values of Go.
func translateMap(m erlang.OtpErlangMap) map[string]any {
	all := make(map[string]any)
	for key, v := range m {
		switch k := translate(key).(type) {
		case etf.Atom:
			all[string(k)] = translate(v)
		case bool:
			all[map[bool]string{true: "true", false: "false"}[k]] = translate(v)
		case nil:
			all["nil"] = translate(v)
		}
	}
	return all
}

func TestThePublishedCodecAgrees(t *testing.T) {
	for _, g := range goldens(t) {
		agree(t, g.message, meant[g.name])
	}
	for seed := range 300 {
		value := values().Example(seed)
		message, err := etf.Encode(value)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, message, value)
	}
}

func FuzzDecode(f *testing.F) {
	for _, g := range goldens(f) {
		f.Add(g.message)
	}
	for name, bad := range hostile(f) {
		if len(bad.message) < 1000 || strings.Contains(name, "deep") && len(bad.message) < 1<<18 {
			f.Add(bad.message)
		}
	}
	f.Add(deflate(4, unhex(f, "6b000101")))
	f.Fuzz(func(t *testing.T, message []byte) {
		var value any
		var err error
		cost := allocated(func() { value, err = etf.Decode(message) })
		if limit := uint64(256<<10 + 64*len(message)); len(message) > 1 && message[1] != 80 && cost > limit {
			t.Errorf("%d bytes allocated %d", len(message), cost)
		}
		if err != nil {
			return
		}
		agree(t, message, value)
		again, err := etf.Encode(value)
		if err != nil {
			t.Fatalf("%#v came in but cannot go out: %v", value, err)
		}
		if back, err := etf.Decode(again); err != nil || !reflect.DeepEqual(back, value) {
			t.Fatalf("%#v comes back as %#v, %v", value, back, err)
		}
	})
}
