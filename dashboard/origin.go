package dashboard

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"planga/chat"
)

// maxOrigin is the longest origin, in bytes: a scheme, the longest host name, and a port.
const maxOrigin = 270

// CheckOrigin returns the origin as browsers send it: scheme, host and port, in lower case, without a port that the scheme
// implies. The error is [chat.Invalid] with a sentence that says what to write.
func CheckOrigin(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", originError("Write where your site is, such as https://wheelhouse.example.")
	case len(text) > maxOrigin:
		return "", originError("Write only scheme, host and port, such as https://wheelhouse.example.")
	case text == "null":
		return "", originError("“null” is what any sandboxed page sends. Write your site’s own origin, such as https://wheelhouse.example.")
	case strings.Contains(text, "*"):
		return "", originError("Each origin is written out, so that no page you do not know can open the chat. Write for example https://shop.wheelhouse.example.")
	}
	if !strings.Contains(text, "://") {
		return "", originError("An origin begins with its scheme: write %s.", suggestion("https://"+text))
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", originError("Write scheme, host and port, such as https://wheelhouse.example.")
	}
	return checkParts(u)
}

func originError(format string, args ...any) error { return chat.Errorf(chat.Invalid, format, args...) }

// suggestion is the origin of something longer, for the sentence that asks for it.
func suggestion(text string) string {
	if u, err := url.Parse(text); err == nil {
		if origin, err := checkParts(&url.URL{Scheme: u.Scheme, Host: u.Host}); err == nil {
			return origin
		}
	}
	return "https://wheelhouse.example"
}

func checkParts(u *url.URL) (string, error) {
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	switch {
	case scheme != "http" && scheme != "https":
		return "", originError("Pages come over https or http: write https://%s.", host)
	case u.User != nil:
		return "", originError("An origin has no user name in it: write %s.", suggestion(scheme+"://"+u.Host))
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", originError("An origin has a scheme and no path: write %s.", suggestion(scheme+"://"+u.Host))
	case !validHost(host):
		return "", originError("“%s” is no host name that a browser would send. Write it as in https://wheelhouse.example; international names in their xn-- form.", host)
	case strings.HasSuffix(u.Host, ":") || !validPort(port):
		return "", originError("A port is a number from 1 to 65535: write %s:8080.", scheme+"://"+host)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return scheme + "://" + host, nil
	}
	return scheme + "://" + host + ":" + port, nil
}

func validPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0 && strconv.FormatUint(n, 10) == port
}

// validHost accepts names of ASCII letters, digits, hyphens and underscores between dots, and addresses.
func validHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Zone() == ""
	}
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notInHost) || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

func notInHost(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}
