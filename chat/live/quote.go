package live

import (
	"context"
	"encoding/json"

	"planga/chat"
)

type wireQuote struct {
	ID          chat.MessageID `json:"id"`
	Seq         int64          `json:"seq"`
	Rev         int64          `json:"rev"`
	Author      wireUser       `json:"author"`
	Body        string         `json:"body"`        // the beginning
	Attachments int            `json:"attachments"` // how many
	Deleted     bool           `json:"deleted"`
	Hidden      bool           `json:"hidden"`
}

func quoteOnWire(q chat.Quote) wireQuote {
	return wireQuote{ID: q.ID, Seq: q.Seq, Rev: q.Rev, Author: userOnWire(q.Author), Body: q.Body, Attachments: q.Files,
		Deleted: q.Deleted, Hidden: q.Hidden}
}

// quotesOnWire quotes messages to somebody with that role.
func quotesOnWire(ms []chat.Message, viewer chat.Role) []wireQuote {
	all := make([]wireQuote, len(ms))
	for i, m := range ms {
		all[i] = quoteOnWire(chat.QuoteFor(m, viewer))
	}
	return all
}

// quotes answers what a client lacks that was told of a reply live: events carry but the id of what they answer, since what is
// told to a room is told without a look into the store.
func (m *member) quotes(ctx context.Context, payload json.RawMessage) (any, error) {
	var p struct {
		IDs []chat.MessageID `json:"ids"`
	}
	if err := decode(payload, &p); err != nil {
		return nil, err
	}
	quotes, err := m.session.server.service.Quotes(ctx, m.room.id, m.user, p.IDs)
	if err != nil {
		return nil, err
	}
	all := make([]wireQuote, len(quotes))
	for i, q := range quotes {
		all[i] = quoteOnWire(q)
	}
	return map[string][]wireQuote{"quotes": all}, nil
}
