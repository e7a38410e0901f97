package sqlite

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"planga/chat"
)

// record puts an outgoing event into the outbox, in the transaction of what it tells.
func (c *Chat) record(b *batch, o chat.Outgoing) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	o.ID = id.String()
	event, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = b.exec(`INSERT INTO outbox (id, event) VALUES (?, ?)`, o.ID, string(event))
	b.after = append(b.after, c.nudge)
	return err
}

// announceMessage records an event about a message, if somebody listens to it.
func (c *Chat) announceMessage(b *batch, t chat.EventType, at time.Time, r chat.Room, m chat.Message) error {
	if t == "" {
		return nil
	}
	return c.record(b, chat.Outgoing{Type: t, At: at, Room: r, Message: &m})
}

func (c *Chat) announceParticipant(b *batch, t chat.EventType, at time.Time, r chat.Room, p chat.Participant) error {
	if t == "" {
		return nil
	}
	return c.record(b, chat.Outgoing{Type: t, At: at, Room: r, Participant: &p})
}

// nudge puts a token into ready.
func (c *Chat) nudge() {
	select {
	case c.ready <- struct{}{}:
	default: // one waits already
	}
}

// Ready has a value whenever an event may have been recorded since the last Waiting. Never closed.
func (c *Chat) Ready() <-chan struct{} { return c.ready }

// Waiting returns up to limit events, oldest first.
func (c *Chat) Waiting(ctx context.Context, limit int) (events []chat.Outgoing, err error) {
	err = c.engine.look(ctx, func(s *snapshot) error {
		rows, err := s.query(`SELECT event FROM outbox ORDER BY place LIMIT ?`, max(0, limit))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text []byte
			var o chat.Outgoing
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if err := json.Unmarshal(text, &o); err != nil {
				return err
			}
			events = append(events, o)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return events, nil
}

// Done forgets events that have been handed over. Unknown ids are ignored.
func (c *Chat) Done(ctx context.Context, ids []string) error {
	_, err := submit(ctx, c.engine, func(b *batch) (struct{}, error) {
		for _, id := range ids {
			if _, err := b.exec(`DELETE FROM outbox WHERE id = ?`, id); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	return err
}
