package etf_test

import (
	"encoding/hex"
	"maps"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"planga/bus/etf"
)

// values generates any value that has a term. Atoms are those Erlang knows.
func values() *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.Int64().AsAny(),
		rapid.Int64Range(-300, 300).AsAny(),
		rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).AsAny(),
		rapid.String().AsAny(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) any { return string(b) }),
		rapid.SampledFrom([]any{etf.Atom("ok"), etf.Atom("undefined"), etf.Atom(""), etf.Atom("error")}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 9, etf.MaxBigBytes), bigValue),
	)
	return rapid.OneOf(leaf, containers(leaf), containers(containers(leaf)))
}

func bigValue(magnitude []byte) any {
	magnitude[0] |= 1
	return new(big.Int).Neg(new(big.Int).SetBytes(magnitude))
}

func containers(element *rapid.Generator[any]) *rapid.Generator[any] {
	lists := rapid.SliceOfN(element, 0, 6)
	return rapid.OneOf(
		rapid.Map(lists, func(l []any) any { return append([]any(nil), l...) }),
		rapid.Map(lists, func(l []any) any { return append(etf.Tuple(nil), l...) }),
		rapid.Map(rapid.MapOfN(rapid.String(), element, 0, 40), func(m map[string]any) any { return maps.Clone(m) }),
	)
}

func TestEveryValueComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := values().Draw(t, "value")
		message, err := etf.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := etf.Decode(message)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %#v, %v; want %#v", got, err, want)
		}
	})
}

func TestErlangReturnsEveryValue(t *testing.T) {
	var want []any
	var lines []string
	for seed := range 300 {
		value := values().Example(seed)
		message, err := etf.Encode(value)
		if err != nil {
			t.Fatal(err)
		}
		want, lines = append(want, value), append(lines, hex.EncodeToString(message))
	}
	for i, answer := range askErlang(t, lines) {
		sameInErlang(t, answer, want[i])
	}
}

func TestWhatErlangWritesForLargeTermsIsRead(t *testing.T) {
	numbers, wide := make([]any, 300), make(etf.Tuple, 300)
	for i := range numbers {
		numbers[i] = int64(i % 256) // Erlang writes these as a string
		wide[i] = int64(1000)
	}
	want := []any{
		numbers, wide, map[string]any{"numbers": numbers}, strings.Repeat("x", 70_000),
		new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 8*etf.MaxBigBytes), big.NewInt(1)),
	}
	var lines []string
	for _, value := range want {
		message, err := etf.Encode(value)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, hex.EncodeToString(message))
	}
	for i, answer := range askErlang(t, lines) {
		sameInErlang(t, answer, want[i])
	}
}

func TestEncodeRefusesWhatHasNoTerm(t *testing.T) {
	deep := any("x")
	for range etf.MaxDepth + 1 {
		deep = []any{deep}
	}
	for name, value := range map[string]any{
		"a channel":             make(chan int),
		"a struct in a list":    []any{struct{}{}},
		"not a number":          math.NaN(),
		"infinity":              map[string]any{"x": math.Inf(1)},
		"an atom too long":      etf.Atom(strings.Repeat("é", 256)),
		"an atom not in UTF-8":  etf.Tuple{etf.Atom("\xff")},
		"an integer too large":  new(big.Int).Lsh(big.NewInt(1), 8*etf.MaxBigBytes),
		"a message too large":   strings.Repeat("x", etf.MaxSize),
		"lists nested too deep": deep,
	} {
		t.Run(name, func(t *testing.T) {
			if message, err := etf.Encode(value); err == nil || message != nil {
				t.Errorf("got %.20x, %v; want an error", message, err)
			}
		})
	}
}
