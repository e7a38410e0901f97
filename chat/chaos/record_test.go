package main

import (
	"strings"
	"testing"
)

// heardOf is a record in which ann has sent one message that is acknowledged at rev 3, after bob came at rev 2.
func heardOf(t *testing.T) *record {
	t.Helper()
	r := newRecord()
	r.sends("ann", "a-1", "hello")
	for _, err := range []error{
		r.sawPerson(person{User: wireID{"ann"}, Rev: 1}), r.sawPerson(person{User: wireID{"bob"}, Rev: 2}),
		r.answered("ann", "a-1", ack{ID: "id1", Seq: 1, Rev: 3}),
		r.saw(message{ID: "id1", Seq: 1, Rev: 3, ClientID: "a-1", Author: wireID{"ann"}, Body: "hello"}, false),
		r.answered("ann", "a-1", ack{ID: "id1", Seq: 1, Rev: 3, Dup: true}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestARecordComplains(t *testing.T) {
	hidden := message{ID: "id1", Seq: 1, Rev: 4, ClientID: "a-1", Author: wireID{"ann"}, Hidden: true}
	for name, c := range map[string]struct {
		want string
		do   func(*record) error
	}{
		"of a repeat with another seq":     {"repeat:", func(r *record) error { return r.answered("ann", "a-1", ack{ID: "id1", Seq: 2, Rev: 3, Dup: true}) }},
		"of a second answer that says new": {"repeat:", func(r *record) error { return r.answered("ann", "a-1", ack{ID: "id1", Seq: 1, Rev: 3}) }},
		"of an answer to nothing":          {"foreign:", func(r *record) error { return r.answered("bob", "a-1", ack{ID: "id2", Seq: 2, Rev: 4}) }},
		"of somebody else's words":         {"foreign:", func(r *record) error { return r.saw(message{ID: "id2", Rev: 4, ClientID: "b-1"}, false) }},
		"of two changes at one rev":        {"order:", func(r *record) error { return r.sawPerson(person{User: wireID{"cid"}, Rev: 3}) }},
		"of two states at one rev":         {"order:", func(r *record) error { hidden.Rev = 3; return r.saw(hidden, false) }},
		"of a change without a rev":        {"order:", func(r *record) error { return r.sawPerson(person{User: wireID{"cid"}}) }},
		"of hidden words":                  {"content:", func(r *record) error { m := hidden; m.Body = "hello"; return r.saw(m, false) }},
		"of words kept from a moderator":   {"content:", func(r *record) error { return r.saw(hidden, true) }},
		"of a mark that goes back":         {"mark:", func(r *record) error { return r.standsAt("ann", 1, 0) }},
	} {
		t.Run(name, func(t *testing.T) {
			hidden.Rev = 4
			if err := c.do(heardOf(t)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want a complaint that begins with %s", err, c.want)
			}
		})
	}
}

func TestARecordKnowsWhoMayPost(t *testing.T) {
	tell := func(r *record, rev int64, role, until string) {
		if err := r.sawPerson(person{User: wireID{"ann"}, Role: role, BannedUntil: until, Rev: rev}); err != nil {
			t.Fatal(err)
		}
	}
	post := func(r *record, rev int64) {
		r.sends("ann", "a-2", "again")
		if err := r.answered("ann", "a-2", ack{ID: "id2", Seq: 2, Rev: rev}); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		do   func(*record)
		want string
	}{
		"a banned one may not":             {func(r *record) { tell(r, 4, "", "2100"); post(r, 5) }, "ban:"},
		"a reader may not":                 {func(r *record) { tell(r, 4, "reader", ""); post(r, 5) }, "ban:"},
		"one who was let back may":         {func(r *record) { tell(r, 4, "", "2100"); tell(r, 5, "", ""); post(r, 6) }, ""},
		"one who was banned afterwards":    {func(r *record) { post(r, 4); tell(r, 5, "", "2100") }, ""},
		"one who may have been let back":   {func(r *record) { tell(r, 4, "", "2100"); post(r, 6) }, ""},
		"a moderator may, whatever others": {func(r *record) { tell(r, 4, "moderator", ""); post(r, 5) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := heardOf(t)
			c.do(r)
			err := r.muted()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestARecordKnowsHowMessagesEvolve(t *testing.T) {
	const subject = "message id1"
	for name, c := range map[string]struct {
		then []fact
		want string
	}{
		"an edit after the other":         {[]fact{{text: 2}, {text: 3}}, ""},
		"an edit that is undone":          {[]fact{{text: 3}, {text: 2}}, "stale:"},
		"a reaction that undoes an edit":  {[]fact{{text: 2}, {reactions: "x", text: 1}}, "stale:"},
		"an edit undone out of sight":     {[]fact{{text: 2}, {hidden: "yes"}, {text: 1}}, "stale:"},
		"a deleted one that is hidden":    {[]fact{{deleted: "yes"}, {deleted: "yes", hidden: "yes"}}, ""},
		"a deleted one that comes back":   {[]fact{{deleted: "yes"}, {deleted: "no"}}, "stale:"},
		"a deleted one that comes later":  {[]fact{{deleted: "yes"}, {hidden: "yes"}, {deleted: "no"}}, "stale:"},
		"a hidden one that is seen again": {[]fact{{hidden: "yes"}, {hidden: "no", text: 1}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := heardOf(t)
			for i, f := range c.then {
				f.subject = subject
				if err := r.happened(int64(4+i), f); err != nil {
					t.Fatal(err)
				}
			}
			err := r.evolves()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
