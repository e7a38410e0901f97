package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"planga/chat"
	"planga/store/sqlite"
)

// The people who post, and the rooms they post in, each in all of them by turns.
const (
	senders = 24
	rooms   = 3
)

func room(i int) chat.Room {
	return chat.Room{App: 1, Conversation: chat.ConversationID(fmt.Sprint("room ", i))}
}

func sender(i int) chat.UserID { return chat.UserID(fmt.Sprint("sender ", i)) }

// post posts for ever, each sender counting from their number in from, and writes a line to acks for every acknowledgement.
func post(dir string, from []string, acks io.Writer) error {
	if len(from) != senders {
		return fmt.Errorf("got %d first numbers, want %d", len(from), senders)
	}
	store, err := sqlite.OpenChat(dir)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := enter(store); err != nil {
		return err
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	failures := make([]error, senders)
	for i := range senders {
		first, err := strconv.Atoi(from[i])
		if err != nil {
			return err
		}
		group.Go(func() {
			for n := first; failures[i] == nil; n++ {
				var a ack
				if a, failures[i] = postOne(store, i, n); failures[i] == nil {
					mu.Lock()
					_, failures[i] = fmt.Fprintln(acks, a)
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return fmt.Errorf("posting ended: %v", failures)
}

func enter(store *sqlite.Chat) error {
	for r := range rooms {
		e := chat.Entry{Room: room(r), User: chat.User{ID: sender(0)}, Admit: true, At: time.Now()}
		for i := range senders {
			e.Others = append(e.Others, chat.User{ID: sender(i)})
		}
		if _, err := store.Enter(context.Background(), e); err != nil {
			return err
		}
	}
	return nil
}

func postOne(store *sqlite.Chat, who, n int) (ack, error) {
	d := chat.Draft{
		Room: room((who + n) % rooms), ID: chat.NewMessageID(), ClientID: chat.ClientID(strconv.Itoa(n)), Author: sender(who),
		Kind: chat.Text, Body: fmt.Sprintf("message %d of sender %d", n, who), SentAt: time.Now(),
	}
	m, _, err := store.Post(context.Background(), d)
	return ack{room: (who + n) % rooms, sender: who, number: n, seq: m.Seq, rev: m.Rev}, err
}
