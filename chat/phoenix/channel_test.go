package phoenix_test

import (
	"strings"
	"testing"

	"planga/chat/phoenix"
)

func TestV2(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0")

	t.Run("a join is answered under its refs", func(t *testing.T) {
		ann.say(`["1","2","room:lobby","phx_join",{"name":"ann"}]`)
		ann.hears(`["1","2","room:lobby","phx_reply",{"status":"ok","response":{"name":"ann"}}]`)
	})
	t.Run("a push is answered under its ref", func(t *testing.T) {
		ann.say(`["1","3","room:lobby","echo",{"a":[1,2,"<b>"]}]`)
		ann.hears(`["1","3","room:lobby","phx_reply",{"status":"ok","response":{"a":[1,2,"<b>"]}}]`)
	})
	t.Run("a broadcast has null refs and reaches everybody", func(t *testing.T) {
		bob := s.dial(t, "vsn=2.0.0")
		bob.say(`["1","1","room:lobby","phx_join",{}]`)
		bob.hears(`["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]`)
		bob.say(`["1","2","room:lobby","shout",{"body":"hi"}]`)
		shouted := `[null,null,"room:lobby","shouted",{"body":"hi"}]`
		bob.hears(shouted, `["1","2","room:lobby","phx_reply",{"status":"ok","response":{}}]`)
		ann.hears(shouted)
	})
	t.Run("a push of the server's names the join", func(t *testing.T) {
		ann.say(`["1","4","room:lobby","whisper",{"x":1}]`)
		ann.hears(`["1",null,"room:lobby","whispered",{"x":1}]`)
	})
	t.Run("a heartbeat is answered", func(t *testing.T) {
		ann.say(`[null,"5","phoenix","heartbeat",{}]`)
		ann.hears(`[null,"5","phoenix","phx_reply",{"status":"ok","response":{}}]`)
	})
	t.Run("a second join replaces the first", func(t *testing.T) {
		ann.say(`["6","6","room:lobby","phx_join",{}]`)
		ann.hears(`["1","1","room:lobby","phx_close",{}]`,
			`["6","6","room:lobby","phx_reply",{"status":"ok","response":{}}]`)
		s.house.waitFor(t, "leave room:lobby", 2) // bob went home before
	})
	t.Run("a push of the first join is ignored", func(t *testing.T) {
		ann.say(`["1","7","room:lobby","echo",{}]`)
		ann.say(`["1","8","room:lobby","phx_leave",{}]`)
		ann.say(`["6","9","room:lobby","echo",{}]`)
		ann.hears(`["6","9","room:lobby","phx_reply",{"status":"ok","response":{}}]`)
	})
	t.Run("a leave is answered, then closed", func(t *testing.T) {
		ann.say(`["6","10","room:lobby","phx_leave",{}]`)
		ann.hears(`["6","10","room:lobby","phx_reply",{"status":"ok","response":{}}]`,
			`["6","6","room:lobby","phx_close",{}]`)
	})
	t.Run("a push after leaving is unmatched, a leave is ok", func(t *testing.T) {
		ann.say(`["6","11","room:lobby","echo",{}]`)
		ann.say(`["6","12","room:lobby","phx_leave",{}]`)
		ann.hears(`["6","11","room:lobby","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]`,
			`["6","12","room:lobby","phx_reply",{"status":"ok","response":{}}]`)
	})
	t.Run("an unknown topic is unmatched", func(t *testing.T) {
		ann.say(`["13","13","private:x","phx_join",{}]`)
		ann.hears(`["13","13","private:x","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]`)
	})
}

func TestV1(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "")

	t.Run("a numbered ref is echoed as a number", func(t *testing.T) {
		ann.say(`{"topic":"room:lobby","event":"phx_join","payload":{},"ref":0}`)
		ann.hears(`{"topic":"room:lobby","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":0}`)
	})
	t.Run("a ref that is a string stays one", func(t *testing.T) {
		ann.say(`{"topic":"room:lobby","event":"echo","payload":{"a":1},"ref":"7","join_ref":0}`)
		ann.hears(`{"topic":"room:lobby","event":"phx_reply","payload":{"status":"ok","response":{"a":1}},"ref":"7"}`)
	})
	t.Run("a broadcast has all four members", func(t *testing.T) {
		ann.say(`{"event":"shout","ref":2,"payload":{},"topic":"room:lobby","extra":[]}`)
		ann.hears(`{"topic":"room:lobby","event":"shouted","payload":{},"ref":null}`,
			`{"topic":"room:lobby","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":2}`)
	})
	t.Run("a heartbeat without join_ref is answered", func(t *testing.T) {
		ann.say(`{"topic":"phoenix","event":"heartbeat","payload":{},"ref":3}`)
		ann.hears(`{"topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":3}`)
	})
	t.Run("a channel that the server closes names its join", func(t *testing.T) {
		ann.say(`{"topic":"room:lobby","event":"close","payload":{},"ref":4}`)
		ann.hears(`{"topic":"room:lobby","event":"phx_close","payload":{},"ref":0}`,
			`{"topic":"room:lobby","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":4}`)
		s.house.waitFor(t, "leave room:lobby", 1)
	})
}

func TestJoinFailures(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	ann := s.dial(t, "vsn=2.0.0")

	t.Run("an internal error is answered without its words", func(t *testing.T) {
		ann.say(`["1","1","room:crash","phx_join",{}]`)
		ann.hears(`["1","1","room:crash","phx_reply",{"status":"error","response":{"reason":"join crashed"}}]`)
		if !strings.Contains(s.logs.String(), "secret detail") {
			t.Errorf("the log does not tell why: %s", s.logs.String())
		}
	})
	t.Run("what is pushed during a join follows its answer", func(t *testing.T) {
		ann.say(`["2","2","room:early","phx_join",{}]`)
		ann.hears(`["2","2","room:early","phx_reply",{"status":"ok","response":{}}]`,
			`["2",null,"room:early","early",{"n":1}]`)
	})
	t.Run("a panic closes with 1011 and touches nobody else", func(t *testing.T) {
		bob := s.dial(t, "vsn=2.0.0")
		bob.say(`["1","1","room:a","phx_join",{}]`)
		bob.say(`["2","2","room:panic","phx_join",{}]`)
		if code, _ := bob.closed(); code != 1011 {
			t.Errorf("closed with %d, want 1011", code)
		}
		s.house.waitFor(t, "leave room:a", 1)
		s.house.waitFor(t, "closed", 1)
		ann.say(`[null,"3","phoenix","heartbeat",{}]`)
		ann.hears(`[null,"3","phoenix","phx_reply",{"status":"ok","response":{}}]`)
	})
}
