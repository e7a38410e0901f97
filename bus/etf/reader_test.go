package etf_test

import (
	"errors"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"planga/bus/etf"
)

func open(t testing.TB, value any) etf.Reader {
	t.Helper()
	message, err := etf.Encode(value)
	if err != nil {
		t.Fatal(err)
	}
	r, err := etf.Open(message)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAReaderPullsWhatItNamesAndPassesTheRest(t *testing.T) {
	r := open(t, map[string]any{
		"a": []any{"passed", map[string]any{"over": etf.Tuple{1.5, []any{}}}},
		"b": "Ann", "c": true, "d": 1 << 40, "e": 2.5, "f": nil, "g": []byte{0xff},
		"h": []any{map[string]any{"n": 1}, map[string]any{"n": 2, "more": "x"}}, "i": 3,
	})
	var name string
	var yes, null bool
	var number int64
	var floats []float64
	var raw []byte
	var numbers []int64
	for key := range r.Map {
		switch key {
		case "b":
			name = r.Text()
		case "c":
			yes = r.Bool()
		case "d":
			number = r.Int()
		case "e", "i":
			floats = append(floats, r.Float())
		case "f":
			null = r.Null()
		case "g":
			raw = r.Binary()
		case "h":
			for range r.List {
				for key := range r.Map {
					if key == "n" {
						numbers = append(numbers, r.Int())
					}
				}
			}
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	got := []any{name, yes, number, floats, null, raw, numbers}
	want := []any{"Ann", true, int64(1 << 40), []float64{2.5, 3}, true, []byte{0xff}, []int64{1, 2}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNullPassesNothingButNil(t *testing.T) {
	for _, value := range []any{"nil", true, etf.Atom("null"), int64(1), []any(nil)} {
		r := open(t, value)
		if r.Null() {
			t.Errorf("%v: got nil", value)
		}
		if got := r.Term(); !reflect.DeepEqual(got, value) {
			t.Errorf("after Null: got %#v, want %#v", got, value)
		}
	}
}

func TestAListWrittenAsBytesIsAListOfIntegers(t *testing.T) {
	r, err := etf.Open(unhex(t, "83 68 02 6b 0003 01ff61 6b 0002 0102"))
	if err != nil {
		t.Fatal(err)
	}
	value := r
	want := etf.Tuple{[]any{int64(1), int64(255), int64(97)}, []any{int64(1), int64(2)}}
	if got := value.Term(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	list, err := etf.Open(unhex(t, "83 6c 00000002 6b 0004 01ff6105 6d 00000001 78 6a"))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int64
	var text string
	for range list.List {
		if len(numbers) > 0 {
			text = list.Text()
			continue
		}
		for range list.List {
			if len(numbers) < 3 { // the last is passed over
				numbers = append(numbers, list.Int())
			}
		}
	}
	if !slices.Equal(numbers, []int64{1, 255, 97}) || text != "x" || list.Err() != nil {
		t.Errorf("got %v, %q, %v", numbers, text, list.Err())
	}
}

func TestLeavingALoopPassesItsRest(t *testing.T) {
	r := open(t, etf.Tuple{[]any{"a", "b"}, map[string]any{"c": 1, "d": []any{2}}, "end"})
	m := open(t, map[string]any{"list": []any{"a", "b"}, "map": map[string]any{"c": 1, "d": 2}, "z": "end"})
	var end string
	for key := range m.Map {
		switch key {
		case "list":
			for range m.List {
				break
			}
		case "map":
			for range m.Map {
				break
			}
		case "z":
			end = m.Text()
		}
	}
	if end != "end" || m.Err() != nil {
		t.Errorf("got %q, %v; want the text after both loops", end, m.Err())
	}
	r.Skip()
	if r.Err() != nil {
		t.Error(r.Err())
	}
}

func TestATermOfAnotherTypeIsAnErrorThatStays(t *testing.T) {
	huge := new(big.Int).Lsh(big.NewInt(1), 63)
	for name, c := range map[string]struct {
		value  any
		read   func(*etf.Reader)
		reason string
	}{
		"text from a list":      {[]any{1}, func(r *etf.Reader) { r.Text() }, "binary wanted, list found"},
		"text from nil":         {nil, func(r *etf.Reader) { r.Text() }, "binary wanted, atom found"},
		"text not UTF-8":        {"\xff", func(r *etf.Reader) { r.Text() }, "not UTF-8"},
		"integer from float":    {1.5, func(r *etf.Reader) { r.Int() }, "integer wanted, float found"},
		"integer too large":     {huge, func(r *etf.Reader) { r.Int() }, "64 bits"},
		"float from text":       {"1.5", func(r *etf.Reader) { r.Float() }, "integer wanted, binary found"},
		"bool from an atom":     {etf.Atom("yes"), func(r *etf.Reader) { r.Bool() }, "true or false wanted, atom found"},
		"map from a tuple":      {etf.Tuple{}, func(r *etf.Reader) { r.Map(nil) }, "map wanted, tuple found"},
		"list from a map":       {map[string]any{}, func(r *etf.Reader) { r.List(nil) }, "list wanted, map found"},
		"more than there is":    {1, func(r *etf.Reader) { r.Int(); r.Int() }, "nothing left"},
		"the caller's own":      {1, func(r *etf.Reader) { r.Fail("odd") }, "odd"},
		"two values of one key": {map[string]any{"a": 1, "b": 2}, readTwo, "binary wanted, integer found"},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, c.value)
			c.read(&r)
			first := r.Err()
			var refusal *etf.Error
			if !errors.As(first, &refusal) || !strings.Contains(refusal.Reason, c.reason) {
				t.Fatalf("got %v, want %q", first, c.reason)
			}
			if s, i, b, f := r.Text(), r.Int(), r.Bool(), r.Float(); s != "" || i != 0 || b || f != 0 || r.Null() || r.Term() != nil {
				t.Error("a reader that has failed still reads")
			}
			r.Skip()
			r.Map(nil)
			r.List(nil)
			if r.Err() != first {
				t.Errorf("the first error was replaced by %v", r.Err())
			}
		})
	}
}

// readTwo reads a map wrongly: two terms for the first key.
func readTwo(r *etf.Reader) {
	for range r.Map {
		r.Int()
		r.Term()
	}
}

func TestIntegersAreReadToTheEdgesOf64Bits(t *testing.T) {
	for _, want := range []int64{0, 255, 256, -1, 1 << 31, -1 << 31, 1<<56 - 1, 1 << 56, 1<<63 - 1, -1<<63 + 1, -1 << 63} {
		r := open(t, want)
		if got := r.Int(); got != want || r.Err() != nil {
			t.Errorf("got %d, %v; want %d", got, r.Err(), want)
		}
	}
	for _, notation := range []string{"83 6e 08 00 0000000000000080", "83 6e 08 01 0100000000000080", "83 6e 09 01 000000000000000001"} {
		r, err := etf.Open(unhex(t, notation))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Int(); got != 0 || r.Err() == nil {
			t.Errorf("%s: got %d, want an error", notation, got)
		}
	}
}

func TestTextsSurviveTheMessage(t *testing.T) {
	message, err := etf.Encode("Ann")
	if err != nil {
		t.Fatal(err)
	}
	r, err := etf.Open(message)
	if err != nil {
		t.Fatal(err)
	}
	clear(message)
	if got := r.Text(); got != "Ann" {
		t.Errorf("got %q after the message was overwritten, want Ann", got)
	}
}

// FuzzReader passes over the same bytes in three ways that must end in the same place.
func FuzzReader(f *testing.F) {
	for _, g := range goldens(f) {
		f.Add(g.message)
	}
	f.Add(unhex(f, "83 74 00000002 6d00000001 62 6b 0002 0102 7301 e9 6f 00000001 01 05"))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := etf.Open(message)
		if err != nil {
			return
		}
		built, passed, walked := r, r, r
		built.Term()
		passed.Skip()
		walk(&walked)
		for name, reader := range map[string]*etf.Reader{"Term": &built, "Skip": &passed, "walk": &walked} {
			if reader.Err() != nil {
				t.Fatalf("%s: %v", name, reader.Err())
			}
			if reader.Skip(); reader.Err() == nil {
				t.Fatalf("%s: something is left to read", name)
			}
		}
	})
}

// walk passes a term by trying to loop over it.
func walk(r *etf.Reader) {
	for _, loop := range []func(){
		func() {
			for range r.Map {
				walk(r)
			}
		},
		func() {
			for range r.List {
				walk(r)
			}
		},
		r.Skip,
	} {
		before := *r
		if loop(); r.Err() == nil {
			return
		}
		if !strings.Contains(r.Err().Error(), "wanted") {
			return
		}
		*r = before
	}
}

func BenchmarkAppend(b *testing.B) {
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		dst = appendSample(dst[:0])
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkRead(b *testing.B) {
	message := appendSample(nil)
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := etf.Open(message)
		if err != nil {
			b.Fatal(err)
		}
		var length int
		for key := range r.Map {
			switch key {
			case "a", "b", "c", "d":
				length += len(r.Text())
			case "n":
				length += int(r.Int())
			case "z":
				for range r.List {
					length += len(r.Text())
				}
			}
		}
		if r.Err() != nil || length == 0 {
			b.Fatal(r.Err())
		}
	}
}

// appendSample appends a message of about the size of a chat message.
func appendSample(dst []byte) []byte {
	dst = etf.AppendMap(etf.AppendVersion(dst), 14)
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		dst = etf.AppendString(etf.AppendString(dst, key), "thirty-six bytes, as long as a UUID.")
	}
	dst = etf.AppendInt(etf.AppendString(dst, "n"), 1<<40)
	dst = etf.AppendList(etf.AppendString(dst, "z"), 1)
	return etf.AppendListEnd(etf.AppendString(dst, "ann"))
}
