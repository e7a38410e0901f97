package chat

import (
	"context"
	"log/slog"
	"time"
)

// AppFinder tells the apps that exist.
type AppFinder interface {
	// App returns the app; false if it is unknown or was deleted.
	App(AppID) (App, bool)
}

// Service does what people do in conversations: enter, post, read, moderate. Every deed keeps one order of effects:
// authorise, validate, store, publish, answer. A deed that is stored has succeeded: publishing never fails it, since
// what the bus loses the store heals. All methods may be called at once from many goroutines.
//
// The fields are set once, before the first deed.
type Service struct {
	Conversations Conversations
	Publisher     Publisher
	Apps          AppFinder
	Statistics    *Collector       // nil collects nothing
	Uploads       *Uploads         // nil takes no files
	Now           func() time.Time // the clock; [time.Now] in production
	Log           *slog.Logger
}

// now is the time of a deed: UTC, cut to the millisecond.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// announce returns t if somebody listens to it, else "", so that nothing is recorded in vain.
func (s *Service) announce(id AppID, t EventType) EventType {
	if app, ok := s.Apps.App(id); ok && app.Listens(t) {
		return t
	}
	return ""
}

// publish tells the other sockets and nodes. The deed is stored by now, so it is told even if its caller is gone.
func (s *Service) publish(ctx context.Context, e Event) {
	if err := s.Publisher.PublishEvent(context.WithoutCancel(ctx), e); err != nil {
		s.Log.Debug("event not published; the store heals it", "room", e.Room.String(), "rev", e.Rev, "error", err)
	}
}

// signal tells something fleeting.
func (s *Service) signal(ctx context.Context, g Signal) {
	if err := s.Publisher.PublishSignal(context.WithoutCancel(ctx), g); err != nil {
		s.Log.Debug("signal not published", "kind", string(g.Kind), "room", g.Room.String(), "error", err)
	}
}

// requireModerator returns [Forbidden] unless the user moderates the room.
func (s *Service) requireModerator(ctx context.Context, r Room, by UserID) error {
	p, err := s.Conversations.Participant(ctx, r, by)
	if CodeOf(err) == NotFound || (err == nil && p.Role != Moderator) {
		return Errorf(Forbidden, "Only moderators may do that.")
	}
	return err
}
