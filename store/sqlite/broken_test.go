package sqlite_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"planga/chat"
	"planga/store/storetest"
)

// spoil is a home of stores that are spoilt in one way.
func spoil(with func(storetest.Store) storetest.Store) func(testing.TB) storetest.Home {
	return func(t testing.TB) storetest.Home {
		home := newHome(t)
		return func() (storetest.Store, error) {
			s, err := home()
			if err != nil {
				return nil, err
			}
			return with(s), nil
		}
	}
}

// losing forgets the newest message as soon as a later page is read.
type losing struct{ storetest.Store }

func (s losing) Read(ctx context.Context, r chat.Room, q chat.Query) (chat.Page, error) {
	p, err := s.Store.Read(ctx, r, q)
	if n := len(p.Messages); n > 1 {
		p.Messages = p.Messages[:n-1]
	}
	return p, err
}

// doubling stores what is repeated a second time.
type doubling struct{ storetest.Store }

func (s doubling) Post(ctx context.Context, d chat.Draft) (chat.Message, bool, error) {
	m, dup, err := s.Store.Post(ctx, d)
	if dup {
		d.ClientID += "'"
		return s.Store.Post(ctx, d)
	}
	return m, dup, err
}

// skipping leaves out the third seq.
type skipping struct{ storetest.Store }

func (s skipping) Post(ctx context.Context, d chat.Draft) (chat.Message, bool, error) {
	m, dup, err := s.Store.Post(ctx, d)
	if m.Seq > 2 {
		m.Seq++
	}
	return m, dup, err
}

func (s skipping) Read(ctx context.Context, r chat.Room, q chat.Query) (chat.Page, error) {
	p, err := s.Store.Read(ctx, r, q)
	for i := range p.Messages {
		if p.Messages[i].Seq > 2 {
			p.Messages[i].Seq++
		}
	}
	return p, err
}

// stale answers a repeat with the message as it was when first posted.
type stale struct {
	storetest.Store
	posted *sync.Map
}

func (s stale) Post(ctx context.Context, d chat.Draft) (chat.Message, bool, error) {
	m, dup, err := s.Store.Post(ctx, d)
	if err == nil {
		first, _ := s.posted.LoadOrStore(m.ID, m)
		m = first.(chat.Message)
	}
	return m, dup, err
}

// leaking keeps the messages of all apps together.
type leaking struct{ storetest.Store }

func (s leaking) Message(ctx context.Context, r chat.Room, id chat.MessageID) (chat.Message, error) {
	m, err := s.Store.Message(ctx, r, id)
	for app := chat.AppID(1); app < 3 && err != nil; app++ {
		r.App = app
		m, err = s.Store.Message(ctx, r, id)
	}
	return m, err
}

// hasty checks what is allowed before it stores, and not while it stores.
type hasty struct{ storetest.Store }

func (s hasty) Post(ctx context.Context, d chat.Draft) (chat.Message, bool, error) {
	p, err := s.Participant(ctx, d.Room, d.Author)
	if err == nil {
		if err := d.Allowed(chat.Conversation{}, p); err != nil {
			return chat.Message{}, false, err // a repeat as well
		}
	}
	return s.Store.Post(ctx, d)
}

// tearing reads the head and the messages one after the other.
type tearing struct{ storetest.Store }

func (s tearing) Read(ctx context.Context, r chat.Room, q chat.Query) (chat.Page, error) {
	first, err := s.Store.Read(ctx, r, chat.Query{Limit: 1})
	if err != nil {
		return first, err
	}
	p, err := s.Store.Read(ctx, r, q)
	p.Conversation = first.Conversation
	return p, err
}

// forgetful loses the outbox when it is closed.
type forgetful struct{ storetest.Store }

func (s forgetful) Close() error {
	ctx := context.Background()
	events, err := s.Waiting(ctx, 1000)
	if err != nil {
		return err
	}
	var ids []string
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	if err := s.Done(ctx, ids); err != nil {
		return err
	}
	return s.Store.Close()
}

// careless takes any revision of an app.
type careless struct{ storetest.Store }

func (s careless) SaveApp(ctx context.Context, a chat.App) error {
	a.Revision = 0
	return s.Store.SaveApp(ctx, a)
}

func TestStoresThatBreakAPromiseAreCaught(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(storetest.Store) storetest.Store
		by    string // one of the promises that must show it
	}{
		"losing the tail":      {func(s storetest.Store) storetest.Store { return losing{s} }, "pages before and after a seq, and the newest"},
		"storing twice":        {func(s storetest.Store) storetest.Store { return doubling{s} }, "a repeat returns the stored message and changes nothing"},
		"leaving a gap":        {func(s storetest.Store) storetest.Store { return skipping{s} }, "64 people at once make no gap and no double in seq and rev"},
		"a stale repeat":       {func(s storetest.Store) storetest.Store { return stale{s, &sync.Map{}} }, "a repeat returns the message as it is now, edited"},
		"leaking between apps": {func(s storetest.Store) storetest.Store { return leaking{s} }, "two apps with the same ids never see each other"},
		"refusing repeats":     {func(s storetest.Store) storetest.Store { return hasty{s} }, "a repeat is answered also when posting is no longer allowed"},
		"torn pages":           {func(s storetest.Store) storetest.Store { return tearing{s} }, "what is read belongs together, whatever is written meanwhile"},
		"a lost outbox":        {func(s storetest.Store) storetest.Store { return forgetful{s} }, "events wait, oldest first, until they are done"},
		"any revision":         {func(s storetest.Store) storetest.Store { return careless{s} }, "an older revision changes nothing, and the same one again neither"},
	} {
		t.Run(name, func(t *testing.T) {
			if broken := storetest.Broken(t, spoil(c.spoil), c.by); !slices.Contains(broken, c.by) {
				t.Errorf("the store passed as one that keeps %q; it was only caught by %q", c.by, broken)
			}
		})
	}
	t.Run("but the store itself is not", func(t *testing.T) {
		if broken := storetest.Broken(t, newHome); len(broken) > 0 {
			t.Errorf("got %q, want nothing broken", broken)
		}
	})
}
