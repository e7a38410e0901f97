package bus_test

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"planga/bus"
	"planga/bus/etf"
	"planga/chat"
)

var update = flag.Bool("update", false, "write the golden files")

func encode(t testing.TB, m bus.Message) []byte {
	t.Helper()
	data, err := bus.Append(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// term returns m's bytes as plain values, to be changed and encoded again.
func term(t testing.TB, m bus.Message) map[string]any {
	t.Helper()
	value, err := etf.Decode(encode(t, m))
	if err != nil {
		t.Fatal(err)
	}
	return value.(map[string]any)
}

func encodeTerm(t testing.TB, value any) []byte {
	t.Helper()
	data, err := etf.Encode(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func goldenFile(name string) string { return filepath.Join("testdata", name+".etf") }

func TestTheBytesOfEveryKindAreAsEver(t *testing.T) {
	for name, m := range samples() {
		t.Run(name, func(t *testing.T) {
			got := encode(t, m)
			if *update {
				if err := os.WriteFile(goldenFile(name), got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(goldenFile(name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %q\nwant %q", got, want)
			}
			back, err := bus.Decode(m.Kind(), want)
			if diff := cmp.Diff(m, back); err != nil || diff != "" {
				t.Errorf("decoded: %v, difference (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestEveryKindHasAGoldenFile(t *testing.T) {
	kinds := make(map[bus.Kind]bool)
	for _, m := range samples() {
		kinds[m.Kind()] = true
	}
	want := []bus.Kind{bus.KindSettings, bus.KindSettingsRequest, bus.KindEvent, bus.KindSignal, bus.KindStatistics, bus.KindOutgoing}
	for _, kind := range want {
		if !kinds[kind] {
			t.Errorf("no golden file for %s", kind)
		}
	}
	if len(kinds) != len(want) {
		t.Errorf("got the kinds %v, want %v", slices.Collect(maps.Keys(kinds)), want)
	}
}

func TestEqualMessagesHaveEqualBytesWithKeysInOrder(t *testing.T) {
	for name, m := range samples() {
		data := encode(t, m)
		if again := encodeTerm(t, term(t, m)); !bytes.Equal(again, data) {
			t.Errorf("%s: got %q\nwith keys in order %q", name, data, again)
		}
	}
}

func TestAppendKeepsWhatItAppendsTo(t *testing.T) {
	m := bus.SettingsRequest{Node: "chat-1"}
	got, err := bus.Append([]byte("before"), m)
	if want := append([]byte("before"), encode(t, m)...); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestKeysOfNewerNodesArePassedOver(t *testing.T) {
	for name, m := range samples() {
		t.Run(name, func(t *testing.T) {
			value := term(t, m)
			addKeys(value)
			got, err := bus.Decode(m.Kind(), encodeTerm(t, value))
			if diff := cmp.Diff(m, got); err != nil || diff != "" {
				t.Errorf("%v, difference (-want +got):\n%s", err, diff)
			}
		})
	}
}

// addKeys adds an unknown key to every map but that of reactions, whose keys are emoji.
func addKeys(value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			addKeys(element)
		}
	case map[string]any:
		for key, element := range v {
			if key != "reactions" {
				addKeys(element)
			}
		}
		v["added_later"] = []any{map[string]any{"deep": etf.Tuple{1.5}}, nil}
	}
}

func TestANewerVersionIsRefused(t *testing.T) {
	for name, m := range samples() {
		value := term(t, m)
		value["v"] = int64(bus.Version + 1)
		if got, err := bus.Decode(m.Kind(), encodeTerm(t, value)); err == nil || !strings.Contains(err.Error(), "version 2") {
			t.Errorf("%s: got %v, %v; want an error about the version", name, got, err)
		}
	}
}

func TestEveryFieldOfAnotherTypeIsRefused(t *testing.T) {
	for name, m := range samples() {
		for key := range term(t, m) {
			value := term(t, m)
			value[key] = etf.Tuple{}
			data := encodeTerm(t, value)
			var refusal *etf.Error
			got, err := bus.Decode(m.Kind(), data)
			if computed := key == "seq"; !computed && !errors.As(err, &refusal) {
				t.Errorf("%s with a tuple as %q: got %v, %v; want an error", name, key, got, err)
			}
		}
	}
}

func TestMessagesThatMakeNoSenseAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		of     string // the sample that is changed
		change func(map[string]any)
	}{
		"app 0":                       {"event_posted", func(m map[string]any) { m["app"] = 0 }},
		"app below 0":                 {"signal_typing", func(m map[string]any) { m["app"] = -1 }},
		"app beyond 64 bits":          {"outgoing_message", func(m map[string]any) { m["app"] = 1.5 }},
		"no conversation":             {"event_posted", func(m map[string]any) { delete(m, "conversation") }},
		"conversation not UTF-8":      {"event_posted", func(m map[string]any) { m["conversation"] = "\xff" }},
		"rev below 0":                 {"event_posted", func(m map[string]any) { m["rev"] = -1 }},
		"posted without message":      {"event_posted", func(m map[string]any) { m["message"] = nil }},
		"changed without message":     {"event_changed", func(m map[string]any) { delete(m, "message") }},
		"read without participant":    {"event_read", func(m map[string]any) { m["participant"] = nil }},
		"changed without participant": {"event_participant", func(m map[string]any) { m["participant"] = nil }},
		"event of unknown kind":       {"event_posted", func(m map[string]any) { m["kind"] = "exploded" }},
		"message with seq below 0":    {"event_posted", func(m map[string]any) { m["message"].(map[string]any)["seq"] = -5 }},
		"body not UTF-8":              {"event_posted", func(m map[string]any) { m["message"].(map[string]any)["body"] = "\xc3" }},
		"emoji not UTF-8":             {"event_posted", func(m map[string]any) { m["message"].(map[string]any)["reactions"] = map[string]any{"\xc3": nil} }},
		"sent in year 10000":          {"event_posted", func(m map[string]any) { m["message"].(map[string]any)["sent_at"] = 253402300800000 }},
		"sent before 1970":            {"event_posted", func(m map[string]any) { m["message"].(map[string]any)["sent_at"] = -1 }},
		"signal to nobody":            {"signal_kicked", func(m map[string]any) { m["user"] = map[string]any{} }},
		"signal to nowhere":           {"signal_typing", func(m map[string]any) { m["conversation"] = "" }},
		"settings of no app":          {"settings", func(m map[string]any) { delete(m, "id") }},
		"revision below 0":            {"settings", func(m map[string]any) { m["revision"] = -1 }},
		"outgoing without id":         {"outgoing_message", func(m map[string]any) { m["id"] = "" }},
		"outgoing without type":       {"outgoing_message", func(m map[string]any) { delete(m, "type") }},
		"statistics of no app":        {"statistics", func(m map[string]any) { delete(m["apps"].([]any)[1].(map[string]any), "app") }},
		"ack of 300,000 years":        {"statistics", func(m map[string]any) { m["apps"].([]any)[0].(map[string]any)["ack_p50_us"] = 1<<63 - 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			sample := samples()[c.of]
			value := term(t, sample)
			c.change(value)
			if got, err := bus.Decode(sample.Kind(), encodeTerm(t, value)); err == nil {
				t.Errorf("got %+v, want an error", got)
			}
		})
	}
}

func TestAppendRefusesWhatDecodeWould(t *testing.T) {
	room := chat.Room{App: 7, Conversation: "c"}
	for name, m := range map[string]bus.Message{
		"text not UTF-8":         bus.SettingsRequest{Node: "\xff"},
		"time before 1970":       bus.Statistics{Statistics: chat.Statistics{From: time.Unix(-1, 0)}},
		"time after 9999":        bus.Statistics{Statistics: chat.Statistics{To: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
		"negative number":        bus.Statistics{Statistics: chat.Statistics{Apps: []chat.AppStatistics{{App: 1, AckP99: -time.Second}}}},
		"more than a megabyte":   bus.SettingsRequest{Node: strings.Repeat("x", etf.MaxSize)},
		"event without message":  bus.Event{Event: chat.Event{Room: room, Kind: chat.MessagePosted}},
		"event without kind":     bus.Event{Event: chat.Event{Room: room, Message: plainMessage()}},
		"event without room":     bus.Event{Event: chat.Event{Kind: chat.MessagePosted, Message: plainMessage()}},
		"signal without address": bus.Signal{},
		"outgoing without id":    bus.Outgoing{Outgoing: chat.Outgoing{Type: chat.OnMessageCreated, Room: room}},
		"settings of no app":     bus.Settings{},
		"key without public id":  bus.Settings{App: chat.App{ID: 1, Keys: []chat.Key{{Secret: "sk"}}}},
		"no message at all":      nil,
	} {
		t.Run(name, func(t *testing.T) {
			if data, err := bus.Append(nil, m); err == nil || data != nil {
				t.Errorf("got %q, %v; want an error", data, err)
			}
		})
	}
}

func TestTruncatedMessagesAreRefusedAtEveryByte(t *testing.T) {
	for name, m := range samples() {
		data := encode(t, m)
		for n := range data {
			if got, err := bus.Decode(m.Kind(), data[:n]); err == nil {
				t.Errorf("%s cut to %d of %d bytes: got %+v, want an error", name, n, len(data), got)
			}
		}
	}
}

func TestDecodeRefusesAnUnknownKind(t *testing.T) {
	if m, err := bus.Decode("gossip", encode(t, bus.SettingsRequest{})); err == nil {
		t.Errorf("got %v, want an error", m)
	}
}

// FuzzDecode takes the kind as a number, and checks that what is accepted comes back as it was.
func FuzzDecode(f *testing.F) {
	kinds := []bus.Kind{bus.KindSettings, bus.KindSettingsRequest, bus.KindEvent, bus.KindSignal, bus.KindStatistics, bus.KindOutgoing}
	for _, m := range samples() {
		f.Add(uint8(slices.Index(kinds, m.Kind())), encode(f, m))
	}
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		m, err := bus.Decode(kinds[int(kind)%len(kinds)], data)
		if err != nil {
			return
		}
		again, err := bus.Append(nil, m)
		if len(again) == 0 && strings.Contains(err.Error(), "more than") {
			return // what was left out takes room when it is written
		}
		if err != nil {
			t.Fatalf("%+v came in but cannot go out: %v", m, err)
		}
		back, err := bus.Decode(m.Kind(), again)
		if diff := cmp.Diff(m, back); err != nil || diff != "" {
			t.Fatalf("%v, difference (-want +got):\n%s", err, diff)
		}
	})
}

func BenchmarkAppendEvent(b *testing.B) {
	m := samples()["event_posted"]
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = bus.Append(dst[:0], m); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkDecodeEvent(b *testing.B) {
	data := encode(b, samples()["event_posted"])
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bus.Decode(bus.KindEvent, data); err != nil {
			b.Fatal(err)
		}
	}
}
