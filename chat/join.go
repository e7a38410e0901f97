package chat

import (
	"context"
)

// Bounds of what a join or a history request answers at once.
const (
	DefaultPage     = 50        // messages, where nothing else is asked for
	MaxPageBytes    = 256 << 10 // sizes of messages
	MaxParticipants = 200       // participants told in a join
)

// Enter takes the visitor into a conversation. A credential that names the conversation admits to it, and creates it
// and the participant where they are missing; any other visitor must participate already ([Forbidden] otherwise).
// Whoever is new is told to their other sockets with an [Invited] signal.
//
// A socket first enters, then listens, and then reads with [Service.CatchUp]: in this order nothing falls between
// what was read and what is heard.
func (s *Service) Enter(ctx context.Context, who Identity, id ConversationID) (Entered, error) {
	if err := id.Check(); err != nil {
		return Entered{}, err
	}
	e := s.entry(who, id)
	in, err := s.Conversations.Enter(ctx, e)
	if CodeOf(err) == NotFound {
		return Entered{}, Errorf(Forbidden, "You do not belong to this conversation.")
	}
	if err != nil {
		return Entered{}, err
	}
	for _, p := range in.Changed {
		s.tellParticipant(ctx, e.Room, p)
		if p.JoinedAt.Equal(e.At) {
			s.signal(ctx, Signal{Kind: Invited, Room: e.Room, User: p.User, ToUser: true, At: e.At})
		}
	}
	s.Statistics.Joined(who.App, who.User.ID)
	return in, nil
}

func (s *Service) entry(who Identity, id ConversationID) Entry {
	e := Entry{
		Room: Room{App: who.App, Conversation: id}, User: who.User, Role: who.Role,
		Admit: who.Admits(id), At: s.now(),
		Announce: Announcements{
			Created: s.announce(who.App, OnConversationCreated) != "",
			Joined:  s.announce(who.App, OnParticipantJoined) != "",
		},
	}
	if e.Admit {
		e.Others = who.Others
	} else {
		e.Role = nil // a role in the credential counts only in the conversations that it names
	}
	return e
}

func (s *Service) tellParticipant(ctx context.Context, r Room, p Participant) {
	s.publish(ctx, Event{Room: r, Kind: ParticipantChanged, Rev: p.Rev, Participant: &p})
}

// Seen is what a client says it has already.
type Seen struct {
	Rev   *int64 // of the last change it has; nil if it has nothing
	Epoch string // of the conversation when it saw that; "" is taken as today's
	Limit int    // messages it wants at most; 0 for the default
}

// LacksNothing reports whether the client has all that there is in c.
func (s Seen) LacksNothing(c Conversation) bool {
	return s.Limit >= 0 && s.Rev != nil && *s.Rev == c.Rev && (s.Epoch == "" || s.Epoch == c.Epoch)
}

// CatchUp returns what a client that has seen s lacks: all that changed since, or the newest messages and the
// participants where it has nothing yet. fresh tells the latter. A client whose epoch is another one, or whose rev the
// conversation never had, is answered afresh. The page is bounded by [MaxPage] and [MaxPageBytes].
func (s *Service) CatchUp(ctx context.Context, r Room, epoch string, seen Seen) (p Page, fresh bool, err error) {
	if seen.Limit < 0 {
		return Page{}, false, Errorf(Invalid, "The limit must not be negative.")
	}
	if p, fresh, err = s.catchUp(ctx, r, epoch, seen); err != nil {
		return Page{}, false, err
	}
	err = s.addQuoted(ctx, r, &p)
	return p, fresh, err
}

func (s *Service) catchUp(ctx context.Context, r Room, epoch string, seen Seen) (p Page, fresh bool, err error) {
	known := seen.Rev != nil && *seen.Rev >= 0 && (seen.Epoch == "" || seen.Epoch == epoch)
	if known {
		q := Query{AfterRev: seen.Rev, Limit: pageLimit(seen.Limit, MaxPage), MaxBytes: MaxPageBytes}
		p, err = s.Conversations.Read(ctx, r, q)
		if err != nil || p.Conversation.Rev >= *seen.Rev {
			return p, false, err
		}
	}
	q := Query{Limit: pageLimit(seen.Limit, DefaultPage), MaxBytes: MaxPageBytes, People: MaxParticipants}
	p, err = s.Conversations.Read(ctx, r, q)
	return p, true, err
}

// pageLimit is how many messages to answer when limit are asked for.
func pageLimit(limit, otherwise int) int {
	if limit == 0 {
		return otherwise
	}
	return min(limit, MaxPage)
}
