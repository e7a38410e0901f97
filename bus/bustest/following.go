package bustest

import (
	"context"
	"fmt"
	"testing"

	"planga/bus"
	"planga/chat"
)

var following = []promise{
	{"following twice delivers once", followingTwice},
	{"unfollowing ends delivery from there alone", unfollowing},
	{"following anew delivers again", followingAnew},
	{"a signal to a user reaches who follows the user", signalToUser},
	{"a thousand rooms are followed at once", thousandRooms},
	{"a handler may follow, unfollow and publish", handlerMayAct},
	{"who comes late may ask for the settings", lateComerAsks},
}

func followingTwice(t *testing.T, b bus.Bus) {
	r := bus.ConversationAddress(room("r"))
	e := listen(t, b, r, r)
	mustPublish(t, b, posted(room("r"), 1, "one"), posted(room("r"), 2, "two"))
	e.hearsBody(t, "one")
	e.hearsBody(t, "two")
	e.Unfollow(r) // once is enough, too
	mustFollow(t, e, bus.ConversationAddress(room("end")))
	mustPublish(t, b, posted(room("r"), 3, "three"), posted(room("end"), 1, "end"))
	e.hearsBody(t, "end")
}

func unfollowing(t *testing.T, b bus.Bus) {
	leaver := listen(t, b, bus.ConversationAddress(room("r")), bus.ConversationAddress(room("end")))
	stayer := listen(t, b, bus.ConversationAddress(room("r")))
	mustPublish(t, b, posted(room("r"), 1, "before"))
	leaver.hearsBody(t, "before")
	leaver.Unfollow(bus.ConversationAddress(room("r")))
	leaver.Unfollow(bus.ConversationAddress(room("never followed")))
	mustPublish(t, b, posted(room("r"), 2, "after"), posted(room("end"), 1, "end"))
	leaver.hearsBody(t, "end")
	stayer.hearsBody(t, "before")
	stayer.hearsBody(t, "after")
}

func followingAnew(t *testing.T, b bus.Bus) {
	e := listen(t, b)
	for i := range 20 {
		mustFollow(t, e, bus.ConversationAddress(room("r")))
		mustPublish(t, b, posted(room("r"), int64(i+1), fmt.Sprint(i)))
		e.hearsBody(t, fmt.Sprint(i))
		e.Unfollow(bus.ConversationAddress(room("r")))
	}
}

func signalToUser(t *testing.T, b bus.Bus) {
	bob := listen(t, b, bus.UserAddress(7, "bob"), bus.ConversationAddress(room("end")))
	inRoom := listen(t, b, bus.ConversationAddress(room("r")), bus.ConversationAddress(room("end")))
	sameName := listen(t, b, bus.ConversationAddress(room("bob")), bus.UserAddress(8, "bob"), bus.ConversationAddress(room("end")))
	kick := chat.Signal{Kind: chat.Kicked, Room: room("r"), User: chat.User{ID: "bob"}, ToUser: true}
	mustPublish(t, b, bus.Signal{Signal: kick}, posted(room("end"), 1, "end"))
	if got := bob.hears(t); got != any(kick) {
		t.Errorf("bob heard %+v, want %+v", got, kick)
	}
	for _, e := range []*ear{bob, inRoom, sameName} {
		e.hearsBody(t, "end")
	}
}

func thousandRooms(t *testing.T, b bus.Bus) {
	e := listen(t, b)
	name := func(i int) chat.Room { return room(fmt.Sprintf("room %d ✓ #*.", i)) }
	for i := range 1000 {
		mustFollow(t, e, bus.ConversationAddress(name(i)))
	}
	for i := range 1000 {
		if i%2 == 0 {
			e.Unfollow(bus.ConversationAddress(name(i)))
		}
	}
	for i := range 1000 {
		mustPublish(t, b, posted(name(i), 1, fmt.Sprint(i)))
	}
	heard := make(map[string]bool)
	for range 500 {
		event, ok := e.hears(t).(chat.Event)
		if !ok {
			t.Fatal("five hundred events were too many")
		}
		heard[event.Message.Body] = true
	}
	for i := range 1000 {
		if heard[fmt.Sprint(i)] != (i%2 == 1) {
			t.Errorf("room %d heard: %v", i, heard[fmt.Sprint(i)])
		}
	}
}

func handlerMayAct(t *testing.T, b bus.Bus) {
	var s bus.Subscription
	ready, heard := make(chan struct{}), make(chan string, 10)
	s, err := b.Subscribe(bus.Handler{Event: func(e chat.Event) {
		<-ready
		heard <- e.Message.Body
		if e.Message.Body != "ask" {
			return
		}
		s.Unfollow(bus.ConversationAddress(room("question")))
		if err := s.Follow(context.Background(), bus.ConversationAddress(room("answer"))); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"question", "answer"} {
			if err := b.Publish(context.Background(), posted(room(name), 1, name)); err != nil {
				t.Error(err)
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	mustFollow(t, s, bus.ConversationAddress(room("question")))
	mustPublish(t, b, posted(room("question"), 1, "ask"))
	for _, want := range []string{"ask", "answer"} {
		if got := receive(t, heard, want); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

func lateComerAsks(t *testing.T, b bus.Bus) {
	app := chat.App{ID: 7, Name: "Shop", Revision: 5}
	mustPublish(t, b, bus.Settings{App: app}) // nobody is there yet
	mustWork(t, b, bus.KindSettingsRequest, func(ctx context.Context, m bus.Message) error {
		if node := m.(bus.SettingsRequest).Node; node != "late" {
			t.Errorf("%q asked for the settings, want late", node)
		}
		return b.Publish(ctx, bus.Settings{App: app})
	})
	e := listen(t, b)
	mustSucceed(t, publishing(t, b, bus.SettingsRequest{Node: "late"}))
	if got, ok := e.hears(t).(chat.App); !ok || got.Revision != 5 {
		t.Errorf("got %+v, want the shop's settings", got)
	}
}
