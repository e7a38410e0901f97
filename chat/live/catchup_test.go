package live_test

import (
	"fmt"
	"strings"
	"testing"

	"planga/chat"
)

// seqs are the seqs of a reply's messages.
func seqs(reply map[string]any) string {
	var b strings.Builder
	for _, m := range reply["messages"].([]any) {
		fmt.Fprintf(&b, "%v ", m.(map[string]any)["seq"])
	}
	return strings.TrimSpace(b.String())
}

func TestAFirstJoinIsToldAllThatAClientNeeds(t *testing.T) {
	h := newHouse(t)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	bob.posts("bikes", "c1", "one")
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	got := ann.joins("bikes")
	for field, want := range map[string]any{
		"conversation_id": "bikes", "head_seq": 1.0, "oldest_seq": 1.0, "more": false, "read_seq": 1.0, "rev": 3.0, "read_only": false,
	} {
		if got[field] != want {
			t.Errorf("%s: got %v, want %v", field, got[field], want)
		}
	}
	if got["epoch"] == "" || got["server_time"] == nil || got["limits"].(map[string]any)["body"] != 4096.0 {
		t.Errorf("epoch, time or limits are missing: %v", got)
	}
	me := got["me"].(map[string]any)["user"].(map[string]any)
	if me["id"] != "ann" || me["name"] != "The ann" || len(got["participants"].([]any)) != 2 {
		t.Errorf("got me %v and participants %v", me, got["participants"])
	}
	if seqs(got) != "1" {
		t.Errorf("got messages %s, want 1", seqs(got))
	}
}

func TestARejoinIsGivenWhatChangedSince(t *testing.T) {
	h := newHouse(t)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	joined := bob.joins("bikes")
	epoch := joined["epoch"].(string)
	for i := range 5 {
		bob.posts("bikes", fmt.Sprint("c", i), fmt.Sprint("message ", i))
	}
	// bob's entry took rev 1, so message n has rev n+1.
	for _, c := range []struct {
		name, payload, want string
		fresh               bool
	}{
		{"the last rev it has", `{"last_rev":3,"epoch":"` + epoch + `"}`, "3 4 5", false},
		{"without naming the epoch", `{"last_rev":3}`, "3 4 5", false},
		{"nothing new", `{"last_rev":6,"epoch":"` + epoch + `"}`, "", false},
		{"a limit", `{"last_rev":3,"epoch":"` + epoch + `","limit":2}`, "3 4", false},
		{"another epoch", `{"last_rev":6,"epoch":"restored"}`, "1 2 3 4 5", true},
		{"a rev that never was", `{"last_rev":7,"epoch":"` + epoch + `"}`, "1 2 3 4 5", true},
		{"a huge rev", `{"last_rev":9223372036854775807,"epoch":"` + epoch + `"}`, "1 2 3 4 5", true},
		{"a negative rev", `{"last_rev":-1,"epoch":"` + epoch + `"}`, "1 2 3 4 5", true},
		{"nothing", `{"last_rev":null,"epoch":null}`, "1 2 3 4 5", true},
		{"a small first page", `{"last_rev":null,"limit":2}`, "4 5", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := bob.gets("conversation:bikes", "phx_join", c.payload)
			if seqs(got) != c.want {
				t.Errorf("got messages %q, want %q", seqs(got), c.want)
			}
			if got["more"] != (c.name == "a limit" || c.name == "a small first page") {
				t.Errorf("got more %v", got["more"])
			}
			if got["fresh"] != c.fresh {
				t.Errorf("got fresh %v, want %v", got["fresh"], c.fresh)
			}
			if got["rev"] != 6.0 {
				t.Errorf("got rev %v, want the head's", got["rev"])
			}
		})
	}
}

func TestHistoryIsPaged(t *testing.T) {
	h := newHouse(t)
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	bob.joins("bikes")
	for i := range 6 {
		bob.posts("bikes", fmt.Sprint("c", i), fmt.Sprint("message ", i))
	}
	for _, c := range []struct {
		payload, want string
		more          bool
	}{
		{`{}`, "1 2 3 4 5 6", false},
		{`{"before_seq":4,"limit":2}`, "2 3", true},
		{`{"before_seq":1}`, "", false},
		{`{"after_seq":4}`, "5 6", false},
		{`{"after_seq":0,"limit":1000000000}`, "1 2 3 4 5 6", false},
		{`{"after_rev":5,"limit":1}`, "5", true},
	} {
		got := bob.gets("conversation:bikes", "history", c.payload)
		if seqs(got) != c.want || got["more"] != c.more {
			t.Errorf("history %s: got %q more %v, want %q more %v", c.payload, seqs(got), got["more"], c.want, c.more)
		}
		if got["rev"] != 7.0 || got["oldest_seq"] != 1.0 || got["head_seq"] != 6.0 {
			t.Errorf("history %s: got rev %v, oldest_seq %v, head_seq %v", c.payload, got["rev"], got["oldest_seq"], got["head_seq"])
		}
	}
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	late := bob.gets("conversation:bikes", "history", `{"after_rev":7}`)
	if people := late["participants"].([]any); len(people) != 1 || people[0].(map[string]any)["rev"] != 8.0 {
		t.Errorf("got participants %v, want ann with rev 8", people)
	}
	for _, payload := range []string{`{"limit":-1}`, `{"before_seq":-5}`, `{"before_seq":3,"after_seq":1}`, `{"after_rev":"1"}`} {
		bob.isRefused("conversation:bikes", "history", payload, chat.Invalid)
	}
}

func TestOnlyWhoIsAdmittedOrParticipatesMayEnter(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.isRefused("conversation:cars", "phx_join", "{}", chat.Forbidden)
	ann.joins("bikes")
	again := h.comes(t, "ann with a token for no conversation", token(t, 1, "ann", nil))
	again.joins("bikes")
	stranger := h.comes(t, "stranger", token(t, 1, "stranger", nil))
	stranger.isRefused("conversation:bikes", "phx_join", "{}", chat.Forbidden)
	stranger.isRefused("conversation:nowhere", "phx_join", "{}", chat.Forbidden)
}

func TestTwoTenantsWithEqualIDsNeverMeet(t *testing.T) {
	h := newHouse(t)
	h.settle(t, app(2))
	ann := h.comes(t, "ann of app 1", token(t, 1, "ann", nil, "bikes"))
	twin := h.comes(t, "ann of app 2", token(t, 2, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.gets("user:ann", "phx_join", "{}")
	ann.posts("bikes", "c1", "of app 1")
	got := twin.joins("bikes")
	if seqs(got) != "" || got["rev"] != 1.0 {
		t.Errorf("the twin sees %v at rev %v", got["messages"], got["rev"])
	}
	twin.posts("bikes", "c1", "of app 2")
	twin.hearsMessage("bikes", "of app 2")
	ann.posts("bikes", "c2", "again of app 1")
	ann.hearsMessage("bikes", "again of app 1")
	// Each has heard its own last message by now, and what comes on a socket comes in order.
	for _, p := range []*person{ann, twin} {
		other := map[*person]string{ann: "of app 2", twin: "of app 1"}[p]
		for _, f := range p.heard {
			if strings.Contains(string(f.payload), other) {
				t.Errorf("%s heard %s %s", p.name, f.event, f.payload)
			}
		}
	}
	if inbox := ann.gets("user:ann", "phx_join", "{}")["inbox"].([]any); len(inbox) != 1 {
		t.Errorf("got %d conversations in ann's inbox, want her own one", len(inbox))
	}
}
