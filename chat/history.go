package chat

import "context"

// History returns an older or newer page of a conversation. The reader must participate in it ([Forbidden] otherwise).
// Limit 0 is the default, and more than [MaxPage] is cut to it; a negative one is [Invalid], as are several places to
// start from.
func (s *Service) History(ctx context.Context, r Room, by UserID, q Query) (Page, error) {
	if q.Limit < 0 {
		return Page{}, Errorf(Invalid, "The limit must not be negative.")
	}
	if err := checkStart(q.BeforeSeq, q.AfterSeq, q.AfterRev); err != nil {
		return Page{}, err
	}
	me, err := s.participant(ctx, r, by)
	if err != nil {
		return Page{}, err
	}
	q.Limit, q.MaxBytes = pageLimit(q.Limit, DefaultPage), MaxPageBytes
	p, err := s.Conversations.Read(ctx, r, q)
	if err != nil {
		return Page{}, err
	}
	if err := s.addQuoted(ctx, r, &p); err != nil {
		return Page{}, err
	}
	MessagesFor(p.Messages, me.Role)
	MessagesFor(p.Quoted, me.Role)
	return p, nil
}

func checkStart(starts ...*int64) error {
	given := 0
	for _, at := range starts {
		if at == nil {
			continue
		}
		if given++; *at < 0 {
			return Errorf(Invalid, "A place to start from must not be negative.")
		}
	}
	if given > 1 {
		return Errorf(Invalid, "Give at most one of before_seq, after_seq and after_rev.")
	}
	return nil
}

// participant returns the user's place in the room, or [Forbidden].
func (s *Service) participant(ctx context.Context, r Room, id UserID) (Participant, error) {
	p, err := s.Conversations.Participant(ctx, r, id)
	if CodeOf(err) == NotFound {
		return p, Errorf(Forbidden, "You do not belong to this conversation.")
	}
	return p, err
}

// Inbox returns the conversations of a user, the most recently changed first, each with its newest message as this user
// may see it.
func (s *Service) Inbox(ctx context.Context, app AppID, by UserID, limit int) ([]Unread, error) {
	lines, err := s.Conversations.Inbox(ctx, app, by, min(limit, MaxPage))
	for i := range lines {
		lines[i].showAs(lines[i].Participant.Role)
	}
	return lines, err
}

// InboxLine returns one conversation of a user's inbox. [Forbidden] if the user does not participate in it.
func (s *Service) InboxLine(ctx context.Context, r Room, by UserID) (Unread, error) {
	me, err := s.participant(ctx, r, by)
	if err != nil {
		return Unread{}, err
	}
	p, err := s.Conversations.Read(ctx, r, Query{Limit: 1})
	if err != nil {
		return Unread{}, err
	}
	u := Unread{Conversation: p.Conversation, Participant: me}
	if len(p.Messages) > 0 {
		u.Last = &p.Messages[len(p.Messages)-1]
	}
	u.showAs(me.Role)
	return u, nil
}

func (u *Unread) showAs(viewer Role) {
	if u.Last != nil {
		m := MessageFor(*u.Last, viewer)
		u.Last = &m
	}
}
