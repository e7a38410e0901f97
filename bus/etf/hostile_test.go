package etf_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"planga/bus/etf"
)

// hostile messages by name; each must be refused for the reason given, at little cost.
func hostile(t testing.TB) map[string]struct {
	message []byte
	reason  string
} {
	type bad = struct {
		message []byte
		reason  string
	}
	b := func(hex string) []byte { return unhex(t, hex) }
	repeat := func(hex string, n int, end string) []byte {
		return append(append([]byte{131}, bytes.Repeat(b(hex), n)...), b(end)...)
	}
	return map[string]bad{
		"nothing":                             {nil, "131"},
		"another version":                     {b("82 6101"), "131"},
		"only the version":                    {b("83"), "truncated"},
		"an unknown tag":                      {b("83 00"), "unknown tag 0"},
		"something after the term":            {b("83 6101 6101"), "follows"},
		"a list of 2^32-1":                    {b("83 6c ffffffff"), "elements"},
		"a large tuple of 2^32-1":             {b("83 69 ffffffff"), "elements"},
		"a small tuple of 255":                {b("83 68 ff"), "elements"},
		"a map of 2^32-1":                     {b("83 74 ffffffff"), "pairs"},
		"a binary of 2^32-1":                  {b("83 6d ffffffff"), "truncated"},
		"a string of 65535":                   {b("83 6b ffff"), "truncated"},
		"an atom of 65535":                    {b("83 76 ffff"), "truncated"},
		"a big of 2^32-1 bytes":               {b("83 6f ffffffff 00"), "integer of"},
		"a big of 1 MiB":                      {append(b("83 6f 000ffff0 00"), make([]byte, 0xffff0)...), "integer of"},
		"a big of 256 bytes":                  {append(b("83 6f 00000100 00"), make([]byte, 256)...), "integer of"},
		"a big with sign 2":                   {b("83 6e 01 02 01"), "sign"},
		"lists nested 33 deep":                {repeat("6c00000001", 33, "6a"), "deeper"},
		"lists nested 10^6 deep":              {repeat("6c00000001", 1e6, "6a"), "1 MiB"},
		"tuples nested 500,000 deep":          {repeat("6801", 5e5, "6a"), "deeper"},
		"maps nested 100,000 deep":            {repeat("74000000016d00000000", 1e5, "6a"), "deeper"},
		"a process":                           {b("83 58 7701 61 00000001 00000000 00000000"), "process"},
		"an old process":                      {b("83 67 7701 61 00000001 00000000 00"), "process"},
		"a reference":                         {b("83 5a 0001 7701 61 00000000 00000001"), "reference"},
		"a port":                              {b("83 59 7701 61 00000001 00000000"), "port"},
		"a 64-bit port":                       {b("83 78 7701 61 0000000000000001 00000000"), "port"},
		"a function":                          {b("83 70 00000004"), "function"},
		"an exported function":                {b("83 71 7701 61 7701 62 6101"), "function"},
		"an old function":                     {b("83 75 00000000"), "function"},
		"a bit string":                        {b("83 4d 00000001 07 fe"), "bit string"},
		"an atom cache reference":             {b("83 52 00"), "unknown tag"},
		"a local term":                        {b("83 79 00"), "unknown tag"},
		"an improper list":                    {b("83 6c 00000001 6101 6102"), "improper"},
		"a list whose end is a list":          {b("83 6c 00000001 6101 6c 00000001 6101 6a"), "improper"},
		"NaN":                                 {b("83 46 7ff8000000000000"), "number"},
		"infinity":                            {b("83 46 fff0000000000000"), "number"},
		"a float as text":                     {append(b("83 63"), make([]byte, 31)...), "unknown tag 99"},
		"an atom not in UTF-8":                {b("83 77 01 ff"), "UTF-8"},
		"a Latin-1 atom of 256":               {append(b("83 64 0100"), bytes.Repeat([]byte("a"), 256)...), "too long"},
		"a UTF-8 atom of 256":                 {append(b("83 76 0100"), bytes.Repeat([]byte("a"), 256)...), "too long"},
		"a key that is a number":              {b("83 74 00000001 6101 6101"), "key"},
		"a repeated key":                      {b("83 74 00000002 6d00000001 61 6101 6d00000001 61 6102"), "repeated"},
		"a repeated key, not adjacent":        {b("83 74 00000003 6d00000001 62 6101 6d00000001 61 6102 6d00000001 62 6103"), "repeated"},
		"a binary key repeated as atom":       {b("83 74 00000002 6d00000001 61 6101 7701 61 6102"), "repeated"},
		"a key repeated in Latin-1 and UTF-8": {b("83 74 00000002 7301 e9 6101 7702 c3a9 6102"), "repeated"},
		"compressed to 2^32-1":                {b("83 50 ffffffff 789c"), "larger"},
		"compressed without a stream":         {b("83 50 00000002"), "compressed"},
		"compressed without a size":           {b("83 50 0000"), "truncated"},
		"compressed, more than announced":     {deflate(2, b("6101 6a")), "announced"},
		"compressed, less than announced":     {deflate(4, b("6101")), "announced"},
		"compressed, something behind":        {append(deflate(2, b("6101")), 0), "compressed"},
		"compressed, checksum wrong":          {spoil(deflate(2, b("6101"))), "compressed"},
		"compressed twice":                    {deflate(16, deflate(2, b("6101"))[1:]), "compressed"},
		"a bomb of 20 MiB":                    {bomb(), "announced"},
	}
}

// deflate returns a compressed message that announces size.
func deflate(size uint32, term []byte) []byte {
	var message bytes.Buffer
	message.Write(binary.BigEndian.AppendUint32([]byte{131, 80}, size))
	z := zlib.NewWriter(&message)
	z.Write(term)
	z.Close()
	return message.Bytes()
}

func spoil(message []byte) []byte {
	message[len(message)-1] ^= 1
	return message
}

// bomb returns a compressed message that announces a megabyte and holds twenty.
func bomb() []byte {
	const size = 1 << 20
	var message bytes.Buffer
	message.Write(binary.BigEndian.AppendUint32([]byte{131, 80}, size))
	z := zlib.NewWriter(&message)
	zeros := make([]byte, size)
	for range 20 {
		z.Write(zeros)
	}
	z.Close()
	return message.Bytes()
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHostileMessagesAreRefusedAtLittleCost(t *testing.T) {
	for name, bad := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			var value any
			var err error
			cost := allocated(func() { value, err = etf.Decode(bad.message) })
			var refusal *etf.Error
			if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, bad.reason) {
				t.Errorf("got %#v, %v; want a refusal with %q", value, err, bad.reason)
			}
			limit := uint64(1 << 20)
			if strings.Contains(name, "bomb") {
				limit += 256 << 10 // the megabyte that it may hold, and the decompressor
			}
			if cost >= limit {
				t.Errorf("allocated %d bytes, want less than %d", cost, limit)
			}
		})
	}
}

func TestTruncatedMessagesAreRefusedAtEveryByte(t *testing.T) {
	for _, g := range goldens(t) {
		for n := range g.message {
			if v, err := etf.Decode(g.message[:n]); err == nil {
				t.Errorf("%s cut to %d bytes: got %#v, want an error", g.name, n, v)
			}
		}
	}
}

// The costliest message for its size is a list of empty lists.
func TestValuesCostABoundedMultipleOfTheMessage(t *testing.T) {
	empties := etf.AppendList(etf.AppendVersion(nil), 1e6)
	empties = append(empties, bytes.Repeat([]byte{106}, 1e6+1)...)
	var err error
	cost := allocated(func() { _, err = etf.Decode(empties) })
	if err != nil {
		t.Fatal(err)
	}
	if limit := 24 * uint64(len(empties)); cost > limit {
		t.Errorf("a million empty lists allocated %d bytes, want at most %d", cost, limit)
	}
}

func TestAHundredThousandDistinctKeysAreFine(t *testing.T) {
	const n = 100_000
	message := etf.AppendMap(etf.AppendVersion(nil), n)
	for i := range n { // in descending order, the slow way
		message = etf.AppendString(message, binary.BigEndian.AppendUint32(nil, uint32(n-i))[1:])
		message = etf.AppendListEnd(message)
	}
	value, err := etf.Decode(message)
	if m, _ := value.(map[string]any); err != nil || len(m) != n {
		t.Errorf("got %d keys, %v; want %d", len(m), err, n)
	}
}

// Atoms that were never seen before fill a table in Erlang, for ever. Here they are texts.
func TestAHundredThousandAtomsCostWhatTheyHold(t *testing.T) {
	const n = 100_000
	message := etf.AppendList(etf.AppendVersion(nil), n)
	for i := range n {
		message = etf.AppendAtom(message, etf.Atom(fmt.Sprint("a", i)))
	}
	message = etf.AppendListEnd(message)
	var value any
	var err error
	cost := allocated(func() { value, err = etf.Decode(message) })
	if list, _ := value.([]any); err != nil || len(list) != n || list[n-1] != etf.Atom("a99999") {
		t.Errorf("got %d atoms, %v; want %d", len(list), err, n)
	}
	if limit := 8 * uint64(len(message)); cost > limit {
		t.Errorf("allocated %d bytes for a message of %d", cost, len(message))
	}
}

func TestForeignFormsAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		hex  string
		want any
	}{
		"Latin-1 atom":                  {"83 64 0004 74727565", true},
		"short Latin-1 atom":            {"83 73 02 e974", etf.Atom("ét")},
		"UTF-8 atom with long head":     {"83 76 0003 6e696c", nil},
		"list written as string":        {"83 6b 0002 0161", []any{int64(1), int64(97)}},
		"small tuple as large":          {"83 69 00000001 6a", etf.Tuple{[]any(nil)}},
		"empty list with head":          {"83 6c 00000000 6a", []any(nil)},
		"number longer than needed":     {"83 6e 03 00 050000", int64(5)},
		"large big that is small":       {"83 6f 00000001 01 05", int64(-5)},
		"negative zero":                 {"83 6e 00 01", int64(0)},
		"atoms as keys":                 {"83 74 00000001 6400026964 6101", map[string]any{"id": int64(1)}},
		"keys in descending order":      {"83 74 00000002 6d00000001 62 6101 6d00000001 61 6102", map[string]any{"a": int64(2), "b": int64(1)}},
		"Latin-1 atom as key":           {"83 74 00000001 7301e9 6a", map[string]any{"é": []any(nil)}},
		"deepest":                       {"83" + strings.Repeat("6801", etf.MaxDepth) + "6101", deepest()},
		"the same key in sibling maps":  {"83 6802 74000000016d00000000 6a 74000000016d00000000 6a", etf.Tuple{map[string]any{"": []any(nil)}, map[string]any{"": []any(nil)}}},
		"the same key in the map's map": {"83 74000000016d00000000 74000000016d00000000 6a", map[string]any{"": map[string]any{"": []any(nil)}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := etf.Decode(unhex(t, c.hex))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %#v, %v; want %#v", got, err, c.want)
			}
		})
	}
}

func deepest() any {
	value := any(int64(1))
	for range etf.MaxDepth {
		value = etf.Tuple{value}
	}
	return value
}
