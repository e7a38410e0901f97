package sqlite

import (
	"planga/chat"
)

// Chat keeps the chat's data in chat.db. It is what package chat asks for as [chat.Conversations], [chat.Outbox] and
// [chat.Apps]. All methods may be called at once from many goroutines.
type Chat struct {
	engine *engine
	sealer *sealer
	rooms  *rooms
	ready  chan struct{} // capacity 1: a token waits when the outbox may have something
}

// maxRemembered is how many rooms and participants the committer remembers: some 6 MiB.
const maxRemembered = 16384

var (
	_ chat.Conversations = (*Chat)(nil)
	_ chat.Outbox        = (*Chat)(nil)
	_ chat.Apps          = (*Chat)(nil)
)

// OpenChat opens chat.db in the data directory, creating the directory, the master key and the database on the first
// run and migrating an older database. It does not take the directory's [Lock]. The error is a sentence for the operator.
func OpenChat(dir string) (*Chat, error) {
	if err := prepareDir(dir); err != nil {
		return nil, err
	}
	sealer, err := openSealer(dir)
	if err != nil {
		return nil, err
	}
	rooms := newRooms(maxRemembered)
	e, err := openEngineWith(dir, chatSchema, rooms)
	if err != nil {
		return nil, err
	}
	c := &Chat{engine: e, sealer: sealer, rooms: rooms, ready: make(chan struct{}, 1)}
	c.nudge() // something may have been left from before
	return c, nil
}

// Close answers what is still waiting to be written and closes the database. Safe to call twice.
func (c *Chat) Close() error { return c.engine.close() }

// Healthy returns nil if writes can be expected to succeed, else why they cannot. The store recovers by itself.
func (c *Chat) Healthy() error { return c.engine.healthy() }
