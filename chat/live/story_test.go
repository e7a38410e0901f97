package live_test

import "testing"

func TestAnnJoinsBobPostsAnnHears(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	bob := h.comes(t, "bob", token(t, 1, "bob", nil, "bikes"))
	ann.joins("bikes")
	bob.joins("bikes")
	posted := bob.posts("bikes", "c1", "Is it still there?")
	if posted["seq"] != 1.0 || posted["dup"] != false {
		t.Fatalf("got %v, want seq 1 and dup false", posted)
	}
	heard := ann.hearsMessage("bikes", "Is it still there?")
	if heard["id"] != posted["id"] || heard["rev"] != posted["rev"] || heard["author"].(map[string]any)["id"] != "bob" {
		t.Errorf("ann heard %v, bob was told %v", heard, posted)
	}
	bob.hearsMessage("bikes", "Is it still there?")
	if again := bob.posts("bikes", "c1", "Is it still there?"); again["dup"] != true || again["id"] != posted["id"] {
		t.Errorf("repeating got %v, want the same id and dup", again)
	}
}

func TestASecondJoinReplacesTheFirst(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.joins("bikes")
	ann.posts("bikes", "c1", "once")
	ann.posts("bikes", "c2", "and then")
	ann.hearsMessage("bikes", "once")
	ann.hearsMessage("bikes", "and then")
	for _, f := range ann.heard {
		if f.event == "message" {
			t.Errorf("heard again: %s", f.payload)
		}
	}
	stats := h.service.Statistics.Collect()
	if a := stats.Apps[0]; a.Connections != 1 || a.Messages != 2 || a.Joins != 2 {
		t.Errorf("got statistics %+v", a)
	}
}
