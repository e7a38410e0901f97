// Package etf reads and writes Erlang's External Term Format, the bytes in which
// Planga's modules talk to each other and in which Elixir's and Erlang's programs
// can join the talk.
//
// Writing is by appending: [AppendVersion], then one term out of [AppendMap],
// [AppendString], [AppendInt] and their like, or [AppendTerm] for a value whose shape
// is not known beforehand. Reading is by pulling: [Open] checks a whole message
// and gives a [Reader]; [Decode] builds plain Go values of it.
//
//	message := etf.AppendVersion(nil)
//	message = etf.AppendMap(message, 1)
//	message = etf.AppendString(message, "name")
//	message = etf.AppendString(message, "Ann")
//
//	r, err := etf.Open(message)
//	for key := range r.Map {
//		switch key {
//		case "name":
//			name = r.Text()
//		}
//	}
//	err = r.Err()
//
// What is read may come from anybody who reached the broker, so it is bounded: see
// [MaxSize], [MaxDepth] and [MaxBigBytes]. Nothing is ever allocated because a length in
// the message says so; only bytes that are there count. Terms that mean something only
// inside one Erlang system (processes, references, ports, functions) are refused, as are
// improper lists, bit strings, repeated map keys and anything after the term. So is the
// float as text (tag 99), which Erlang has not written since 2008.
//
// The format: https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
package etf

import "fmt"

const (
	// MaxSize is the largest message in bytes that is read, before and after
	// decompression.
	MaxSize = 1 << 20
	// MaxDepth is how deep lists, tuples and maps may lie in each other.
	MaxDepth = 32
	// MaxBigBytes is the size of the largest integer, in bytes of its magnitude.
	MaxBigBytes = 255
	// maxAtomRunes is Erlang's own limit on the length of an atom.
	maxAtomRunes = 255
)

// Atom is an Erlang atom other than true, false and nil, which are Go's own.
// It is UTF-8 and at most 255 characters long.
type Atom string

// Tuple is an Erlang tuple, so that it stays distinct from a list.
type Tuple []any

// Error says why a message was refused. The error is about the message alone, so
// reading the same bytes again fails again.
type Error struct {
	At     int    // offset in bytes; in a compressed message, of the decompressed term
	Reason string // a phrase such as "improper list"
}

func (e *Error) Error() string { return fmt.Sprintf("etf: byte %d: %s", e.At, e.Reason) }

// The first byte of a message, and the tags of terms as the format numbers them.
const (
	version         = 131
	tagNewFloat     = 70
	tagBitBinary    = 77
	tagCompressed   = 80
	tagSmallInteger = 97
	tagInteger      = 98
	tagAtom         = 100
	tagSmallTuple   = 104
	tagLargeTuple   = 105
	tagNil          = 106
	tagString       = 107
	tagList         = 108
	tagBinary       = 109
	tagSmallBig     = 110
	tagLargeBig     = 111
	tagSmallAtom    = 115
	tagMap          = 116
	tagAtomUTF8     = 118
	tagSmallUTF8    = 119
)

// tagName names a tag for error messages.
func tagName(tag byte) string {
	switch tag {
	case tagSmallInteger, tagInteger, tagSmallBig, tagLargeBig:
		return "integer"
	case tagAtom, tagSmallAtom, tagAtomUTF8, tagSmallUTF8:
		return "atom"
	case tagSmallTuple, tagLargeTuple:
		return "tuple"
	case tagNil, tagList, tagString:
		return "list"
	case tagNewFloat:
		return "float"
	case tagBinary:
		return "binary"
	case tagMap:
		return "map"
	case tagBitBinary:
		return "bit string"
	case 88, 103:
		return "process identifier"
	case 90, 101, 114:
		return "reference"
	case 89, 102, 120:
		return "port"
	case 112, 113, 117:
		return "function"
	case tagCompressed:
		return "compressed term inside a message"
	}
	return fmt.Sprintf("unknown tag %d", tag)
}
