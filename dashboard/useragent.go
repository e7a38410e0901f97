package dashboard

import "strings"

// word is what a part of a User-Agent header tells.
type word struct{ sign, means string }

// browsers and systems are in the order in which they must be looked for: most browsers claim to be others as well.
var (
	browsers = []word{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = []word{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	}
)

// browserName says what a browser calls itself, in words for its owner: "Firefox on Linux", or "" if it says nothing known. It
// is a hint, for anybody can send any name.
func browserName(userAgent string) string {
	browser, system := meaning(userAgent, browsers), meaning(userAgent, systems)
	switch {
	case browser == "" && system == "":
		return ""
	case browser == "":
		return "A browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func meaning(text string, words []word) string {
	for _, w := range words {
		if strings.Contains(text, w.sign) {
			return w.means
		}
	}
	return ""
}
