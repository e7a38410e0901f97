package etf

// Passing bytes that [check] has found to be in order: nothing here can run over the end.

// tag returns the tag of the next term, 0 after an error.
func (r *Reader) tag() byte {
	if r.err != nil {
		return 0
	}
	if r.bytes {
		return tagSmallInteger
	}
	if r.at >= len(r.data) {
		r.Fail("nothing left to read")
		return 0
	}
	return r.data[r.at]
}

// want fails because the next term is not what the caller wants.
func (r *Reader) want(name string) {
	if tag := r.tag(); r.err == nil {
		r.Fail(name + " wanted, " + tagName(tag) + " found")
	}
}

// small passes an integer of one byte, which in a list of bytes has no tag.
func (r *Reader) small() byte {
	if !r.bytes {
		r.at++
	}
	r.at++
	return r.data[r.at-1]
}

// key passes a map key. It is neither binary nor atom only if the caller has read more
// than one term as the value of the key before.
func (r *Reader) key() string {
	if isAtom(r.tag()) {
		return r.atom()
	}
	key, _ := r.binary()
	return key
}

// atom passes an atom, whose tag the caller has seen.
func (r *Reader) atom() string {
	tag := r.data[r.at]
	r.at++
	text := r.take(r.uint(atomLengthBytes(tag)))
	if isLatin1(tag) {
		return fromLatin1(text)
	}
	return text
}

// Skip passes a term of any type.
func (r *Reader) Skip() {
	if r.err != nil {
		return
	}
	if r.bytes {
		r.at++
		return
	}
	for left := 1; left > 0; left-- {
		left += r.skipHead()
	}
}

// skipHead passes a term that contains no others, or the head of one that does, and
// returns how many terms are in it, counting the end of a list as one.
func (r *Reader) skipHead() int {
	tag := r.tag()
	r.at++
	switch tag {
	case tagSmallInteger:
		r.at++
	case tagInteger:
		r.at += 4
	case tagNewFloat:
		r.at += 8
	case tagSmallBig:
		r.at += r.uint(1) + 1
	case tagLargeBig:
		r.at += r.uint(4) + 1
	case tagBinary:
		r.at += r.uint(4)
	case tagString, tagAtom, tagAtomUTF8:
		r.at += r.uint(2)
	case tagSmallAtom, tagSmallUTF8:
		r.at += r.uint(1)
	case tagSmallTuple:
		return r.uint(1)
	case tagLargeTuple:
		return r.uint(4)
	case tagList:
		return r.uint(4) + 1
	case tagMap:
		return r.uint(4) * 2
	}
	return 0
}

// uint passes a big-endian unsigned integer of n ≤ 4 bytes.
func (r *Reader) uint(n int) int {
	value := 0
	for i := range n {
		value = value<<8 | int(r.data[r.at+i])
	}
	r.at += n
	return value
}

func (r *Reader) take(n int) string {
	r.at += n
	return r.data[r.at-n : r.at]
}
