package chat_test

import (
	"fmt"
	"testing"
	"time"

	"planga/chat"
)

func TestACollectorCountsByApp(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := chat.NewCollector("node", func() time.Time { return now })
	for range 3 {
		c.Connected(1, "pk_1")
	}
	c.Disconnected(1)
	c.Joined(1, "ann")
	for i := range 100 {
		c.Posted(chat.Room{App: 1, Conversation: "bikes"}, "ann", 10, time.Duration(i+1)*time.Millisecond)
	}
	for range 2 {
		c.Refused(2, "The token has expired.", "pk_2", "https://a.example")
	}
	c.Refused(2, "The token has expired.", "pk_2", "https://b.example")
	now = now.Add(10 * time.Second)

	s := c.Collect()
	if s.Node != "node" || s.To.Sub(s.From) != 10*time.Second || len(s.Apps) != 2 {
		t.Fatalf("got %+v", s)
	}
	a := s.Apps[0]
	if a.App != 1 || a.Connections != 2 || a.Peak != 3 || a.Joins != 1 || a.Messages != 100 || a.Bytes != 1000 ||
		len(a.Users) != 1 || len(a.Conversations) != 1 || len(a.KeysUsed) != 1 {
		t.Errorf("got %+v", a)
	}
	for name, got := range map[string][2]time.Duration{"p50": {a.AckP50, 50 * time.Millisecond}, "p99": {a.AckP99, 99 * time.Millisecond}} {
		if got[0] < got[1] || got[0] > got[1]*11/10 {
			t.Errorf("%s: got %s, want %s or up to a tenth more", name, got[0], got[1])
		}
	}
	if r := s.Apps[1].Refused; len(r) != 2 || r[0].Count != 2 || r[1].Count != 1 {
		t.Errorf("got refusals %+v", r)
	}

	s = c.Collect()
	if len(s.Apps) != 1 || s.Apps[0].Connections != 2 || s.Apps[0].Peak != 2 || s.Apps[0].Messages != 0 {
		t.Errorf("the next interval: got %+v", s.Apps)
	}
	c.Disconnected(1)
	c.Disconnected(1)
	c.Collect()
	if s = c.Collect(); len(s.Apps) != 0 {
		t.Errorf("when nothing happens any more: got %+v", s.Apps)
	}
}

func TestACollectorIsBounded(t *testing.T) {
	c := chat.NewCollector("node", time.Now)
	for i := range 2000 {
		name := fmt.Sprint(i)
		c.Connected(1, name)
		c.Refused(1, name, "", "")
		c.Posted(chat.Room{App: 1, Conversation: chat.ConversationID(name)}, chat.UserID(name), 1, time.Hour)
	}
	a := c.Collect().Apps[0]
	if len(a.Users) != 1000 || len(a.Conversations) != 1000 || len(a.KeysUsed) != 100 || len(a.Refused) != 100 {
		t.Errorf("got %d users, %d conversations, %d keys, %d refusals", len(a.Users), len(a.Conversations), len(a.KeysUsed), len(a.Refused))
	}
}
