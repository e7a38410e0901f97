package bus

import (
	"fmt"
	"time"
	"unicode/utf8"

	"planga/bus/etf"
	"planga/chat"
)

// Version is the version of the contract, in every message as "v". A key that is added leaves it as it is,
// because readers pass over keys they do not know; a key that is renamed or removed would raise it.
const Version = 1

// Append appends the bytes of m to dst. It returns an error if m is none of the kinds or would be refused by
// [Decode]: a text that is not UTF-8, a time before 1970 or after the year 9999, or more than [etf.MaxSize] in all.
// Times are cut to the millisecond. It keeps nothing of m.
func Append(dst []byte, m Message) ([]byte, error) {
	w := writer{b: etf.AppendVersion(dst)}
	switch m := m.(type) {
	case Settings:
		w.settings(&m.App)
	case SettingsRequest:
		w.settingsRequest(m)
	case Event:
		w.event(&m.Event)
	case Signal:
		w.signal(&m.Signal)
	case Statistics:
		w.statistics(&m.Statistics)
	case Outgoing:
		w.outgoing(&m.Outgoing)
	default:
		return nil, fmt.Errorf("bus: %T is no kind of message", m)
	}
	if size := len(w.b) - len(dst); size > etf.MaxSize {
		w.fail(fmt.Sprintf("%d bytes, more than %d", size, etf.MaxSize))
	}
	if w.err != nil {
		return nil, fmt.Errorf("%s: %w", m.Kind(), w.err)
	}
	return w.b, nil
}

// Decode returns the message of the kind whose bytes data are. What it returns shares nothing with data. The error
// is about the bytes alone, so decoding them again fails again. A decoded [Event] has what its kind needs:
// a message or a participant. Keys and, in [Outgoing], types that are not known are tolerated, for newer nodes.
func Decode(kind Kind, data []byte) (Message, error) {
	r, err := etf.Open(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	var m Message
	switch kind {
	case KindSettings:
		m = Settings{App: readSettings(&r)}
	case KindSettingsRequest:
		m = readSettingsRequest(&r)
	case KindEvent:
		m = Event{Event: readEvent(&r)}
	case KindSignal:
		m = Signal{Signal: readSignal(&r)}
	case KindStatistics:
		m = Statistics{Statistics: readStatistics(&r)}
	case KindOutgoing:
		m = Outgoing{Outgoing: readOutgoing(&r)}
	default:
		return nil, fmt.Errorf("bus: %q is no kind of message", kind)
	}
	if r.Err() != nil {
		return nil, fmt.Errorf("%s: %w", kind, r.Err())
	}
	return m, nil
}

// writer appends terms and keeps the first thing that was wrong. The keys of each map are written in
// ascending order, so that equal messages have equal bytes.
type writer struct {
	b   []byte
	err error
}

func (w *writer) fail(reason string) {
	if w.err == nil {
		w.err = fmt.Errorf("cannot be encoded: %s", reason)
	}
}

func (w *writer) fields(n int)            { w.b = etf.AppendMap(w.b, n) }
func (w *writer) key(key string)          { w.b = etf.AppendString(w.b, key) }
func (w *writer) int(key string, i int64) { w.key(key); w.b = etf.AppendInt(w.b, i) }
func (w *writer) bool(key string, b bool) { w.key(key); w.b = etf.AppendBool(w.b, b) }
func (w *writer) text(key, s string)      { w.key(key); w.string(s) }
func (w *writer) null()                   { w.b = etf.AppendNull(w.b) }
func (w *writer) end()                    { w.int("v", Version) }

func (w *writer) string(s string) {
	if !utf8.ValidString(s) {
		w.fail("text that is not UTF-8")
	}
	w.b = etf.AppendString(w.b, s)
}

// time writes milliseconds since 1970, or nil for the zero time.
func (w *writer) time(key string, t time.Time) {
	w.key(key)
	if t.IsZero() {
		w.null()
		return
	}
	ms := t.UnixMilli()
	if ms < 0 || ms > maxTime {
		w.fail("time before 1970 or after 9999")
	}
	w.b = etf.AppendInt(w.b, ms)
}

// texts writes a list of texts.
func texts[T ~string](w *writer, key string, all []T) {
	w.key(key)
	w.b = etf.AppendList(w.b, len(all))
	for _, s := range all {
		w.string(string(s))
	}
	w.b = etf.AppendListEnd(w.b)
}

// maxTime is the last millisecond of the year 9999, beyond which times have no JSON.
const maxTime = 253402300799999

// readTime reads what [writer.time] writes.
func readTime(r *etf.Reader) time.Time {
	if r.Null() {
		return time.Time{}
	}
	ms := r.Int()
	if ms < 0 || ms > maxTime {
		r.Fail("time before 1970 or after 9999")
	}
	if r.Err() != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// readCount reads an integer that is not negative.
func readCount(r *etf.Reader) int64 {
	n := r.Int()
	if n < 0 {
		r.Fail("negative number")
	}
	return n
}

// readTexts reads a list of texts; nil if it is empty.
func readTexts[T ~string](r *etf.Reader) []T {
	var all []T
	for range r.List {
		all = append(all, T(r.Text()))
	}
	return all
}

// readOptional reads a text that may be nil, which means empty.
func readOptional(r *etf.Reader) string {
	if r.Null() {
		return ""
	}
	return r.Text()
}

// readVersion refuses what a newer version of the contract says, rather than misread it.
func readVersion(r *etf.Reader) {
	if v := r.Int(); v != Version && r.Err() == nil {
		r.Fail(fmt.Sprintf("version %d of the contract, not %d", v, Version))
	}
}

// checkRoom refuses a room that is no address.
func checkRoom(r *etf.Reader, room chat.Room) {
	if room.App <= 0 || room.Conversation == "" {
		r.Fail("app or conversation missing")
	}
}
