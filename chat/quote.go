package chat

import (
	"context"
	"unicode/utf8"
)

// Bounds of quotes.
const (
	MaxQuote  = 200 // code points of a message that its quote shows
	MaxQuotes = 50  // messages that may be asked for at once
)

// Quote is what an answer shows of the message that it answers.
type Quote struct {
	ID      MessageID
	Seq     int64
	Rev     int64 // of the message when it was quoted
	Author  User
	Body    string // at most [MaxQuote] code points; "" if the viewer may not see it
	Files   int    // how many files the message has
	Deleted bool
	Hidden  bool
}

// QuoteFor returns what m's quote shows to somebody with that role.
func QuoteFor(m Message, viewer Role) Quote {
	m = MessageFor(m, viewer)
	return Quote{ID: m.ID, Seq: m.Seq, Rev: m.Rev, Author: m.Author.User, Body: beginning(m.Body, MaxQuote), Files: len(m.Attachments),
		Deleted: !m.DeletedAt.IsZero(), Hidden: !m.HiddenAt.IsZero()}
}

// beginning returns at most so many code points of text, the last of which is an ellipsis if some were left out.
func beginning(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	end := 0
	for range most - 1 {
		_, n := utf8.DecodeRuneInString(text[end:])
		end += n
	}
	return text[:end] + "…"
}

// Quotes returns the quotes of messages, in the order named and each once. Those that are not in the room are left out. The
// reader must participate in it ([Forbidden] otherwise). [Invalid] if more than [MaxQuotes] are named.
func (s *Service) Quotes(ctx context.Context, r Room, by UserID, ids []MessageID) ([]Quote, error) {
	if len(ids) > MaxQuotes {
		return nil, Errorf(Invalid, "At most %d messages can be quoted at once.", MaxQuotes)
	}
	me, err := s.participant(ctx, r, by)
	if err != nil {
		return nil, err
	}
	quoted, err := s.quoted(ctx, r, ids, make(map[MessageID]bool))
	all := make([]Quote, len(quoted))
	for i, m := range quoted {
		all[i] = QuoteFor(m, me.Role)
	}
	return all, err
}

// addQuoted reads the messages that the replies of a page answer and that it does not hold itself. A page without such
// replies costs nothing.
func (s *Service) addQuoted(ctx context.Context, r Room, p *Page) (err error) {
	var ids []MessageID
	for _, m := range p.Messages {
		if m.ReplyTo != "" {
			ids = append(ids, m.ReplyTo)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known := make(map[MessageID]bool, len(p.Messages)+len(ids))
	for _, m := range p.Messages {
		known[m.ID] = true
	}
	p.Quoted, err = s.quoted(ctx, r, ids, known)
	return err
}

// quoted reads messages, except those that are known already.
func (s *Service) quoted(ctx context.Context, r Room, ids []MessageID, known map[MessageID]bool) (all []Message, err error) {
	for _, id := range ids {
		if known[id] {
			continue
		}
		known[id] = true
		m, err := s.Conversations.Message(ctx, r, id)
		if CodeOf(err) == NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}
