package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"planga/chat"
	"planga/store/sqlite"
)

// auditor reads one conversation as a moderator who says nothing, over a connection of its own that no proxy disturbs.
type auditor struct {
	socket *socket
	topic  string
	refs   int
}

const auditorName = "auditor"

func newAuditor(ctx context.Context, address string, a site, room chat.Room) (*auditor, page, error) {
	role := chat.Moderator
	claims := chat.Claims{User: chat.User{ID: auditorName}, Role: &role, Conversations: []chat.ConversationID{room.Conversation}}
	token, err := chat.Mint(a.key, claims, tokenMinutes*time.Minute)
	if err != nil {
		return nil, page{}, err
	}
	s, err := dial(ctx, address, token, nil)
	if err != nil {
		return nil, page{}, fmt.Errorf("the auditor cannot connect: %w", err)
	}
	u := &auditor{socket: s, topic: "conversation:" + string(room.Conversation)}
	p, err := u.ask(ctx, "phx_join", map[string]any{"last_rev": nil})
	if err != nil {
		s.close()
	}
	return u, p, err
}

// ask waits for the answer to an event.
func (u *auditor) ask(ctx context.Context, event string, payload any) (p page, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	u.refs++
	ref := strconv.Itoa(u.refs)
	f := frame{joinRef: "1", ref: ref, topic: u.topic, event: event, payload: asJSON(payload)}
	if err := u.socket.write(ctx, f); err != nil {
		return p, fmt.Errorf("the auditor cannot write: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return p, fmt.Errorf("the auditor waits for %s: %w", event, ctx.Err())
		case f, ok := <-u.socket.frames:
			if !ok {
				return p, fmt.Errorf("the auditor's connection ended: %w", u.socket.err)
			}
			if f.ref != ref || f.event != "phx_reply" {
				continue
			}
			r, err := read[reply](f.payload)
			if err == nil && r.Status != "ok" {
				err = fmt.Errorf("the auditor was refused %s: %s", event, r.Response)
			}
			if err != nil {
				return p, err
			}
			return read[page](r.Response)
		}
	}
}

// audit reads everything over a fresh connection.
func audit(ctx context.Context, address string, a site, room chat.Room) (k kept, err error) {
	u, joined, err := newAuditor(ctx, address, a, room)
	if err != nil {
		return k, err
	}
	defer u.socket.close()
	k = kept{epoch: joined.Epoch, rev: joined.Rev, head: joined.HeadSeq, people: map[string]person{}}
	for _, p := range joined.Participants {
		k.people[p.User.ID] = p
	}
	for after, more := int64(0), true; more; {
		p, err := u.ask(ctx, "history", map[string]any{"after_seq": after, "limit": 200})
		if err != nil {
			return k, err
		}
		if p.Rev != k.rev {
			return k, fmt.Errorf("store: the conversation went from rev %d to rev %d though nobody did anything", k.rev, p.Rev)
		}
		if more = p.More; more && len(p.Messages) == 0 {
			return k, errors.New("store: an empty page says that there is more")
		}
		k.messages = append(k.messages, p.Messages...)
		if len(p.Messages) > 0 {
			after = p.Messages[len(p.Messages)-1].Seq
		}
	}
	return k, nil
}

// readDisk reads everything from the database of a server that has stopped.
func readDisk(ctx context.Context, data string, rooms []chat.Room) (all map[chat.Room]kept, err error) {
	store, err := sqlite.OpenChat(data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	all = map[chat.Room]kept{}
	for _, room := range rooms {
		if all[room], err = readRoom(ctx, store, room); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readRoom(ctx context.Context, store *sqlite.Chat, room chat.Room) (k kept, err error) {
	k.people = map[string]person{}
	people, err := store.Participants(ctx, room, 10_000)
	if err != nil {
		return k, err
	}
	for _, p := range people {
		k.people[string(p.ID)] = person{
			User: wireID{string(p.ID)}, Role: string(p.Role), BannedUntil: onWire(p.BannedUntil), ReadSeq: p.ReadSeq, Rev: p.Rev,
		}
	}
	for after, more := int64(0), true; more; after = int64(len(k.messages)) {
		p, err := store.Read(ctx, room, chat.Query{AfterSeq: &after, Limit: chat.MaxPage})
		if err != nil {
			return k, err
		}
		k.epoch, k.rev, k.head, more = p.Conversation.Epoch, p.Conversation.Rev, p.Conversation.HeadSeq, p.More
		for _, m := range p.Messages {
			k.messages = append(k.messages, message{
				ID: string(m.ID), Seq: m.Seq, Rev: m.Rev, ClientID: string(m.ClientID), Author: wireID{string(m.Author.ID)},
				Body: m.Body, Reactions: reactionsOf(m.Reactions), Hidden: !m.HiddenAt.IsZero(),
				SentAt: onWire(m.SentAt), EditedAt: onWire(m.EditedAt), DeletedAt: onWire(m.DeletedAt),
			})
		}
	}
	return k, nil
}

// onWire is how the wire writes a time.
func onWire(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
