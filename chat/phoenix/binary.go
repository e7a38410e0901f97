package phoenix

import (
	"encoding/json"
	"unicode/utf8"
)

// The kinds of binary V2 frames. A client sends only pushes.
const (
	kindPush      = 0
	kindReply     = 1
	kindBroadcast = 2
)

// decodeBinary reads a push with a binary payload: the kind, the lengths of
// join_ref, ref, topic and event in a byte each, these four, and the payload.
func decodeBinary(b []byte) (m message, err error) {
	if len(b) == 0 {
		return m, bad("binary frame is empty")
	}
	if b[0] != kindPush {
		return m, bad("binary frame is not a push")
	}
	if len(b) < 5 {
		return m, bad("binary frame is cut short")
	}
	sizes, rest := b[1:5], b[5:]
	var fields [4]string
	for i, n := range sizes {
		if len(rest) < int(n) {
			return m, bad("binary frame is cut short")
		}
		if !utf8.Valid(rest[:n]) {
			return m, errUTF8
		}
		fields[i], rest = string(rest[:n]), rest[n:]
	}
	if len(fields[0]) > maxRef || len(fields[1]) > maxRef {
		return m, bad("ref too long")
	}
	m = message{
		joinRef: quoteRef(fields[0]), ref: quoteRef(fields[1]),
		topic: fields[2], event: fields[3],
		data: rest, binary: true,
	}
	return m, m.check()
}

// quoteRef makes a ref of its plain text; the empty one stands for null.
func quoteRef(s string) ref {
	if s == "" {
		return noRef
	}
	return ref(appendString(nil, s))
}

// plain is the text of a ref as binary frames carry it.
func (r ref) plain() string {
	if r == noRef {
		return ""
	}
	var s string
	if json.Unmarshal([]byte(r), &s) != nil {
		return string(r) // an integer
	}
	return s
}

// appendBinary writes a frame of a kind with its fields, each ≤ 255 bytes.
func appendBinary(b []byte, kind byte, data Binary, fields ...string) ([]byte, error) {
	b = append(b, kind)
	for _, f := range fields {
		if len(f) > 255 {
			return nil, errBinaryField
		}
		b = append(b, byte(len(f)))
	}
	for _, f := range fields {
		b = append(b, f...)
	}
	return append(b, data...), nil
}
