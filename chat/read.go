package chat

import "context"

// MarkRead says that the user has read everything up to seq. Marks never go back, and one beyond the newest message
// counts as that; a negative one is [Invalid]. It returns where the mark stands.
func (s *Service) MarkRead(ctx context.Context, r Room, by UserID, seq int64) (int64, error) {
	if seq < 0 {
		return 0, Errorf(Invalid, "The seq must not be negative.")
	}
	at, moved, err := s.Conversations.MarkRead(ctx, r, by, seq)
	if CodeOf(err) == NotFound {
		return 0, Errorf(Forbidden, "You do not belong to this conversation.")
	}
	if err == nil && moved {
		s.publish(ctx, Event{Room: r, Kind: MessageRead, Participant: &Participant{User: User{ID: by}, ReadSeq: at}})
	}
	return at, err
}

// Type tells the others that the user is typing. It is a hint: nothing is stored, and a lost one harms nobody. The
// caller throttles it, and calls it only for those who are in the conversation.
func (s *Service) Type(ctx context.Context, r Room, by User) {
	s.signal(ctx, Signal{Kind: Typing, Room: r, User: User{ID: by.ID, Name: by.Name}, At: s.now()})
}
