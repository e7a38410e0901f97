package bus

import (
	"planga/bus/etf"
	"planga/chat"
)

// participant writes the key "participant" and nil, or
//
//	{"banned_until" time, "joined_at" time, "last_seen" time, "read_seq" int, "rev" int, "role" text, "user" user}
func (w *writer) participant(p *chat.Participant) {
	w.key("participant")
	if p == nil {
		w.null()
		return
	}
	w.fields(7)
	w.time("banned_until", p.BannedUntil)
	w.time("joined_at", p.JoinedAt)
	w.time("last_seen", p.LastSeen)
	w.int("read_seq", p.ReadSeq)
	w.int("rev", p.Rev)
	w.text("role", string(p.Role))
	w.user(&p.User)
	if p.ReadSeq < 0 || p.Rev < 0 {
		w.fail("negative seq or rev")
	}
}

func readParticipant(r *etf.Reader) *chat.Participant {
	if r.Null() {
		return nil
	}
	var p chat.Participant
	for key := range r.Map {
		switch key {
		case "banned_until":
			p.BannedUntil = readTime(r)
		case "joined_at":
			p.JoinedAt = readTime(r)
		case "last_seen":
			p.LastSeen = readTime(r)
		case "read_seq":
			p.ReadSeq = readCount(r)
		case "rev":
			p.Rev = readCount(r)
		case "role":
			p.Role = chat.Role(r.Text())
		case "user":
			p.User = readUser(r)
		}
	}
	return &p
}

// user writes the key "user" and {"avatar", "id", "name" text}.
func (w *writer) user(u *chat.User) {
	w.key("user")
	w.fields(3)
	w.text("avatar", u.Avatar)
	w.text("id", string(u.ID))
	w.text("name", u.Name)
}

func readUser(r *etf.Reader) chat.User {
	var u chat.User
	for key := range r.Map {
		readUserField(r, key, &u)
	}
	return u
}

// readUserField reads the value of key if it is a user's.
func readUserField(r *etf.Reader, key string, u *chat.User) {
	switch key {
	case "avatar":
		u.Avatar = r.Text()
	case "id":
		u.ID = chat.UserID(r.Text())
	case "name":
		u.Name = r.Text()
	}
}
