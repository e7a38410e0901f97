package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

func TestAcknowledgedMessagesSurviveKills(t *testing.T) {
	total, err := killAgainAndAgain(t.TempDir(), 5)
	if err != nil {
		t.Fatal(err)
	}
	if total < 5*senders {
		t.Errorf("only %d messages were acknowledged: that proves little", total)
	}
}

// good is a room of six messages by two senders.
func good() kept {
	k := kept{rev: 30, head: 6, first: 24}
	for i := range 6 {
		k.messages = append(k.messages, ack{sender: i % 2, number: i / 2, seq: int64(i + 1), rev: int64(i + 25)})
	}
	return k
}

func TestTheCheckerCatchesWhatIsWrong(t *testing.T) {
	acked := good().messages
	if err := good().check(acked); err != nil {
		t.Fatalf("a good room: %v", err)
	}
	if err := good().check(acked[:4]); err != nil {
		t.Fatalf("a room with messages whose acknowledgement was not heard: %v", err)
	}
	renumber := func(k *kept) {
		for i := range k.messages {
			k.messages[i].seq, k.messages[i].rev = int64(i+1), int64(i+25)
		}
		k.head, k.rev = int64(len(k.messages)), int64(len(k.messages)+24)
	}
	for name, c := range map[string]struct {
		spoil func(*kept)
		acked []ack
		want  string
	}{
		"lost":                 {func(k *kept) { k.messages = k.messages[:5]; renumber(k) }, acked, "is lost"},
		"lost in the middle":   {func(k *kept) { k.messages = slices.Delete(k.messages, 2, 3) }, acked, "place 3"},
		"doubled":              {func(k *kept) { k.messages = append(k.messages, k.messages[5]); renumber(k) }, acked, "stored twice"},
		"reordered":            {func(k *kept) { k.messages[2], k.messages[4] = k.messages[4], k.messages[2]; renumber(k) }, nil, "comes after a later"},
		"in another place":     {func(k *kept) { k.messages[2], k.messages[3] = k.messages[3], k.messages[2]; renumber(k) }, acked, "is stored as"},
		"a gap in seq":         {func(k *kept) { k.messages[5].seq = 7 }, acked, "place 6"},
		"a gap in rev":         {func(k *kept) { k.messages[5].rev = 31 }, acked, "place 6"},
		"a head that is ahead": {func(k *kept) { k.head = 7 }, acked, "the head says"},
		"a rev that is behind": {func(k *kept) { k.rev = 29 }, acked, "the head says"},
	} {
		t.Run(name, func(t *testing.T) {
			k := good()
			c.spoil(&k)
			if err := k.check(c.acked); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestAnAcknowledgementSurvivesItsLine(t *testing.T) {
	want := ack{room: 1, sender: 2, number: 3, seq: 4, rev: 5}
	if got, err := parseAck(want.String()); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := parseAck("ack 1 2 3"); err == nil {
		t.Error("a line that was cut short was taken for an acknowledgement")
	}
}
