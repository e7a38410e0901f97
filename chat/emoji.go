package chat

import (
	"unicode"
	"unicode/utf8"
)

// MaxEmoji is the longest emoji, in bytes. The longest of today, two people of different skin who kiss, has 35.
const MaxEmoji = 40

// Code points that emojis are put together with, see Unicode Technical Standard 51.
const (
	joiner        = '\u200d'
	emojiStyle    = '\ufe0f'
	keycap        = '\u20e3'
	firstTag      = '\U000e0020'
	lastTag       = '\U000e007e'
	cancelTag     = '\U000e007f'
	firstRegional = '\U0001f1e6'
	lastRegional  = '\U0001f1ff'
	firstTone     = '\U0001f3fb'
	lastTone      = '\U0001f3ff'
)

// CheckEmoji returns an [Invalid] error unless s is one emoji: a possible emoji sequence as section 1.4.9 of Unicode Technical
// Standard 51 defines it, of at most [MaxEmoji] bytes. Characters that lie among emojis
// are taken for some, since later versions of Unicode fill the gaps.
func CheckEmoji(s string) error {
	if len(s) > MaxEmoji || !isEmoji(s) {
		return Errorf(Invalid, "That is no emoji.")
	}
	return nil
}

func isEmoji(s string) bool {
	for {
		rest, ok := cutEmojiElement(s)
		if !ok || rest == "" {
			return ok
		}
		r, n := utf8.DecodeRuneInString(rest)
		if r != joiner {
			return false
		}
		s = rest[n:]
	}
}

// cutEmojiElement takes one picture off s, with what modifies it.
func cutEmojiElement(s string) (rest string, ok bool) {
	r, n := utf8.DecodeRuneInString(s)
	rest = s[n:]
	next, n := utf8.DecodeRuneInString(rest)
	switch {
	case between(r, firstRegional, lastRegional): // a flag is two letters
		return rest[n:], between(next, firstRegional, lastRegional)
	case r == '#' || r == '*' || between(r, '0', '9'): // on the cap of a key, or no emoji
		if next == emojiStyle {
			rest = rest[n:]
			next, n = utf8.DecodeRuneInString(rest)
		}
		return rest[n:], next == keycap
	case !unicode.Is(pictures, r):
		return s, false
	case next == emojiStyle || between(next, firstTone, lastTone):
		return rest[n:], true
	case between(next, firstTag, lastTag):
		return cutTags(rest)
	}
	return rest, true
}

// cutTags takes off the letters that name a region's flag, and their end.
func cutTags(s string) (rest string, ok bool) {
	for i, r := range s {
		if r == cancelTag {
			return s[i+utf8.RuneLen(r):], i > 0
		}
		if !between(r, firstTag, lastTag) {
			break
		}
	}
	return s, false
}

func between(r, first, last rune) bool { return first <= r && r <= last }

// pictures are the characters with the property Emoji, from emoji-data.txt of Unicode 16, without digits, # and *. Blocks
// that are made for emojis are in it as a whole.
var pictures = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00a9, 0x00a9, 1}, {0x00ae, 0x00ae, 1}, {0x203c, 0x203c, 1}, {0x2049, 0x2049, 1}, {0x2122, 0x2122, 1},
		{0x2139, 0x2139, 1}, {0x2194, 0x2199, 1}, {0x21a9, 0x21aa, 1}, {0x231a, 0x231b, 1}, {0x2328, 0x2328, 1},
		{0x23cf, 0x23cf, 1}, {0x23e9, 0x23f3, 1}, {0x23f8, 0x23fa, 1}, {0x24c2, 0x24c2, 1}, {0x25aa, 0x25ab, 1},
		{0x25b6, 0x25b6, 1}, {0x25c0, 0x25c0, 1}, {0x25fb, 0x25fe, 1}, {0x2600, 0x2604, 1}, {0x260e, 0x260e, 1},
		{0x2611, 0x2611, 1}, {0x2614, 0x2615, 1}, {0x2618, 0x2618, 1}, {0x261d, 0x261d, 1}, {0x2620, 0x2620, 1},
		{0x2622, 0x2623, 1}, {0x2626, 0x2626, 1}, {0x262a, 0x262a, 1}, {0x262e, 0x262f, 1}, {0x2638, 0x263a, 1},
		{0x2640, 0x2640, 1}, {0x2642, 0x2642, 1}, {0x2648, 0x2653, 1}, {0x265f, 0x2660, 1}, {0x2663, 0x2663, 1},
		{0x2665, 0x2666, 1}, {0x2668, 0x2668, 1}, {0x267b, 0x267b, 1}, {0x267e, 0x267f, 1}, {0x2692, 0x2697, 1},
		{0x2699, 0x2699, 1}, {0x269b, 0x269c, 1}, {0x26a0, 0x26a1, 1}, {0x26a7, 0x26a7, 1}, {0x26aa, 0x26ab, 1},
		{0x26b0, 0x26b1, 1}, {0x26bd, 0x26be, 1}, {0x26c4, 0x26c5, 1}, {0x26c8, 0x26c8, 1}, {0x26ce, 0x26cf, 1},
		{0x26d1, 0x26d1, 1}, {0x26d3, 0x26d4, 1}, {0x26e9, 0x26ea, 1}, {0x26f0, 0x26f5, 1}, {0x26f7, 0x26fa, 1},
		{0x26fd, 0x26fd, 1}, {0x2702, 0x2702, 1}, {0x2705, 0x2705, 1}, {0x2708, 0x270d, 1}, {0x270f, 0x270f, 1},
		{0x2712, 0x2712, 1}, {0x2714, 0x2714, 1}, {0x2716, 0x2716, 1}, {0x271d, 0x271d, 1}, {0x2721, 0x2721, 1},
		{0x2728, 0x2728, 1}, {0x2733, 0x2734, 1}, {0x2744, 0x2744, 1}, {0x2747, 0x2747, 1}, {0x274c, 0x274c, 1},
		{0x274e, 0x274e, 1}, {0x2753, 0x2755, 1}, {0x2757, 0x2757, 1}, {0x2763, 0x2764, 1}, {0x2795, 0x2797, 1},
		{0x27a1, 0x27a1, 1}, {0x27b0, 0x27b0, 1}, {0x27bf, 0x27bf, 1}, {0x2934, 0x2935, 1}, {0x2b05, 0x2b07, 1},
		{0x2b1b, 0x2b1c, 1}, {0x2b50, 0x2b50, 1}, {0x2b55, 0x2b55, 1}, {0x3030, 0x3030, 1}, {0x303d, 0x303d, 1},
		{0x3297, 0x3297, 1}, {0x3299, 0x3299, 1},
	},
	R32: []unicode.Range32{
		{0x1f004, 0x1f004, 1}, {0x1f0cf, 0x1f0cf, 1}, {0x1f170, 0x1f171, 1}, {0x1f17e, 0x1f17f, 1}, {0x1f18e, 0x1f18e, 1},
		{0x1f191, 0x1f19a, 1}, {0x1f201, 0x1f202, 1}, {0x1f21a, 0x1f21a, 1}, {0x1f22f, 0x1f22f, 1}, {0x1f232, 0x1f23a, 1},
		{0x1f250, 0x1f251, 1}, {0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f7e0, 0x1f7eb, 1}, {0x1f7f0, 0x1f7f0, 1},
		{0x1f90c, 0x1f9ff, 1}, {0x1fa70, 0x1faff, 1},
	},
	LatinOffset: 2,
}
