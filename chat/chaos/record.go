package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"planga/chat"
)

// record is what is known of one conversation from everything that anybody sent, was answered or was shown. It is pure: its
// methods return an error where what they are told contradicts the contract or what was told before.
type record struct {
	letters map[letterName]*letterFate
	facts   map[int64]fact   // by rev
	posts   map[int64]string // who posted, by rev, as far as it was acknowledged
	marks   map[string]int64
	// unanswered counts the deeds whose rev nobody was told.
	unanswered int
}

// letterName is what a message is known by for ever.
type letterName struct{ author, clientID string }

// letterFate is what became of a message that somebody sent.
type letterFate struct {
	texts  map[string]int // what it may read, with the place of each: it is edited only forward
	id     string         // "" until it is known
	seq    int64
	sentAt string
	acked  bool
	first  bool // somebody was told that it is new
}

// fact is what happened at one rev, as far as it is known: whom it was about, and how that was afterwards. "" and 0 are unknown.
type fact struct {
	subject         string
	state           string // of a participant
	mute            bool   // a participant who may not post
	hidden, deleted string // of a message
	edited          string
	text            int
	reactions       string
}

func newRecord() *record {
	return &record{letters: map[letterName]*letterFate{}, facts: map[int64]fact{}, posts: map[int64]string{}, marks: map[string]int64{}}
}

// sends notes a message before it is sent for the first time.
func (r *record) sends(author, clientID, body string) {
	r.letters[letterName{author, clientID}] = &letterFate{texts: map[string]int{body: 1}}
}

// edits notes another text of a message before it is sent, and returns its place.
func (r *record) edits(author, clientID, body string) (text int) {
	l := r.letters[letterName{author, clientID}]
	l.texts[body] = len(l.texts) + 1
	return l.texts[body]
}

// answered takes in the answer to a post: every repeat must be told the same.
func (r *record) answered(author, clientID string, a ack) error {
	l := r.letters[letterName{author, clientID}]
	if l == nil {
		return fmt.Errorf("foreign: an answer to %s of %s, which was never sent here", clientID, author)
	}
	if err := l.is(clientID, a.ID, a.Seq, a.SentAt); err != nil {
		return fmt.Errorf("repeat: %w", err)
	}
	if !a.Dup && l.first {
		return fmt.Errorf("repeat: %s of %s was twice answered as new", clientID, author)
	}
	l.acked = true
	r.marks[author] = max(r.marks[author], a.Seq)
	if a.Dup {
		return nil // its rev is that of its last change
	}
	l.first = true
	r.posts[a.Rev] = author
	return r.happened(a.Rev, fact{subject: "message " + a.ID, hidden: "no", deleted: "no", edited: "never", text: 1, reactions: "none"})
}

// is makes sure that a message keeps its name, its place and its time.
func (l *letterFate) is(clientID, id string, seq int64, sentAt string) error {
	if l.id == "" {
		l.id, l.seq, l.sentAt = id, seq, sentAt
	}
	if l.id != id || l.seq != seq || l.sentAt != sentAt {
		return fmt.Errorf("%s was message %s at seq %d of %s and is now %s at seq %d of %s", clientID, l.id, l.seq, l.sentAt, id, seq, sentAt)
	}
	return nil
}

// saw takes in a message as it was shown to somebody.
func (r *record) saw(m message, moderator bool) error {
	l := r.letters[letterName{m.Author.ID, m.ClientID}]
	if l == nil {
		return fmt.Errorf("foreign: message %s (%q) of %s with client id %s was never sent here", m.ID, m.Body, m.Author.ID, m.ClientID)
	}
	f := fact{subject: "message " + m.ID, hidden: yes(m.Hidden), deleted: yes(m.DeletedAt != ""), edited: cmp.Or(m.EditedAt, "never")}
	blank := m.DeletedAt != "" || m.Hidden && !moderator
	if !blank {
		f.text, f.reactions = l.texts[m.Body], cmp.Or(string(m.Reactions), "none")
	}
	if blank && (m.Body != "" || m.Reactions != "") || !blank && f.text == 0 {
		return fmt.Errorf("content: message %s at rev %d, hidden %v, deleted %v, shown to a moderator %v, reads %.60q with reactions %s",
			m.ID, m.Rev, m.Hidden, m.DeletedAt != "", moderator, m.Body, m.Reactions)
	}
	if err := l.is(m.ClientID, m.ID, m.Seq, m.SentAt); err != nil {
		return fmt.Errorf("doubled: %w", err)
	}
	return r.happened(m.Rev, f)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// sawPerson takes in a participant as they were shown to somebody.
func (r *record) sawPerson(p person) error {
	return r.happened(p.Rev, fact{
		subject: participant(p.User.ID), state: p.Role + ", banned until " + p.BannedUntil,
		mute: p.BannedUntil != "" || p.Role == string(chat.Reader), // bans last longer than rounds
	})
}

func participant(user string) string { return "participant " + user }

// muted makes sure that nobody posted while they were banned or a reader, as far as every rev in between is known.
func (r *record) muted() error {
	mute := map[string]int64{} // since which rev
	for _, rev := range slices.Sorted(maps.Keys(r.facts)) {
		if _, ok := r.facts[rev-1]; !ok {
			clear(mute) // it may have been anybody's change
		}
		f := r.facts[rev]
		if delete(mute, f.subject); f.mute {
			mute[f.subject] = rev
		}
		if since, ok := mute[participant(r.posts[rev])]; ok {
			return fmt.Errorf("ban: %s posted at rev %d, having been banned or a reader since rev %d", r.posts[rev], rev, since)
		}
	}
	return nil
}

// happened makes sure that each rev is one change, the same for everybody.
func (r *record) happened(rev int64, f fact) error {
	if rev < 1 {
		return fmt.Errorf("order: %s has rev %d", f.subject, rev)
	}
	known, ok := r.facts[rev]
	if ok && !known.fits(f) {
		return fmt.Errorf("order: rev %d was %+v and is now %+v", rev, known, f)
	}
	if !ok {
		known = f
	}
	known.hidden, known.deleted, known.edited = cmp.Or(known.hidden, f.hidden), cmp.Or(known.deleted, f.deleted), cmp.Or(known.edited, f.edited)
	known.text, known.reactions = cmp.Or(known.text, f.text), cmp.Or(known.reactions, f.reactions)
	r.facts[rev] = known
	return nil
}

// fits reports whether both can be true.
func (f fact) fits(g fact) bool {
	return f.subject == g.subject && f.state == g.state && agree(f.hidden, g.hidden) && agree(f.deleted, g.deleted) &&
		agree(f.edited, g.edited) && agree(f.text, g.text) && agree(f.reactions, g.reactions)
}

func agree[T comparable](a, b T) bool {
	var unknown T
	return a == b || a == unknown || b == unknown
}

// evolves makes sure that no message goes back to an earlier text or comes back after it was deleted.
func (r *record) evolves() error {
	last := map[string]fact{}
	for _, rev := range slices.Sorted(maps.Keys(r.facts)) {
		f, before := r.facts[rev], last[r.facts[rev].subject]
		if f.text > 0 && f.text < before.text || before.deleted == "yes" && f.deleted == "no" {
			return fmt.Errorf("stale: rev %d is %+v, after %+v", rev, f, before)
		}
		f.text, f.deleted = max(f.text, before.text), cmp.Or(f.deleted, before.deleted)
		last[f.subject] = f
	}
	return nil
}

// marked notes a read mark that was acknowledged.
func (r *record) marked(user string, seq int64) { r.marks[user] = max(r.marks[user], seq) }

// standsAt makes sure that a read mark is not before one that was acknowledged earlier.
func (r *record) standsAt(user string, earlier, now int64) error {
	if now < earlier {
		return fmt.Errorf("mark: %s had read up to seq %d, and now only up to %d", user, earlier, now)
	}
	return nil
}
