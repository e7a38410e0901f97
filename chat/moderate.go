package chat

import (
	"context"
	"time"
)

// MaxBan is the longest ban, in minutes: what "for ever" was in 2018, about 701 years.
const MaxBan = 368_640_000

// Hide takes a message out of sight of all but moderators. Hiding what is hidden changes nothing. [Forbidden] unless
// the user moderates the room, [NotFound] if there is no such message in it.
func (s *Service) Hide(ctx context.Context, r Room, by UserID, id MessageID) (Message, error) {
	at := s.now()
	return s.amendAsModerator(ctx, r, by, id, s.announce(r.App, OnMessageHidden), func(m *Message) error {
		if m.HiddenAt.IsZero() {
			m.HiddenAt = at
		}
		return nil
	})
}

// Show undoes [Service.Hide].
func (s *Service) Show(ctx context.Context, r Room, by UserID, id MessageID) (Message, error) {
	return s.amendAsModerator(ctx, r, by, id, "", func(m *Message) error {
		m.HiddenAt = time.Time{}
		return nil
	})
}

// amendAsModerator lets a moderator change a message.
func (s *Service) amendAsModerator(ctx context.Context, r Room, by UserID, id MessageID, t EventType, change func(*Message) error) (Message, error) {
	if err := s.requireModerator(ctx, r, by); err != nil {
		return Message{}, err
	}
	return s.amend(ctx, r, id, t, change)
}

// Ban keeps a participant from posting for so many minutes from now. Moderators cannot be banned ([Forbidden]).
func (s *Service) Ban(ctx context.Context, r Room, by, whom UserID, minutes int64) (Participant, error) {
	if minutes < 1 || minutes > MaxBan {
		return Participant{}, Errorf(Invalid, "The duration must be 1 to %d minutes.", MaxBan)
	}
	// Not a time.Duration: that holds only 292 years.
	now := s.now()
	until := time.UnixMilli(now.UnixMilli() + minutes*60_000).UTC()
	return s.amendBan(ctx, r, by, whom, s.announce(r.App, OnParticipantBanned), func(p *Participant) error {
		if p.Role == Moderator {
			return Errorf(Forbidden, "Moderators cannot be banned.")
		}
		p.BannedUntil = until
		return nil
	})
}

// Unban lets a participant post again. Unbanning who is not banned changes nothing.
func (s *Service) Unban(ctx context.Context, r Room, by, whom UserID) (Participant, error) {
	return s.amendBan(ctx, r, by, whom, s.announce(r.App, OnParticipantUnbanned), func(p *Participant) error {
		p.BannedUntil = time.Time{}
		return nil
	})
}

func (s *Service) amendBan(ctx context.Context, r Room, by, whom UserID, t EventType, change func(*Participant) error) (Participant, error) {
	if err := whom.Check(); err != nil {
		return Participant{}, err
	}
	if err := s.requireModerator(ctx, r, by); err != nil {
		return Participant{}, err
	}
	return s.amendParticipant(ctx, r, whom, t, change)
}

func (s *Service) amendParticipant(ctx context.Context, r Room, whom UserID, t EventType, change func(*Participant) error) (Participant, error) {
	p, changed, err := s.Conversations.AmendParticipant(ctx, r, whom, t, change)
	if err == nil && changed {
		s.tellParticipant(ctx, r, p)
	}
	return p, err
}
