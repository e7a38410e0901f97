package etf

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"
)

// Decode reads a message into plain Go values, within the same bounds as [Open]:
//
//	Erlang               Go
//	true, false          bool
//	nil                  nil
//	any other atom       Atom
//	integer              int64, or *big.Int beyond 64 bits
//	float                float64
//	binary               string: comparable, and mostly text
//	list                 []any, nil if empty
//	tuple                Tuple, nil if empty
//	map                  map[string]any, whether its keys are binaries or atoms
//
// The values take at most some twenty times the message's size.
func Decode(message []byte) (any, error) {
	r, err := Open(message)
	if err != nil {
		return nil, err
	}
	return r.Term(), r.Err()
}

// Term passes a term of any type and returns it as [Decode] does.
func (r *Reader) Term() any {
	switch r.tag() {
	case 0:
		return nil
	case tagBinary:
		s, _ := r.binary()
		return s
	case tagSmallInteger, tagInteger:
		return r.Int()
	case tagSmallBig, tagLargeBig:
		return shortest(r.Big())
	case tagNewFloat:
		return r.Float()
	case tagSmallTuple:
		r.at++
		return Tuple(r.terms(r.uint(1)))
	case tagLargeTuple:
		r.at++
		return Tuple(r.terms(r.uint(4)))
	case tagNil, tagString, tagList:
		return r.list()
	case tagMap:
		return r.dictionary()
	}
	return plainAtom(r.atom())
}

func shortest(i *big.Int) any {
	if i.IsInt64() {
		return i.Int64()
	}
	return i
}

// terms passes n terms. Their number has been checked against the bytes that are there.
func (r *Reader) terms(n int) []any {
	if n == 0 {
		return nil
	}
	all := make([]any, n)
	for i := range all {
		all[i] = r.Term()
	}
	return all
}

func (r *Reader) list() []any {
	tag := r.data[r.at]
	r.at++
	switch tag {
	case tagNil:
		return nil
	case tagString:
		n := r.uint(2)
		r.bytes = true
		all := r.terms(n)
		r.bytes = false
		return all
	}
	all := r.terms(r.uint(4))
	r.at++ // the end of the list
	return all
}

func (r *Reader) dictionary() map[string]any {
	all := make(map[string]any)
	for key := range r.Map {
		all[key] = r.Term()
	}
	return all
}

func plainAtom(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "nil":
		return nil
	}
	return Atom(text)
}

// Encode returns the message of one value. It takes the types that [Decode] returns, and
// int and []byte beside them. The keys of maps are written as binaries in ascending
// order. It returns an error for other types and for what [Open] would refuse.
func Encode(value any) ([]byte, error) {
	message, err := AppendTerm(AppendVersion(nil), value)
	if err != nil {
		return nil, err
	}
	if len(message) > MaxSize {
		return nil, &Error{At: MaxSize, Reason: "message larger than 1 MiB"}
	}
	return message, nil
}

// AppendTerm appends value as [Encode] does, without the version before it.
func AppendTerm(dst []byte, value any) ([]byte, error) { return appendTerm(dst, value, 1) }

// appendTerm appends value, which if it contains others lies depth deep.
func appendTerm(dst []byte, value any, depth int) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return AppendNull(dst), nil
	case bool:
		return AppendBool(dst, v), nil
	case int:
		return AppendInt(dst, int64(v)), nil
	case int64:
		return AppendInt(dst, v), nil
	case string:
		return AppendString(dst, v), nil
	case []byte:
		return AppendString(dst, v), nil
	case Atom:
		return appendAtom(dst, v)
	case float64:
		return appendFloat(dst, v)
	case *big.Int:
		return appendBig(dst, v)
	}
	if depth > MaxDepth {
		return nil, &Error{At: len(dst), Reason: fmt.Sprintf("nested deeper than %d", MaxDepth)}
	}
	switch v := value.(type) {
	case []any:
		return appendList(dst, v, depth)
	case Tuple:
		return appendTerms(AppendTuple(dst, len(v)), v, depth)
	case map[string]any:
		return appendPairs(AppendMap(dst, len(v)), v, depth)
	}
	return nil, &Error{At: len(dst), Reason: fmt.Sprintf("%T has no term", value)}
}

func appendList(dst []byte, values []any, depth int) ([]byte, error) {
	dst, err := appendTerms(AppendList(dst, len(values)), values, depth)
	if err != nil {
		return nil, err
	}
	return AppendListEnd(dst), nil
}

func appendTerms(dst []byte, values []any, depth int) ([]byte, error) {
	var err error
	for _, v := range values {
		if dst, err = appendTerm(dst, v, depth+1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func appendPairs(dst []byte, pairs map[string]any, depth int) ([]byte, error) {
	var err error
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if dst, err = appendTerm(AppendString(dst, key), pairs[key], depth+1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func appendAtom(dst []byte, a Atom) ([]byte, error) {
	if !utf8.ValidString(string(a)) || utf8.RuneCountInString(string(a)) > maxAtomRunes {
		return nil, &Error{At: len(dst), Reason: "atom too long or not UTF-8"}
	}
	return AppendAtom(dst, a), nil
}

func appendFloat(dst []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, &Error{At: len(dst), Reason: "float that is not a number"}
	}
	return AppendFloat(dst, f), nil
}

func appendBig(dst []byte, i *big.Int) ([]byte, error) {
	if (i.BitLen()+7)/8 > MaxBigBytes {
		return nil, &Error{At: len(dst), Reason: "integer too large"}
	}
	return AppendBig(dst, i), nil
}
