package sqlite

import (
	"context"

	"planga/chat"
)

// MarkRead moves a read mark forward: see [chat.Conversations].
func (c *Chat) MarkRead(ctx context.Context, r chat.Room, id chat.UserID, seq int64) (int64, bool, error) {
	type mark struct {
		at    int64
		moved bool
	}
	m, err := submit(ctx, c.engine, func(b *batch) (mark, error) {
		in, p, err := c.rooms.find(b, r, id)
		if err != nil {
			return mark{}, err
		}
		to := min(seq, in.HeadSeq)
		if to <= p.ReadSeq {
			return mark{p.ReadSeq, false}, nil
		}
		c.rooms.readTo(in, p, to)
		return mark{to, true}, nil
	})
	return m.at, m.moved, err
}
