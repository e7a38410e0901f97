package bus

import (
	"maps"
	"slices"
	"unicode/utf8"

	"planga/bus/etf"
	"planga/chat"
)

// message writes the key "message" and nil, or
//
//	{"attachments" [attachment], "author" {"avatar", "id", "name", "role" text}, "body" text, "client_id" text,
//	 "deleted_at" time, "edited_at" time, "hidden_at" time, "id" text, "kind" text, "mentions" [text],
//	 "reactions" {emoji: [user id]}, "reply_to" text, "rev" int, "sent_at" time, "seq" int}
//
// A time is an integer, the milliseconds since 1970, or nil for never.
func (w *writer) message(m *chat.Message) {
	w.key("message")
	if m == nil {
		w.null()
		return
	}
	w.fields(15)
	w.attachments(m.Attachments)
	w.key("author")
	w.fields(4)
	w.text("avatar", m.Author.Avatar)
	w.text("id", string(m.Author.ID))
	w.text("name", m.Author.Name)
	w.text("role", string(m.Author.Role))
	w.text("body", m.Body)
	w.text("client_id", string(m.ClientID))
	w.time("deleted_at", m.DeletedAt)
	w.time("edited_at", m.EditedAt)
	w.time("hidden_at", m.HiddenAt)
	w.text("id", string(m.ID))
	w.text("kind", string(m.Kind))
	texts(w, "mentions", m.Mentions)
	w.reactions(m.Reactions)
	w.text("reply_to", string(m.ReplyTo))
	w.int("rev", m.Rev)
	w.time("sent_at", m.SentAt)
	w.int("seq", m.Seq)
	if m.Seq < 0 || m.Rev < 0 {
		w.fail("negative seq or rev")
	}
}

// reactions writes who reacted, by emoji.
func (w *writer) reactions(reactions map[string][]chat.UserID) {
	w.key("reactions")
	w.fields(len(reactions))
	if len(reactions) == 0 {
		return
	}
	for _, emoji := range slices.Sorted(maps.Keys(reactions)) {
		if !utf8.ValidString(emoji) {
			w.fail("emoji that is not UTF-8")
		}
		texts(w, emoji, reactions[emoji])
	}
}

// attachments writes [{"height" int, "id", "name" text, "size" int, "type" text, "width" int}].
func (w *writer) attachments(all []chat.Attachment) {
	w.key("attachments")
	w.b = etf.AppendList(w.b, len(all))
	for _, a := range all {
		w.fields(6)
		w.int("height", int64(a.Height))
		w.text("id", a.ID)
		w.text("name", a.Name)
		w.int("size", a.Size)
		w.text("type", a.Type)
		w.int("width", int64(a.Width))
		if a.Height < 0 || a.Size < 0 || a.Width < 0 {
			w.fail("negative size")
		}
	}
	w.b = etf.AppendListEnd(w.b)
}

func readMessage(r *etf.Reader) *chat.Message {
	if r.Null() {
		return nil
	}
	var m chat.Message
	for key := range r.Map {
		switch key {
		case "attachments":
			for range r.List {
				m.Attachments = append(m.Attachments, readAttachment(r))
			}
		case "author":
			m.Author = readAuthor(r)
		case "body":
			m.Body = r.Text()
		case "client_id":
			m.ClientID = chat.ClientID(r.Text())
		case "deleted_at":
			m.DeletedAt = readTime(r)
		case "edited_at":
			m.EditedAt = readTime(r)
		case "hidden_at":
			m.HiddenAt = readTime(r)
		case "id":
			m.ID = chat.MessageID(r.Text())
		case "kind":
			m.Kind = chat.MessageKind(r.Text())
		case "mentions":
			m.Mentions = readTexts[chat.UserID](r)
		case "reactions":
			m.Reactions = readReactions(r)
		case "reply_to":
			m.ReplyTo = chat.MessageID(r.Text())
		case "rev":
			m.Rev = readCount(r)
		case "sent_at":
			m.SentAt = readTime(r)
		case "seq":
			m.Seq = readCount(r)
		}
	}
	return &m
}

func readAuthor(r *etf.Reader) chat.Author {
	var a chat.Author
	for key := range r.Map {
		if key == "role" {
			a.Role = chat.Role(r.Text())
			continue
		}
		readUserField(r, key, &a.User)
	}
	return a
}

func readReactions(r *etf.Reader) map[string][]chat.UserID {
	var reactions map[string][]chat.UserID
	for emoji := range r.Map {
		if !utf8.ValidString(emoji) {
			r.Fail("emoji that is not UTF-8")
		}
		if reactions == nil {
			reactions = make(map[string][]chat.UserID)
		}
		reactions[emoji] = readTexts[chat.UserID](r)
	}
	return reactions
}

func readAttachment(r *etf.Reader) chat.Attachment {
	var a chat.Attachment
	for key := range r.Map {
		switch key {
		case "height":
			a.Height = int(readCount(r))
		case "id":
			a.ID = r.Text()
		case "name":
			a.Name = r.Text()
		case "size":
			a.Size = readCount(r)
		case "type":
			a.Type = r.Text()
		case "width":
			a.Width = int(readCount(r))
		}
	}
	return a
}
