package chat

import (
	"context"
	"time"
)

// EditWindow is for how long after sending it an author may edit a message, moderators included.
const EditWindow = 24 * time.Hour

// DeleteWindow is for how long after sending it an author may delete a message. Moderators may delete any at any time.
const DeleteWindow = 24 * time.Hour

// Edit gives one's own message another body, and marks it as edited. The same body changes nothing. A message with files may
// do without a body. Errors: those of [CheckBody]; [Banned], [ReadOnly] or [Forbidden] if the user may not write in the room
// now; [NotFound] if there is no such message in it; [Forbidden] if it is somebody else's, the system's, or older than
// [EditWindow]; [Conflict] if it was deleted or is hidden.
//
// Whether the user may write is read just before the message is changed, not in one transaction with it.
func (s *Service) Edit(ctx context.Context, r Room, by UserID, id MessageID, body string) (Message, error) {
	wrong := CheckBody(body)
	if wrong != nil && body != "" {
		return Message{}, wrong
	}
	at := s.now()
	if _, err := s.writer(ctx, r, by, at); err != nil {
		return Message{}, err
	}
	return s.amend(ctx, r, id, s.announce(r.App, OnMessageEdited), func(m *Message) error {
		if err := m.checkEdit(by, at); err != nil {
			return err
		}
		if wrong != nil && len(m.Attachments) == 0 {
			return wrong
		}
		if m.Body != body {
			m.Body, m.EditedAt = body, at
		}
		return nil
	})
}

// checkEdit says why that user may not edit m at that time, if so.
func (m *Message) checkEdit(by UserID, at time.Time) error {
	switch {
	case m.Author.ID != by || m.Kind != Text:
		return Errorf(Forbidden, "You can edit only what you wrote yourself.")
	case at.Sub(m.SentAt) > EditWindow:
		return Errorf(Forbidden, "This message is too old to be edited.")
	}
	return m.checkThere()
}

// checkThere returns [Conflict] if m was deleted or is hidden: then nothing more is done with what it says.
func (m *Message) checkThere() error {
	switch {
	case !m.DeletedAt.IsZero():
		return Errorf(Conflict, "This message was deleted.")
	case !m.HiddenAt.IsZero():
		return Errorf(Conflict, "This message was hidden by a moderator.")
	}
	return nil
}

// Delete takes away what a message holds, for everybody and for good; its place, author and times stay. Deleting what is
// deleted changes nothing. Errors: as for [Service.Edit], but a moderator may delete any message at any time, and what is
// hidden may be deleted.
func (s *Service) Delete(ctx context.Context, r Room, by UserID, id MessageID) (Message, error) {
	at := s.now()
	me, err := s.writer(ctx, r, by, at)
	if err != nil {
		return Message{}, err
	}
	return s.amend(ctx, r, id, s.announce(r.App, OnMessageDeleted), func(m *Message) error {
		if err := m.checkDelete(me, at); err != nil || !m.DeletedAt.IsZero() {
			return err
		}
		m.Body, m.Mentions, m.Attachments, m.Reactions = "", nil, nil, nil
		m.DeletedAt = at
		return nil
	})
}

// checkDelete says why that participant may not delete m at that time, if so.
func (m *Message) checkDelete(by Participant, at time.Time) error {
	switch {
	case by.Role == Moderator:
		return nil
	case m.Author.ID != by.ID || m.Kind != Text:
		return Errorf(Forbidden, "You can delete only what you wrote yourself.")
	case m.DeletedAt.IsZero() && at.Sub(m.SentAt) > DeleteWindow:
		return Errorf(Forbidden, "This message is too old to be deleted.")
	}
	return nil
}

// writer returns the user's place in the room, or says why the user may not write in it at that time.
func (s *Service) writer(ctx context.Context, r Room, by UserID, at time.Time) (Participant, error) {
	p, err := s.participant(ctx, r, by)
	if err != nil {
		return p, err
	}
	heads, err := s.Conversations.Heads(ctx, []Room{r})
	if err != nil {
		return p, err
	}
	for _, c := range heads {
		return p, p.MayWrite(c, at)
	}
	return p, Errorf(NotFound, "There is no such conversation.")
}

// amend changes a message and tells the others.
func (s *Service) amend(ctx context.Context, r Room, id MessageID, t EventType, change func(*Message) error) (Message, error) {
	m, changed, err := s.Conversations.Amend(ctx, r, id, t, change)
	if err == nil && changed {
		s.publish(ctx, Event{Room: r, Kind: MessageChanged, Rev: m.Rev, Message: &m})
	}
	return m, err
}
