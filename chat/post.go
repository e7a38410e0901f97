package chat

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMentions is how many people one message may mention.
const MaxMentions = 50

// NewMessage is what a client wants to say.
type NewMessage struct {
	ClientID    ClientID
	Body        string    // may be empty if there are attachments
	ReplyTo     MessageID // "" if it is no reply
	Mentions    []UserID  // those who do not belong to the conversation are left out
	Attachments []string  // ids of files that the author has uploaded
}

// Post says something in a conversation. When it returns without error, the message is on disk. Repeating it with the
// same client id is always safe: dup then tells that the message was there already. Errors: [Invalid] and [TooLong] for
// what it holds, [NotFound] if a file is not there, and those of [Conversations].Post.
func (s *Service) Post(ctx context.Context, r Room, by UserID, n NewMessage) (m Message, dup bool, err error) {
	if err := n.check(); err != nil {
		return Message{}, false, err
	}
	began := s.Now()
	attachments, flaw := s.Uploads.ResolveAttachments(ctx, r.App, by, n.Attachments)
	if flaw != nil && CodeOf(flaw) != NotFound {
		return Message{}, false, flaw
	}
	mentions, err := s.mentioned(ctx, r, n.Mentions)
	if err != nil {
		return Message{}, false, err
	}
	m, dup, err = s.Conversations.Post(ctx, Draft{
		Room: r, ID: NewMessageID(), ClientID: n.ClientID, Author: by, Kind: Text, Body: n.Body,
		ReplyTo: n.ReplyTo, Mentions: mentions, Attachments: attachments, Flaw: flaw,
		SentAt: s.now(), Announce: s.announce(r.App, OnMessageCreated),
	})
	if err != nil || dup {
		return m, dup, err
	}
	s.Statistics.Posted(r, by, len(n.Body), s.Now().Sub(began))
	s.publish(ctx, Event{Room: r, Kind: MessagePosted, Rev: m.Rev, Message: &m})
	return m, false, nil
}

// mentioned returns those of the users who belong to the conversation, each once. A name too many must not cost the message.
func (s *Service) mentioned(ctx context.Context, r Room, users []UserID) (there []UserID, err error) {
	for i, u := range users {
		if slices.Contains(users[:i], u) {
			continue
		}
		switch _, err := s.Conversations.Participant(ctx, r, u); CodeOf(err) {
		case "":
			there = append(there, u)
		case NotFound:
		default:
			return nil, err
		}
	}
	return there, nil
}

func (n NewMessage) check() error {
	if err := n.ClientID.Check(); err != nil {
		return err
	}
	if len(n.ReplyTo) > 64 {
		return Errorf(Invalid, "The reply_to is not a message id.")
	}
	if len(n.Mentions) > MaxMentions {
		return Errorf(Invalid, "A message may mention at most %d people.", MaxMentions)
	}
	for _, u := range n.Mentions {
		if err := u.Check(); err != nil {
			return err
		}
	}
	if n.Body == "" && len(n.Attachments) > 0 {
		return nil
	}
	return CheckBody(n.Body)
}

// CheckBody returns an error unless body may be a message: [TooLong] beyond [MaxBody] code points, [Invalid] for text that
// is not UTF-8, holds a NUL, or shows nothing.
func CheckBody(body string) error {
	switch {
	case !utf8.ValidString(body):
		return Errorf(Invalid, "The message is not valid UTF-8.")
	case utf8.RuneCountInString(body) > MaxBody:
		return Errorf(TooLong, "The message is longer than %d characters.", MaxBody)
	case strings.IndexByte(body, 0) >= 0:
		return Errorf(Invalid, "The message holds a NUL character.")
	case !strings.ContainsFunc(body, visible):
		return Errorf(Invalid, "The message is empty.")
	}
	return nil
}

// visible reports whether r alone makes a message worth sending: no space, no control or format character.
func visible(r rune) bool {
	return !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r)
}
