package live_test

import (
	"fmt"
	"testing"
)

func TestInACrowdReadMarksGoToTheReaderAlone(t *testing.T) {
	h := newHouse(t)
	var people []*person
	for i := range 51 {
		p := h.comes(t, fmt.Sprint("person ", i), token(t, 1, fmt.Sprint("p", i), nil, "square"))
		p.joins("square")
		people = append(people, p)
	}
	other, reader := people[0], people[1]
	tab := h.comes(t, "the reader's other tab", token(t, 1, "p1", nil, "square"))
	tab.joins("square")
	other.posts("square", "c1", "read this")
	reader.gets("conversation:square", "read", `{"seq":1}`)
	if got := tab.hears("conversation:square", "read"); got["user_id"] != "p1" || got["seq"] != 1.0 {
		t.Errorf("got %v", got)
	}
	reader.posts("square", "c1", "I did")
	other.hearsMessage("square", "I did")
	for _, f := range other.heard {
		if f.event == "read" && object(t, f.payload)["user_id"] == "p1" {
			t.Error("another member of the crowd heard of it")
		}
	}
}
