package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// kept is a conversation as it is stored, as a moderator may see it.
type kept struct {
	epoch     string
	rev, head int64
	messages  []message // ascending by seq
	people    map[string]person
}

// finalView is what one member has in the end.
type finalView struct {
	who       string
	user      string
	moderator bool
	view      view
	line      line // of the inbox
	diary     []string
}

// evidence is all that is known of a conversation after a round.
type evidence struct {
	record *record
	heard  kept // read back over a fresh connection
	disk   kept // read from the database after the server stopped
	views  []finalView
}

// check holds the evidence against the contract. It returns whose the first violation is, and what it is.
func (e evidence) check() (who string, err error) {
	if err := e.heard.equal(e.disk); err != nil {
		return "history", fmt.Errorf("store: over the wire and in the database: %w", err)
	}
	if err := e.disk.whole(); err != nil {
		return "the store", err
	}
	if err := e.disk.agrees(e.record); err != nil {
		return "the store", err
	}
	for _, v := range e.views {
		if err := v.agrees(e.disk); err != nil {
			return v.who, err
		}
	}
	return "", nil
}

// equal compares what is read on two ways.
func (k kept) equal(other kept) error {
	if k.rev != other.rev || k.head != other.head || k.epoch != other.epoch {
		return fmt.Errorf("rev %d, seq %d, epoch %s against rev %d, seq %d, epoch %s", k.rev, k.head, k.epoch, other.rev, other.head, other.epoch)
	}
	if len(k.messages) != len(other.messages) {
		return fmt.Errorf("%d messages against %d", len(k.messages), len(other.messages))
	}
	for i := range k.messages {
		if k.messages[i] != other.messages[i] {
			return fmt.Errorf("message %+v against %+v", k.messages[i], other.messages[i])
		}
	}
	if !maps.Equal(k.people, other.people) {
		return fmt.Errorf("participants %v against %v", k.people, other.people)
	}
	return nil
}

// whole makes sure that the numbers have neither gaps nor doubles.
func (k kept) whole() error {
	revs := map[int64]string{}
	take := func(rev int64, subject string) error {
		if rev < 1 || rev > k.rev {
			return fmt.Errorf("store: %s has rev %d, but the conversation is at rev %d", subject, rev, k.rev)
		}
		if twin, ok := revs[rev]; ok {
			return fmt.Errorf("store: rev %d belongs to %s and to %s", rev, twin, subject)
		}
		revs[rev] = subject
		return nil
	}
	ids := map[string]int64{}
	for i, m := range k.messages {
		if m.Seq != int64(i+1) {
			return fmt.Errorf("store: the message at place %d has seq %d", i+1, m.Seq)
		}
		if twin, ok := ids[m.ID]; ok {
			return fmt.Errorf("store: message %s is there at seq %d and at seq %d", m.ID, twin, m.Seq)
		}
		ids[m.ID] = m.Seq
		if err := take(m.Rev, "message "+m.ID); err != nil {
			return err
		}
	}
	for _, user := range slices.Sorted(maps.Keys(k.people)) {
		if err := take(k.people[user].Rev, "participant "+user); err != nil {
			return err
		}
	}
	if int64(len(k.messages)) != k.head {
		return fmt.Errorf("store: %d messages, but the head is at seq %d", len(k.messages), k.head)
	}
	return nil
}

// agrees holds what is stored against what everybody sent and was told.
func (k kept) agrees(r *record) error {
	if err := k.agreesWithLetters(r); err != nil {
		return err
	}
	if err := k.agreesWithFacts(r); err != nil {
		return err
	}
	for _, user := range slices.Sorted(maps.Keys(r.marks)) {
		if at := k.people[user].ReadSeq; at < r.marks[user] {
			return fmt.Errorf("mark: %s read up to seq %d, which was acknowledged, but the store says seq %d", user, r.marks[user], at)
		}
	}
	for _, p := range k.people {
		if p.ReadSeq > k.head {
			return fmt.Errorf("mark: %s has read up to seq %d, beyond the head at seq %d", p.User.ID, p.ReadSeq, k.head)
		}
	}
	return nil
}

// agreesWithLetters makes sure that what was acknowledged is there once, that nothing else is, and that each device's messages
// are in the order in which they were written.
func (k kept) agreesWithLetters(r *record) error {
	places := map[letterName]int64{}
	last := map[string]int{}
	for _, m := range k.messages {
		if err := r.saw(m, true); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		name := letterName{m.Author.ID, m.ClientID}
		if twin, ok := places[name]; ok {
			return fmt.Errorf("doubled: %s of %s is stored at seq %d and at seq %d", m.ClientID, m.Author.ID, twin, m.Seq)
		}
		places[name] = m.Seq
		device, number, _ := strings.Cut(m.ClientID, "-")
		n, err := strconv.Atoi(number)
		if err != nil || n <= last[m.Author.ID+" "+device] {
			return fmt.Errorf("order: message %s of %s at seq %d comes after number %d of the same device", m.ClientID, m.Author.ID, m.Seq, last[m.Author.ID+" "+device])
		}
		last[m.Author.ID+" "+device] = n
	}
	for name, l := range r.letters {
		if _, ok := places[name]; !ok && l.acked {
			return fmt.Errorf("lost: message %s of %s was acknowledged at seq %d (%s) and is not stored", name.clientID, name.author, l.seq, l.id)
		}
	}
	return nil
}

// agreesWithFacts makes sure that nothing that was told happened after what is stored, and that every rev is accounted for.
func (k kept) agreesWithFacts(r *record) error {
	final := map[string]int64{}
	for _, m := range k.messages {
		final["message "+m.ID] = m.Rev
	}
	for _, p := range k.people {
		if err := r.sawPerson(p); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		final[participant(p.User.ID)] = p.Rev
	}
	for rev, f := range r.facts {
		if at, ok := final[f.subject]; !ok || at < rev {
			return fmt.Errorf("lost: %v was told at rev %d, but the store has it at rev %d", f, rev, at)
		}
	}
	var unknown []int64
	for rev := int64(1); rev <= k.rev; rev++ {
		if _, ok := r.facts[rev]; !ok {
			unknown = append(unknown, rev)
		}
	}
	if len(unknown) > r.unanswered {
		return fmt.Errorf("order: nothing is known of the revs %d, but only %d deeds went unanswered", unknown, r.unanswered)
	}
	if err := r.evolves(); err != nil {
		return err
	}
	return r.muted()
}

// agrees compares what a member has with what is stored.
func (v finalView) agrees(k kept) error {
	if v.view.epoch != k.epoch {
		return fmt.Errorf("epoch: %s instead of %s", v.view.epoch, k.epoch)
	}
	if v.view.last != k.rev {
		return fmt.Errorf("tail: it ends at rev %d and seq %d, and never learned of rev %d and seq %d", v.view.last, v.view.head, k.rev, k.head)
	}
	for _, want := range k.messages {
		got, ok := v.view.messages[want.Seq]
		if !ok {
			return fmt.Errorf("hole: seq %d (%.60q) is missing in the end", want.Seq, want.Body)
		}
		if want.Hidden && !v.moderator {
			want.Body, want.Reactions = "", ""
		}
		if got != want {
			return fmt.Errorf("stale: seq %d is %+v in the end instead of %+v", want.Seq, got, want)
		}
	}
	if len(v.view.messages) != len(k.messages) {
		return fmt.Errorf("doubled: %d messages in the end instead of %d", len(v.view.messages), len(k.messages))
	}
	for _, user := range slices.Sorted(maps.Keys(k.people)) {
		got, want := v.view.people[user], k.people[user]
		if got.Rev != want.Rev || got.Role != want.Role || got.BannedUntil != want.BannedUntil {
			return fmt.Errorf("stale: participant %+v in the end instead of %+v", got, want)
		}
	}
	return v.agreesOnUnread(k)
}

func (v finalView) agreesOnUnread(k kept) error {
	read := k.people[v.user].ReadSeq
	if v.line.HeadSeq != k.head || v.line.ReadSeq != read || v.line.Unread != k.head-read {
		return fmt.Errorf("unread: the inbox ends with %d unread, head %d, mark %d, but the store has head %d and mark %d",
			v.line.Unread, v.line.HeadSeq, v.line.ReadSeq, k.head, read)
	}
	return nil
}
