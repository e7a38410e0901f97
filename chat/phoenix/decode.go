package phoenix

import (
	"bytes"
	"encoding/json"
)

// decodeV2 reads [join_ref, ref, topic, event, payload].
func decodeV2(b []byte) (m message, err error) {
	var room [5][]byte
	parts, err := split(b, '[', room[:0])
	if err != nil {
		return m, err
	}
	if len(parts) != 5 {
		return m, bad("not five elements")
	}
	if m.joinRef, err = decodeRef(parts[0]); err != nil {
		return m, err
	}
	if m.ref, err = decodeRef(parts[1]); err != nil {
		return m, err
	}
	if m.topic, err = decodeString(parts[2], maxTopic, "topic too long"); err != nil {
		return m, err
	}
	if m.event, err = decodeString(parts[3], maxEvent, "event too long"); err != nil {
		return m, err
	}
	m.payload = json.RawMessage(parts[4])
	return m, m.check()
}

// decodeV1 reads {topic, event, payload, ref, join_ref}. Of these only refs
// may be missing, and none may come twice, not even disguised by escapes; other
// members are skipped.
func decodeV1(b []byte) (message, error) {
	m := message{joinRef: noRef, ref: noRef}
	var room [2 * maxMembers][]byte
	parts, err := split(b, '{', room[:0])
	if err != nil {
		return m, err
	}
	var seen [5]bool
	for i := 0; i+1 < len(parts); i += 2 {
		if bytes.IndexByte(parts[i], '\\') >= 0 {
			return m, bad("escape in a member's name")
		}
		n, err := m.member(parts[i], parts[i+1])
		if err != nil {
			return m, err
		}
		if n < 0 {
			continue
		}
		if seen[n] {
			return m, bad("member given twice")
		}
		seen[n] = true
	}
	if !seen[0] || !seen[1] || !seen[2] {
		return m, bad("topic, event or payload missing")
	}
	return m, m.check()
}

// member takes one member of a V1 frame and numbers it; -1 is one to skip.
func (m *message) member(key, value []byte) (n int, err error) {
	switch string(key) {
	case `"topic"`:
		m.topic, err = decodeString(value, maxTopic, "topic too long")
		return 0, err
	case `"event"`:
		m.event, err = decodeString(value, maxEvent, "event too long")
		return 1, err
	case `"payload"`:
		m.payload = json.RawMessage(value)
		return 2, nil
	case `"ref"`:
		m.ref, err = decodeRef(value)
		return 3, err
	case `"join_ref"`:
		m.joinRef, err = decodeRef(value)
		return 4, err
	}
	return -1, nil
}
