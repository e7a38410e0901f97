package phoenix

import (
	"bytes"
	"encoding/json"
)

// split cuts a JSON array or object into the texts of its elements, or of its
// keys and values in turn, appending them to parts. It allocates nothing
// beyond the capacity of parts: more of them, or deeper nesting than maxDepth,
// is an error before the JSON is looked at any closer.
func split(b []byte, open byte, parts [][]byte) ([][]byte, error) {
	b = trim(b)
	if len(b) == 0 || b[0] != open {
		return nil, bad("frame of the wrong shape")
	}
	depth, start, quoted := 0, 1, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxDepth {
				return nil, bad("nested too deep")
			}
		case c == ']' || c == '}':
			depth--
		case (c == ',' || c == ':') && depth == 1:
			if len(parts)+1 == cap(parts) {
				return nil, bad("too many elements")
			}
			parts = append(parts, trim(b[start:i]))
			start = i + 1
		}
	}
	// What was cut above is right only if the whole is JSON; then its last
	// byte is the closing bracket.
	if !json.Valid(b) {
		return nil, bad("not JSON")
	}
	if last := trim(b[start : len(b)-1]); len(last) > 0 {
		parts = append(parts, last)
	}
	return parts, nil
}

// trim cuts the white space of JSON.
func trim(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
