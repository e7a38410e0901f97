package etf

import "unicode/utf8"

// Erlang has written atoms in four forms: Latin-1 until version 25 wherever the
// text allowed it, UTF-8 since, each with a length of one or of two bytes.

func isAtom(tag byte) bool { return isLatin1(tag) || tag == tagAtomUTF8 || tag == tagSmallUTF8 }

func isLatin1(tag byte) bool { return tag == tagAtom || tag == tagSmallAtom }

func atomLengthBytes(tag byte) int {
	if tag == tagAtom || tag == tagAtomUTF8 {
		return 2
	}
	return 1
}

// fromLatin1 returns text as UTF-8; text itself if it is ASCII.
func fromLatin1[T ~string | ~[]byte](text T) T {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return T(latin1Runes(text))
		}
	}
	return text
}

func latin1Runes[T ~string | ~[]byte](text T) []byte {
	utf := make([]byte, 0, 2*len(text))
	for i := range len(text) {
		utf = utf8.AppendRune(utf, rune(text[i]))
	}
	return utf
}
