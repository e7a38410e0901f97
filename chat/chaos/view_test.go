package main

import (
	"strings"
	"testing"
)

// posted is an event of a new message whose rev is ten more than its seq.
func posted(seq int64) change {
	m := at(seq)
	return change{rev: m.Rev, message: &m}
}

func at(seq int64) message {
	return message{ID: strings.Repeat("x", int(seq)), Seq: seq, Rev: seq + 10}
}

// fresh has messages 1 to 5.
func fresh(t *testing.T) *view {
	t.Helper()
	v := &view{}
	p := page{Epoch: "e", Rev: 15, HeadSeq: 5}
	for seq := range int64(5) {
		p.Messages = append(p.Messages, at(seq+1))
	}
	if err := v.joined(0, p); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAViewFollowsTheRevs(t *testing.T) {
	for name, c := range map[string]struct {
		events []int64 // seqs
		head   int64
		behind bool
	}{
		"the next is applied":                  {[]int64{6, 7}, 7, false},
		"what is known is dropped":             {[]int64{6, 6, 3}, 6, false},
		"what comes early waits":               {[]int64{7, 8}, 5, true},
		"what closes the gap lets it all flow": {[]int64{8, 7, 6}, 8, false},
		"what leaves a gap waits on":           {[]int64{9, 6}, 6, true},
	} {
		t.Run(name, func(t *testing.T) {
			v := fresh(t)
			for _, seq := range c.events {
				if err := v.hears(posted(seq)); err != nil {
					t.Fatal(err)
				}
			}
			if v.head != c.head || v.behind() != c.behind {
				t.Errorf("got head %d, behind %v, want %d, %v", v.head, v.behind(), c.head, c.behind)
			}
		})
	}
}

func TestAViewFetchesWhatIsMissing(t *testing.T) {
	v := fresh(t)
	if err := v.hears(posted(9)); err != nil {
		t.Fatal(err)
	}
	if err := v.catchUp(15, page{Rev: 19, HeadSeq: 9, Messages: []message{at(6), at(7)}, More: true}); err != nil || v.last != 17 || !v.behind() {
		t.Fatalf("after the first page: %v, rev %d, behind %v", err, v.last, v.behind())
	}
	if err := v.catchUp(17, page{Rev: 18, HeadSeq: 8, Messages: []message{at(8)}}); err != nil || v.last != 19 || v.behind() {
		t.Fatalf("after the second page: %v, rev %d, behind %v", err, v.last, v.behind())
	}
	if len(v.messages) != 9 {
		t.Errorf("got %d messages, want 9", len(v.messages))
	}
}

func TestAViewComplains(t *testing.T) {
	changed := at(2)
	changed.ID = "another"
	for name, c := range map[string]struct {
		want string
		do   func(*view) error
	}{
		"of a page that goes back":            {"stale:", func(v *view) error { return v.catchUp(15, page{Rev: 17, Messages: []message{at(7), at(6)}}) }},
		"of a page that repeats":              {"stale:", func(v *view) error { return v.catchUp(15, page{Rev: 17, Messages: []message{at(5)}}) }},
		"of more that does not come":          {"stale:", func(v *view) error { return v.catchUp(15, page{Rev: 17, More: true}) }},
		"of a hole in what changed":           {"hole:", func(v *view) error { return v.catchUp(15, page{Rev: 17, HeadSeq: 7, Messages: []message{at(7)}}) }},
		"of a head that is further":           {"hole:", func(v *view) error { return v.catchUp(15, page{Rev: 17, HeadSeq: 7, Messages: []message{at(6)}}) }},
		"of an older rev":                     {"forgotten:", func(v *view) error { return v.joined(15, page{Epoch: "e", Rev: 14}) }},
		"of another epoch":                    {"epoch:", func(v *view) error { return v.joined(15, page{Epoch: "f", Rev: 16}) }},
		"of another message at the same seq":  {"doubled:", func(v *view) error { return v.catchUp(11, page{Rev: 15, Messages: []message{changed}}) }},
		"of older pages with a hole":          {"hole:", func(*view) error { return new(view).joined(0, page{HeadSeq: 5, Messages: []message{at(3), at(5)}}) }},
		"of a newest page without the newest": {"hole:", func(*view) error { return new(view).joined(0, page{HeadSeq: 5, Messages: []message{at(4)}}) }},
		"of a last page that is not the last": {"hole:", func(*view) error { return new(view).joined(0, page{HeadSeq: 5, Messages: []message{at(5)}}) }},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.do(fresh(t)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want a complaint that begins with %s", err, c.want)
			}
		})
	}
}

func TestAViewScrollsBack(t *testing.T) {
	v := &view{}
	if err := v.joined(0, page{Epoch: "e", Rev: 15, HeadSeq: 5, Messages: []message{at(4), at(5)}, More: true}); err != nil {
		t.Fatal(err)
	}
	hidden := at(2)
	hidden.Rev, hidden.Hidden = 16, true
	if err := v.hears(change{rev: 16, message: &hidden}); err != nil || len(v.messages) != 2 {
		t.Fatalf("a change of a message that was not loaded: %v, %d messages", err, len(v.messages))
	}
	if err := v.older(page{Rev: 15, Messages: []message{at(1), at(2), at(3)}}); err != nil || v.floor != 1 || !v.behind() {
		t.Fatalf("a page from before that change: %v, from seq %d, behind %v", err, v.floor, v.behind())
	}
	if err := v.catchUp(15, page{Rev: 16, HeadSeq: 5, Messages: []message{hidden}}); err != nil || v.behind() {
		t.Fatalf("what changed since: %v, behind %v", err, v.behind())
	}
	if len(v.messages) != 5 || !v.messages[2].Hidden {
		t.Errorf("got %v", v.messages)
	}
}
