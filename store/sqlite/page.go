package sqlite

import (
	"context"
	"slices"

	"planga/chat"
)

// pages are read by ranges of the primary key or of the change index, so their cost does not depend on how much there is.
const (
	selectOlder   = `SELECT ` + messageColumns + fromMessages + `WHERE m.place >= ? AND m.place < ? ORDER BY m.place DESC LIMIT ?`
	selectNewer   = `SELECT ` + messageColumns + fromMessages + `WHERE m.place > ? AND m.place <= ? ORDER BY m.place LIMIT ?`
	selectChanged = `SELECT ` + messageColumns + fromMessages + `WHERE m.change > ? AND m.change <= ? ORDER BY m.change LIMIT ?`

	selectPeopleChanged = `SELECT ` + personColumns + ` FROM participants WHERE conversation = ? AND rev > ? AND rev <= ? ORDER BY rev`
)

// Read returns a page: see [chat.Conversations].
func (c *Chat) Read(ctx context.Context, r chat.Room, q chat.Query) (chat.Page, error) {
	q.Limit = min(max(q.Limit, 1), chat.MaxPage)
	var page chat.Page
	err := c.engine.look(ctx, func(s *snapshot) error {
		in, err := loadRoom(s, r)
		if err != nil {
			return err
		}
		page.Conversation = in.Conversation
		return readPage(s, in, q, &page)
	})
	if err != nil {
		return chat.Page{}, err
	}
	return page, nil
}

func readPage(s *snapshot, in *room, q chat.Query, page *chat.Page) (err error) {
	first, last := place(in.key, 0), place(in.key, maxSeq)
	load := func(text string, from, to int64) error {
		page.Messages, page.More, err = loadPage(s, q, text, from, to, q.Limit+1)
		return err
	}
	switch {
	case q.AfterRev != nil:
		return readChanged(s, in, q, page)
	case q.AfterSeq != nil:
		return load(selectNewer, place(in.key, *q.AfterSeq), last)
	case q.BeforeSeq != nil:
		err = load(selectOlder, first, place(in.key, *q.BeforeSeq))
	default:
		err = load(selectOlder, first, last+1)
		if err == nil && q.People > 0 {
			page.Participants, err = loadPeople(s, selectJoined, in.key, q.People)
		}
	}
	slices.Reverse(page.Messages)
	slices.Reverse(page.Participants)
	return err
}

// readChanged fills the page with what has changed after a rev.
func readChanged(s *snapshot, in *room, q chat.Query, page *chat.Page) (err error) {
	after, upTo := min(max(*q.AfterRev, 0), maxSeq), in.Rev
	page.Messages, page.More, err = loadPage(s, q, selectChanged, place(in.key, after), place(in.key, upTo), q.Limit+1)
	if err != nil {
		return err
	}
	if page.More {
		upTo = page.Messages[len(page.Messages)-1].Rev
	}
	page.Participants, err = loadPeople(s, selectPeopleChanged, in.key, after, upTo)
	return err
}

// loadPage returns up to q.Limit messages within q.MaxBytes, and whether there are more.
func loadPage(v view, q chat.Query, text string, args ...any) (page []chat.Message, more bool, err error) {
	rows, err := v.query(text, args...)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	bytes := 0
	for rows.Next() {
		m, err := scanMessage(rows)
		if err != nil {
			return nil, false, err
		}
		bytes += m.Size()
		if len(page) == q.Limit || len(page) > 0 && q.MaxBytes > 0 && bytes > q.MaxBytes {
			return page, true, nil
		}
		page = append(page, m)
	}
	return page, false, rows.Err()
}
