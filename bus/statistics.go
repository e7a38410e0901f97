package bus

import (
	"math"
	"time"

	"planga/bus/etf"
	"planga/chat"
)

// statistics writes
//
//	{"apps" [app], "from" time, "node" text, "to" time}
func (w *writer) statistics(s *chat.Statistics) {
	w.fields(5)
	w.key("apps")
	w.b = etf.AppendList(w.b, len(s.Apps))
	for i := range s.Apps {
		w.appStatistics(&s.Apps[i])
	}
	w.b = etf.AppendListEnd(w.b)
	w.time("from", s.From)
	w.text("node", s.Node)
	w.time("to", s.To)
	w.end()
}

// appStatistics writes
//
//	{"ack_p50_us" int, "ack_p99_us" int, "app" int, "bytes" int, "connections" int, "conversations" [text],
//	 "joins" int, "keys_used" [text], "messages" int, "peak" int, "refused" [refusal], "users" [text]}
func (w *writer) appStatistics(a *chat.AppStatistics) {
	w.fields(12)
	w.int("ack_p50_us", a.AckP50.Microseconds())
	w.int("ack_p99_us", a.AckP99.Microseconds())
	w.int("app", int64(a.App))
	w.int("bytes", a.Bytes)
	w.int("connections", a.Connections)
	texts(w, "conversations", a.Conversations)
	w.int("joins", a.Joins)
	texts(w, "keys_used", a.KeysUsed)
	w.int("messages", a.Messages)
	w.int("peak", a.Peak)
	w.refusals(a.Refused)
	texts(w, "users", a.Users)
	if min(a.AckP50.Microseconds(), a.AckP99.Microseconds(), a.Bytes, a.Connections, a.Joins, a.Messages, a.Peak) < 0 {
		w.fail("negative number")
	}
	if a.App <= 0 {
		w.fail("app missing")
	}
}

// refusals writes [{"count" int, "key" text, "last" time, "origin" text, "reason" text}].
func (w *writer) refusals(all []chat.Refusal) {
	w.key("refused")
	w.b = etf.AppendList(w.b, len(all))
	for _, f := range all {
		w.fields(5)
		w.int("count", f.Count)
		w.text("key", f.Key)
		w.time("last", f.Last)
		w.text("origin", f.Origin)
		w.text("reason", f.Reason)
		if f.Count < 0 {
			w.fail("negative number")
		}
	}
	w.b = etf.AppendListEnd(w.b)
}

func readStatistics(r *etf.Reader) chat.Statistics {
	var s chat.Statistics
	for key := range r.Map {
		switch key {
		case "apps":
			for range r.List {
				s.Apps = append(s.Apps, readAppStatistics(r))
			}
		case "from":
			s.From = readTime(r)
		case "node":
			s.Node = r.Text()
		case "to":
			s.To = readTime(r)
		case "v":
			readVersion(r)
		}
	}
	return s
}

func readAppStatistics(r *etf.Reader) chat.AppStatistics {
	var a chat.AppStatistics
	for key := range r.Map {
		switch key {
		case "ack_p50_us":
			a.AckP50 = readMicroseconds(r)
		case "ack_p99_us":
			a.AckP99 = readMicroseconds(r)
		case "app":
			a.App = chat.AppID(r.Int())
		case "bytes":
			a.Bytes = readCount(r)
		case "connections":
			a.Connections = readCount(r)
		case "conversations":
			a.Conversations = readTexts[chat.ConversationID](r)
		case "joins":
			a.Joins = readCount(r)
		case "keys_used":
			a.KeysUsed = readTexts[string](r)
		case "messages":
			a.Messages = readCount(r)
		case "peak":
			a.Peak = readCount(r)
		case "refused":
			for range r.List {
				a.Refused = append(a.Refused, readRefusal(r))
			}
		case "users":
			a.Users = readTexts[chat.UserID](r)
		}
	}
	if a.App <= 0 {
		r.Fail("app missing")
	}
	return a
}

func readMicroseconds(r *etf.Reader) time.Duration {
	n := readCount(r)
	if n > math.MaxInt64/int64(time.Microsecond) {
		r.Fail("duration too long")
		return 0
	}
	return time.Duration(n) * time.Microsecond
}

func readRefusal(r *etf.Reader) chat.Refusal {
	var f chat.Refusal
	for key := range r.Map {
		switch key {
		case "count":
			f.Count = readCount(r)
		case "key":
			f.Key = r.Text()
		case "last":
			f.Last = readTime(r)
		case "origin":
			f.Origin = r.Text()
		case "reason":
			f.Reason = r.Text()
		}
	}
	return f
}
