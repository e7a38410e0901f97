package chat

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4/json"
)

// Bounds of what a credential says about a user, in bytes.
const (
	MaxName   = 255
	MaxAvatar = 2048
	MaxLocale = 35
)

// identifier decodes an id that is a JSON string or a whole JSON number: 1 and "1" are the same id. A number is taken
// by its digits, so that no size of number loses any.
func identifier(raw json.RawMessage) (string, bool) {
	if len(raw) > 0 && raw[0] == '"' {
		return jsonText(raw)
	}
	digits := strings.TrimPrefix(string(raw), "-")
	for _, c := range digits {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return string(raw), digits != "" && string(raw) != "-0"
}

// oneOrMany decodes a JSON value that stands alone or in an array.
func oneOrMany(raw json.RawMessage) ([]json.RawMessage, bool) {
	if len(raw) == 0 || raw[0] != '[' {
		return []json.RawMessage{raw}, len(raw) > 0
	}
	var list []json.RawMessage
	return list, json.Unmarshal(raw, &list) == nil
}

// tidyName makes a name fit to be shown on one line: control characters become spaces, those that turn the direction
// of the text around them are dropped, and it is cut to [MaxName]. Joiners stay: Persian and emoji need them.
func tidyName(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, s))
	if len(s) <= MaxName {
		return s
	}
	end := MaxName
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSpace(s[:end])
}

func avatarAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= MaxAvatar && u.Scheme == "https" && u.Hostname() != "" && u.User == nil
}

// languageTag reports whether s has the form of a BCP 47 tag.
func languageTag(s string) bool {
	if len(s) > MaxLocale {
		return false
	}
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || len(part) > 8 || strings.ContainsFunc(part, notAlphanumeric) {
			return false
		}
	}
	return true
}

func notAlphanumeric(r rune) bool {
	return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
}
