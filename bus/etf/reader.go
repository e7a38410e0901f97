package etf

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"
)

// Reader pulls the terms of one checked message in their order. Each method passes one
// term. A term of another type than the method wants is an error, which is kept: from then on
// every method returns a zero value and loops end, so [Reader.Err] need only be asked once,
// at the end.
//
// A Reader is for one goroutine. Texts it returns share one copy of the message,
// which lives as long as any of them; the message given to [Open] is not kept.
type Reader struct {
	data  string
	at    int
	bytes bool // at stands in a list of small integers that is written as bytes
	err   error
}

// Open checks that message is one well-formed term within the bounds, nothing less
// and nothing more, and returns a reader that stands before it. Any error is an [*Error].
func Open(message []byte) (Reader, error) {
	if len(message) > MaxSize {
		return Reader{}, &Error{Reason: "message larger than 1 MiB"}
	}
	if len(message) == 0 || message[0] != version {
		return Reader{}, &Error{Reason: "not external term format 131"}
	}
	at := 1
	if len(message) > 1 && message[1] == tagCompressed {
		inflated, err := inflate(message)
		if err != nil {
			return Reader{}, err
		}
		message, at = inflated, 0
	}
	if err := check(message, at); err != nil {
		return Reader{}, err
	}
	return Reader{data: string(message), at: at}, nil
}

// Err returns the first error, an [*Error], or nil.
func (r *Reader) Err() error { return r.err }

// Fail makes reason the reader's error, if it has none yet: a value that has the
// right type but makes no sense to the caller.
func (r *Reader) Fail(reason string) {
	if r.err == nil {
		r.err = &Error{At: r.at, Reason: reason}
	}
}

// Map passes a map, for use as
//
//	for key := range r.Map {
//
// The body may read the value of key, by one call or one nested loop; if it does not, the
// value is passed over. Keys that are atoms count as their text.
func (r *Reader) Map(yield func(key string) bool) {
	n := r.begin(tagMap, "map")
	for going := true; n > 0 && r.err == nil; n-- {
		key := r.key()
		start := r.at
		going = going && yield(key)
		if r.at == start {
			r.Skip()
		}
	}
}

// List passes a list, for use as
//
//	for range r.List {
//
// The body may read one element, by one call or one nested loop; if it does not, the element is
// passed over.
func (r *Reader) List(yield func() bool) {
	switch r.tag() {
	case tagNil:
		r.at++
		return
	case tagString:
		r.byteList(yield)
		return
	}
	n := r.begin(tagList, "list")
	r.elements(n, yield)
	if r.err == nil {
		r.at++ // the end of the list
	}
}

// byteList passes a list of small integers that Erlang wrote as a string of bytes.
func (r *Reader) byteList(yield func() bool) {
	r.at++
	n := r.uint(2)
	r.bytes = true
	r.elements(n, yield)
	r.bytes = false
}

func (r *Reader) elements(n int, yield func() bool) {
	for going := true; n > 0 && r.err == nil; n-- {
		start := r.at
		going = going && yield()
		if r.at == start {
			r.Skip()
		}
	}
}

// begin passes the head of a container and returns its count.
func (r *Reader) begin(tag byte, name string) int {
	if r.tag() != tag {
		r.want(name)
		return 0
	}
	r.at++
	return r.uint(4)
}

// Text passes a binary that is valid UTF-8.
func (r *Reader) Text() string {
	s, ok := r.binary()
	if ok && !utf8.ValidString(s) {
		r.Fail("text that is not UTF-8")
		return ""
	}
	return s
}

// Binary passes a binary of any bytes.
func (r *Reader) Binary() []byte {
	s, _ := r.binary()
	return []byte(s)
}

func (r *Reader) binary() (string, bool) {
	if r.tag() != tagBinary {
		r.want("binary")
		return "", false
	}
	r.at++
	return r.take(r.uint(4)), true
}

// Bool passes the atom true or false.
func (r *Reader) Bool() bool {
	if isAtom(r.tag()) {
		start := r.at
		switch r.atom() {
		case "true":
			return true
		case "false":
			return false
		}
		r.at = start
	}
	r.want("true or false")
	return false
}

// Null reports whether the next term is the atom nil, and passes it if it is.
func (r *Reader) Null() bool {
	if !isAtom(r.tag()) {
		return false
	}
	start := r.at
	if r.atom() == "nil" {
		return true
	}
	r.at = start
	return false
}

// Int passes an integer that fits into 64 bits.
func (r *Reader) Int() int64 {
	switch r.tag() {
	case tagSmallInteger:
		return int64(r.small())
	case tagInteger:
		r.at++
		return int64(int32(r.uint(4)))
	case tagSmallBig, tagLargeBig:
		return r.wide()
	}
	r.want("integer")
	return 0
}

// wide passes an integer that is written as a big one, as times in milliseconds are.
func (r *Reader) wide() int64 {
	digits, negative := r.bigDigits()
	var magnitude uint64
	for i := len(digits) - 1; i >= 0; i-- {
		if magnitude>>56 != 0 {
			r.Fail("integer of more than 64 bits")
			return 0
		}
		magnitude = magnitude<<8 | uint64(digits[i])
	}
	switch {
	case magnitude <= math.MaxInt64 && negative:
		return -int64(magnitude)
	case magnitude <= math.MaxInt64:
		return int64(magnitude)
	case magnitude == 1<<63 && negative:
		return math.MinInt64
	}
	r.Fail("integer of more than 64 bits")
	return 0
}

// Big passes an integer of any size. It never returns nil.
func (r *Reader) Big() *big.Int {
	if tag := r.tag(); tag != tagSmallBig && tag != tagLargeBig {
		return big.NewInt(r.Int())
	}
	digits, negative := r.bigDigits()
	magnitude := []byte(digits)
	slices.Reverse(magnitude)
	i := new(big.Int).SetBytes(magnitude)
	if negative {
		i.Neg(i)
	}
	return i
}

// bigDigits passes a big integer and returns its digits to the base of 256, the least
// significant first.
func (r *Reader) bigDigits() (digits string, negative bool) {
	lengthBytes := 1
	if r.data[r.at] == tagLargeBig {
		lengthBytes = 4
	}
	r.at++
	n := r.uint(lengthBytes)
	negative = r.uint(1) == 1
	return r.take(n), negative
}

// Float passes a float, or an integer as the nearest float.
func (r *Reader) Float() float64 {
	if r.tag() != tagNewFloat {
		f, _ := new(big.Float).SetInt(r.Big()).Float64()
		return f
	}
	r.at++
	return math.Float64frombits(binary.BigEndian.Uint64([]byte(r.take(8))))
}
