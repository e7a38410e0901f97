package etf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// checker walks a term once, before anything is built of it. It is the only code that
// meets unchecked bytes. It keeps its first error and then reads nothing more.
type checker struct {
	data     []byte
	at       int
	depth    int
	trusting bool // the bytes were checked before: do not look for repeated keys again
	err      error
}

// check returns an error unless data from offset at on is exactly one term within the bounds.
func check(data []byte, at int) error {
	c := checker{data: data, at: at}
	c.term()
	if c.err == nil && c.at != len(data) {
		c.fail("something follows the term")
	}
	return c.err
}

func (c *checker) fail(reason string) {
	if c.err == nil {
		c.err = &Error{At: c.at, Reason: reason}
	}
}

func (c *checker) term() {
	tag := c.uint(1)
	if c.err != nil {
		return
	}
	switch tag {
	case tagSmallInteger:
		c.take(1)
	case tagInteger:
		c.take(4)
	case tagNewFloat:
		c.float()
	case tagSmallBig:
		c.big(c.uint(1))
	case tagLargeBig:
		c.big(c.uint(4))
	case tagBinary:
		c.take(c.uint(4))
	case tagString:
		c.take(c.uint(2))
	case tagNil:
	case tagSmallTuple, tagLargeTuple, tagList, tagMap:
		c.container(byte(tag))
	default:
		c.atomOrRefuse(byte(tag))
	}
}

// container passes a list, tuple or map after its tag; its contents lie one level deeper.
func (c *checker) container(tag byte) {
	if c.depth++; c.depth > MaxDepth {
		c.fail(fmt.Sprintf("nested deeper than %d", MaxDepth))
		return
	}
	switch tag {
	case tagSmallTuple:
		c.sequence(c.uint(1))
	case tagLargeTuple:
		c.sequence(c.uint(4))
	case tagList:
		c.list()
	case tagMap:
		c.pairs()
	}
	c.depth--
}

func (c *checker) sequence(n int) {
	if n > len(c.data)-c.at {
		c.fail("more elements announced than there are bytes")
	}
	for i := 0; i < n && c.err == nil; i++ {
		c.term()
	}
}

func (c *checker) list() {
	c.sequence(c.uint(4))
	if tail := c.uint(1); c.err == nil && tail != tagNil {
		c.at--
		c.fail("improper list")
	}
}

// pairs walks a map. Keys in ascending order, as Planga writes them, cannot repeat;
// for others it is found out.
func (c *checker) pairs() {
	n := c.uint(4)
	if n > (len(c.data)-c.at)/2 {
		c.fail("more pairs announced than there are bytes")
	}
	start, ascending := c.at, true
	var last []byte
	for i := 0; i < n && c.err == nil; i++ {
		key := c.key()
		ascending = ascending && (i == 0 || bytes.Compare(last, key) < 0)
		last = key
		c.term()
	}
	if c.err == nil && !ascending && !c.trusting && c.repeats(start, n) {
		c.fail("repeated map key")
	}
}

// repeats reports whether a key occurs twice among the n pairs from start, which have
// been checked otherwise.
func (c *checker) repeats(start, n int) bool {
	again := checker{data: c.data, at: start, trusting: true}
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = again.key()
		again.term()
	}
	slices.SortFunc(keys, bytes.Compare)
	for i := 1; i < n; i++ {
		if bytes.Equal(keys[i-1], keys[i]) {
			return true
		}
	}
	return false
}

// key passes a map key: a binary, or an atom, which counts as its text, because
// Elixir's structs arrive with atoms.
func (c *checker) key() []byte {
	tag := c.uint(1)
	if c.err != nil {
		return nil
	}
	if tag == tagBinary {
		return c.take(c.uint(4))
	}
	if !isAtom(byte(tag)) {
		c.at--
		c.fail("a map key is neither binary nor atom but " + tagName(byte(tag)))
		return nil
	}
	return c.atom(byte(tag))
}

func (c *checker) atomOrRefuse(tag byte) {
	if !isAtom(tag) {
		c.at--
		c.fail(tagName(tag) + " refused")
		return
	}
	c.atom(tag)
}

// atom passes an atom after its tag and returns its text in UTF-8.
func (c *checker) atom(tag byte) []byte {
	text := c.take(c.uint(atomLengthBytes(tag)))
	if isLatin1(tag) {
		if len(text) > maxAtomRunes {
			c.fail("atom too long")
		}
		return fromLatin1(text)
	}
	if !utf8.Valid(text) || utf8.RuneCount(text) > maxAtomRunes {
		c.fail("atom too long or not UTF-8")
	}
	return text
}

func (c *checker) float() {
	b := c.take(8)
	if c.err != nil {
		return
	}
	if f := math.Float64frombits(binary.BigEndian.Uint64(b)); math.IsNaN(f) || math.IsInf(f, 0) {
		c.fail("float that is not a number")
	}
}

// big passes an integer of n bytes behind its sign.
func (c *checker) big(n int) {
	if n > MaxBigBytes {
		c.fail(fmt.Sprintf("integer of %d bytes, more than %d", n, MaxBigBytes))
		return
	}
	if sign := c.uint(1); sign > 1 {
		c.fail("integer with a sign other than 0 or 1")
	}
	c.take(n)
}

// uint passes a big-endian unsigned integer of n ≤ 4 bytes.
func (c *checker) uint(n int) int {
	var value int
	for _, b := range c.take(n) {
		value = value<<8 | int(b)
	}
	return value
}

// take passes n bytes and returns them, none if there are fewer.
func (c *checker) take(n int) []byte {
	if n > len(c.data)-c.at {
		c.fail("truncated")
		return nil
	}
	if c.err != nil {
		return nil
	}
	c.at += n
	return c.data[c.at-n : c.at]
}
