package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"planga/chat"
	"planga/store/sqlite"
)

// longest is how long a child posts at most before it is killed, counted from its first acknowledgement.
const longest = 400 * time.Millisecond

// killAgainAndAgain starts and kills children on one data directory and checks what is left each time. It returns how
// many messages were acknowledged.
func killAgainAndAgain(dir string, kills int) (int, error) {
	var acked []ack
	next := make([]int, senders)
	for round := 1; round <= kills; round++ {
		fresh, err := killOne(dir, next)
		if err != nil {
			return 0, fmt.Errorf("kill %d: %w", round, err)
		}
		if len(fresh) == 0 {
			return 0, fmt.Errorf("kill %d: the child died without an acknowledgement", round)
		}
		acked = append(acked, fresh...)
		for _, a := range fresh {
			next[a.sender] = max(next[a.sender], a.number) // the next child repeats it
		}
		if err := checkAll(dir, acked); err != nil {
			return 0, fmt.Errorf("kill %d: %w", round, err)
		}
	}
	return len(acked), nil
}

// killOne runs a child, kills it at a random moment after its first acknowledgement, and returns what it was told.
func killOne(dir string, next []int) ([]ack, error) {
	var from []string
	for _, n := range next {
		from = append(from, strconv.Itoa(n))
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.Command(self, "-child", "-data", dir, "-from", strings.Join(from, ","))
	child.Env = append(os.Environ(), asChild+"=1")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	acked, err := listen(bufio.NewScanner(out), func() {
		time.AfterFunc(rand.N(longest), func() { child.Process.Kill() })
	})
	child.Wait() // it was killed: the error says so
	return acked, err
}

// asChild is set in the environment of a child, so that a test binary knows that it is one.
const asChild = "PLANGA_CRASH_CHILD"

// listen reads acknowledgements until the child is gone; a last line that was cut short was not heard. begun is called
// with the first.
func listen(lines *bufio.Scanner, begun func()) (acked []ack, err error) {
	lines.Split(wholeLines)
	for lines.Scan() {
		a, err := parseAck(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("the child said %q: %w", lines.Text(), err)
		}
		if acked = append(acked, a); len(acked) == 1 {
			begun()
		}
	}
	return acked, lines.Err()
}

// wholeLines is [bufio.ScanLines] without a last line that does not end.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	advance, token, err := bufio.ScanLines(data, false)
	if atEOF && advance == 0 {
		return len(data), nil, err
	}
	return advance, token, err
}

// checkAll opens the data and checks every room.
func checkAll(dir string, acked []ack) (err error) {
	store, err := sqlite.OpenChat(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for r := range rooms {
		k, err := load(store, r)
		if err != nil {
			return err
		}
		var own []ack
		for _, a := range acked {
			if a.room == r {
				own = append(own, a)
			}
		}
		if err := k.check(own); err != nil {
			return fmt.Errorf("room %d: %w", r, err)
		}
	}
	return nil
}

// load reads all of a room.
func load(store *sqlite.Chat, r int) (k kept, err error) {
	for after, more := int64(0), true; more; after = int64(len(k.messages)) {
		p, err := store.Read(context.Background(), room(r), chat.Query{AfterSeq: &after, Limit: chat.MaxPage})
		if err != nil {
			return k, err
		}
		k.rev, k.head, more = p.Conversation.Rev, p.Conversation.HeadSeq, p.More
		k.first = senders // everybody took one rev when they entered
		for _, m := range p.Messages {
			a := ack{room: r, seq: m.Seq, rev: m.Rev}
			if _, err := fmt.Sscanf(m.Body, "message %d of sender %d", &a.number, &a.sender); err != nil {
				return k, fmt.Errorf("message %q: %w", m.Body, err)
			}
			k.messages = append(k.messages, a)
		}
	}
	return k, nil
}
