package chat_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"planga/chat"
	"planga/store/sqlite"
)

// memoryOfBus remembers what was published, and fails if it is told to.
type memoryOfBus struct {
	mu      sync.Mutex
	events  []chat.Event
	signals []chat.Signal
	fail    error
}

func (b *memoryOfBus) PublishEvent(_ context.Context, e chat.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
	return b.fail
}

func (b *memoryOfBus) PublishSignal(_ context.Context, s chat.Signal) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signals = append(b.signals, s)
	return b.fail
}

var room = chat.Room{App: 1, Conversation: "bikes"}

// newService returns deeds over a fresh store, in an app where somebody listens to all events.
func newService(t *testing.T) (*chat.Service, *memoryOfBus, *sqlite.Chat) {
	t.Helper()
	store, err := sqlite.OpenChat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	directory := chat.NewDirectory(store)
	if err := directory.Apply(t.Context(), chat.App{ID: 1, Revision: 1, Events: []chat.EventType{
		chat.OnMessageCreated, chat.OnMessageHidden, chat.OnParticipantBanned}}); err != nil {
		t.Fatal(err)
	}
	bus := new(memoryOfBus)
	return &chat.Service{Conversations: store, Publisher: bus, Apps: directory, Now: time.Now,
		Statistics: chat.NewCollector("node", time.Now), Log: slog.New(slog.DiscardHandler)}, bus, store
}

func visitor(id chat.UserID, role *chat.Role) chat.Identity {
	return chat.Identity{App: 1, User: chat.User{ID: id, Name: "The " + string(id)}, Role: role,
		Conversations: []chat.ConversationID{room.Conversation}}
}

func enter(t *testing.T, s *chat.Service, who chat.Identity) chat.Entered {
	t.Helper()
	in, err := s.Enter(t.Context(), who, room.Conversation)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func post(t *testing.T, s *chat.Service, by chat.UserID, id chat.ClientID) chat.Message {
	t.Helper()
	m, _, err := s.Post(t.Context(), room, by, chat.NewMessage{ClientID: id, Body: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPublishingNeverFailsADeed(t *testing.T) {
	s, bus, _ := newService(t)
	bus.fail = errors.New("the broker is away")
	moderator := chat.Moderator
	enter(t, s, visitor("mia", &moderator))
	m := post(t, s, "mia", "c1")
	if _, err := s.Hide(t.Context(), room, "mia", m.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.MarkRead(t.Context(), room, "mia", 1); err != nil {
		t.Error(err)
	}
	if len(bus.events) < 3 {
		t.Errorf("%d events were published, want one for each deed", len(bus.events))
	}
}

func TestARepeatIsNotPublishedAgain(t *testing.T) {
	s, bus, _ := newService(t)
	enter(t, s, visitor("ann", nil))
	post(t, s, "ann", "c1")
	before := len(bus.events)
	_, dup, err := s.Post(t.Context(), room, "ann", chat.NewMessage{ClientID: "c1", Body: "hello"})
	if err != nil || !dup {
		t.Errorf("got dup %v, error %v", dup, err)
	}
	if len(bus.events) != before {
		t.Errorf("got %d events more", len(bus.events)-before)
	}
}

func TestWhoIsBroughtInIsInvited(t *testing.T) {
	s, bus, _ := newService(t)
	ann := visitor("ann", nil)
	ann.Others = []chat.User{{ID: "bob", Name: "Bob"}}
	enter(t, s, ann)
	enter(t, s, ann)
	invited := map[chat.UserID]int{}
	for _, g := range bus.signals {
		if g.Kind == chat.Invited && g.ToUser {
			invited[g.User.ID]++
		}
	}
	if len(invited) != 2 || invited["ann"] != 1 || invited["bob"] != 1 {
		t.Errorf("got %v, want ann and bob, once", invited)
	}
}

func TestARoleCountsOnlyWhereTheCredentialAdmits(t *testing.T) {
	s, _, _ := newService(t)
	enter(t, s, visitor("ann", nil))
	moderator := chat.Moderator
	elsewhere := visitor("ann", &moderator)
	elsewhere.Conversations = []chat.ConversationID{"cars"}
	if in := enter(t, s, elsewhere); in.Participant.Role != chat.Member {
		t.Errorf("got role %q in a conversation that the credential does not name", in.Participant.Role)
	}
}

func TestSetRole(t *testing.T) {
	s, bus, _ := newService(t)
	enter(t, s, visitor("ann", nil))
	p, err := s.SetRole(t.Context(), room, "ann", chat.Moderator)
	if err != nil || p.Role != chat.Moderator {
		t.Fatalf("got role %q, error %v", p.Role, err)
	}
	last := bus.events[len(bus.events)-1]
	if last.Kind != chat.ParticipantChanged || last.Rev != p.Rev || last.Participant.Role != chat.Moderator {
		t.Errorf("got event %+v", last)
	}
	if _, err := s.SetRole(t.Context(), room, "ann", "king"); chat.CodeOf(err) != chat.Invalid {
		t.Errorf("an unknown role: got %v", err)
	}
	if _, err := s.SetRole(t.Context(), room, "nobody", chat.Reader); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("somebody unknown: got %v", err)
	}
}

// clumsySender takes nothing at first, and then says so after having taken it.
type clumsySender struct {
	mu    sync.Mutex
	tries int
	got   map[string]int
	all   chan struct{} // closed when want have come
	want  int
}

func (c *clumsySender) SendOutgoing(_ context.Context, o chat.Outgoing) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tries++; c.tries == 1 {
		return errors.New("the bus is away")
	}
	c.got[o.ID]++
	if len(c.got) == c.want && c.got[o.ID] == 1 {
		close(c.all)
	}
	if c.tries == 3 {
		return errors.New("taken, but the answer was lost")
	}
	return nil
}

func (c *clumsySender) SendStatistics(context.Context, chat.Statistics) error { return nil }

func TestTheOutboxIsRelayedAtLeastOnce(t *testing.T) {
	s, _, store := newService(t)
	enter(t, s, visitor("ann", nil))
	const messages = 250 // more than one batch
	for i := range messages {
		post(t, s, "ann", chat.ClientID(time.Duration(i).String()))
	}
	to := &clumsySender{got: map[string]int{}, all: make(chan struct{}), want: messages}
	ctx, cancel := context.WithCancel(t.Context())
	var relay sync.WaitGroup
	relay.Go(func() { chat.RelayOutbox(ctx, store, to, slog.New(slog.DiscardHandler)) })
	select {
	case <-to.all:
	case <-time.After(10 * time.Second):
		t.Errorf("only %d of %d events came", len(to.got), messages)
	}
	cancel()
	relay.Wait()
	again := 0
	for _, n := range to.got {
		again += n - 1
	}
	if again != 1 {
		t.Errorf("%d events came again, want the one whose answer was lost", again)
	}
}
