package phoenix_test

import (
	"fmt"
	"strings"
	"testing"

	"planga/chat/phoenix"
)

// replied is the server's answer to a push or join under ref 1.
func replied(topic, status, reason string) string {
	return fmt.Sprintf(`["1","1",%s,"phx_reply",{"status":%q,"response":{"reason":%q}}]`, mustJSON(topic), status, reason)
}

// TestFramesThatAreRefused: each gets one clear answer, and the connection
// goes on.
func TestFramesThatAreRefused(t *testing.T) {
	s := newServer(t, phoenix.Options{Channels: 4})
	ann := s.dial(t, "vsn=2.0.0")
	ann.say(`["1","1","room:a","phx_join",{}]`)
	ann.hears(`["1","1","room:a","phx_reply",{"status":"ok","response":{}}]`)

	for _, event := range []string{"phx_close", "phx_error", "phx_reply", "phx_anything", ""} {
		t.Run(fmt.Sprintf("the event %q on a joined topic", event), func(t *testing.T) {
			ann.say(fmt.Sprintf(`["1","1","room:a",%q,{}]`, event))
			ann.hears(replied("room:a", "error", "reserved event"))
		})
	}
	t.Run("the event presence_state is one like others", func(t *testing.T) {
		ann.say(`["1","1","room:a","presence_state",{}]`)
		ann.hears(replied("room:a", "error", "unknown event"))
	})
	for name, topic := range map[string]string{
		"no topic": "", "phoenix": "phoenix", "a foreign one": "private:*", "line feed": "a\nb", "NUL": "a\x00b",
		"a path": "../../etc/passwd", "upper case": "ROOM:A", "look-alike": "rооm:a", "12 KiB": strings.Repeat("t", 12<<10),
	} {
		t.Run("joining the topic "+name, func(t *testing.T) {
			ann.say(fmt.Sprintf(`["1","1",%s,"phx_join",{}]`, mustJSON(topic)))
			ann.hears(replied(topic, "error", "unmatched topic"))
		})
	}
	t.Run("a join with a payload that is no object is the application's to judge", func(t *testing.T) {
		for _, payload := range []string{"null", "true", "-0", "1e400", "9007199254740993", `"5"`, "[]", `{"seq":1,"seq":2}`} {
			ann.say(`["1","1","private:x","phx_join",` + payload + `]`)
			ann.hears(replied("private:x", "error", "unmatched topic"))
		}
	})
	t.Run("a push before its join", func(t *testing.T) {
		ann.say(`["1","1","room:b","echo",{}]`)
		ann.hears(replied("room:b", "error", "unmatched topic"))
	})
	t.Run("more channels than allowed", func(t *testing.T) {
		for _, topic := range []string{"room:b", "room:c", "room:d"} {
			ann.say(`["1","1","` + topic + `","phx_join",{}]`)
			ann.hears(`["1","1","` + topic + `","phx_reply",{"status":"ok","response":{}}]`)
		}
		ann.say(`["1","1","room:e","phx_join",{}]`)
		ann.hears(replied("room:e", "error", "too many channels"))
	})
	t.Run("refs that are used again", func(t *testing.T) {
		ann.say(`["1","1","room:a","echo",{"n":1}]`)
		ann.say(`["1","1","room:a","echo",{"n":2}]`)
		ann.hears(`["1","1","room:a","phx_reply",{"status":"ok","response":{"n":1}}]`,
			`["1","1","room:a","phx_reply",{"status":"ok","response":{"n":2}}]`)
	})
	t.Run("a ref of null", func(t *testing.T) {
		ann.say(`[null,null,"room:a","echo",{}]`)
		ann.hears(`[null,null,"room:a","phx_reply",{"status":"ok","response":{}}]`)
	})
}

// TestFramesThatClose: each closes its own connection, and no other.
func TestFramesThatClose(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	healthy := s.dial(t, "vsn=2.0.0")
	deep := strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000)
	for _, c := range []struct {
		name, frame string
		code        int
		reason      string
	}{
		{"an object", `{}`, 1007, "frame of the wrong shape"},
		{"an empty array", `[]`, 1007, "not five elements"},
		{"four elements", `[null,"1","t","e"]`, 1007, "not five elements"},
		{"six elements", `[null,"1","t","e",{},{}]`, 1007, "too many elements"},
		{"thousands of elements", "[" + strings.Repeat("1,", 30_000) + "1]", 1007, "too many elements"},
		{"nesting of 30,000", `[null,"1","t","e",` + deep + `]`, 1007, "nested too deep"},
		{"nesting of 30,000 never closed", strings.Repeat(`[`, 60_000), 1007, "nested too deep"},
		{"a ref that is an object", `[null,{},"t","e",{}]`, 1007, "ref is neither a string nor an integer nor null"},
		{"a ref of 60 KiB", `[null,"` + strings.Repeat("r", 60<<10) + `","t","e",{}]`, 1007, "ref too long"},
		{"a topic of 13 KiB", `[null,"1","` + strings.Repeat("t", 13<<10) + `","e",{}]`, 1007, "topic too long"},
		{"an event of 300 bytes", `[null,"1","t","` + strings.Repeat("e", 300) + `",{}]`, 1007, "event too long"},
		{"a topic of 1 MiB", `[null,"1","` + strings.Repeat("t", 1<<20) + `","e",{}]`, 1009, "read limited at 65537 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bob := s.dial(t, "vsn=2.0.0")
			go func() { // it may be closed meanwhile
				_ = bob.ws.Write(t.Context(), 1, []byte(c.frame))
			}()
			if code, reason := bob.closed(); code != c.code || reason != c.reason {
				t.Errorf("closed with %d %q, want %d %q", code, reason, c.code, c.reason)
			}
			healthy.say(beat)
			healthy.hears(beatBack)
		})
	}
}

func TestJoinStorm(t *testing.T) {
	s := newServer(t, phoenix.Options{FramesPerSecond: 1e6})
	healthy := s.dial(t, "vsn=2.0.0")
	ann := s.dial(t, "vsn=2.0.0")
	go func() {
		for i := range 10_000 {
			if ann.ws.Write(t.Context(), 1, fmt.Appendf(nil, `["1","%d","room:%d","phx_join",{}]`, i, i)) != nil {
				return
			}
		}
	}()
	joined := 0
	for range 10_000 {
		if strings.Contains(ann.hear(), `"ok"`) {
			joined++
		}
	}
	if joined != 1000 {
		t.Errorf("%d topics were joined, want 1000", joined)
	}
	healthy.say(beat)
	healthy.hears(beatBack)
	_ = ann.ws.CloseNow()
	s.house.waitFor(t, "leave", 1000)
	s.house.waitFor(t, "closed", 1)
}

func TestDoubleJoins(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0")
	for i := range 100 {
		ann.say(fmt.Sprintf(`["%d","%d","room:a","phx_join",{}]`, i, i))
	}
	ann.say(`["99","100","room:a","phx_leave",{}]`)
	for i := range 100 {
		if i > 0 {
			ann.hears(fmt.Sprintf(`["%d","%d","room:a","phx_close",{}]`, i-1, i-1))
		}
		ann.hears(fmt.Sprintf(`["%d","%d","room:a","phx_reply",{"status":"ok","response":{}}]`, i, i))
	}
	ann.hears(`["99","100","room:a","phx_reply",{"status":"ok","response":{}}]`, `["99","99","room:a","phx_close",{}]`)
	s.house.waitFor(t, "join", 100)
	s.house.waitFor(t, "leave", 100)
}
