package dashboard

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"planga/chat"
	"planga/ui/theme"
)

// maxForm bounds the body of a request: the longest form carries a token of 8 KiB.
const maxForm = 64 << 10

// securityHeaders are on every answer. Nothing may come from elsewhere, nothing is inline, and nobody may frame a page. The
// referrer stays within the site because a setup link has a token in it; "no-referrer" would make browsers send "Origin: null".
var securityHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	"Cache-Control":                "no-store",
}

// guard wraps the pages with what holds for all of them.
func (d *Dashboard) guard(pages http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	if err := cross.AddTrustedOrigin(d.base.Scheme + "://" + d.base.Host); err != nil {
		panic(err) // checkURL has seen to it
	}
	headers := maps.Clone(securityHeaders)
	if strictTransport(d.base) {
		headers["Strict-Transport-Security"] = "max-age=31536000"
	}
	mux := http.NewServeMux()
	mux.Handle(theme.Prefix, theme.Handler())
	mux.Handle("/", pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		defer d.rescue(w, r)
		if err := cross.Check(r); err != nil {
			d.fail(w, r, nil, chat.Errorf(chat.Forbidden, "This form was sent from another site, so nothing was done. Open the page here and try again."))
			return
		}
		if err := checkForm(w, r); err != nil {
			d.fail(w, r, nil, err)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// strictTransport tells whether browsers may be told to reach the host over HTTPS only, for a year (RFC 6797). A port of its own, or
// the machine itself, is left out: the rule would bind whatever else answers at the host's other ports.
func strictTransport(base *url.URL) bool {
	return base.Scheme == "https" && (base.Port() == "" || base.Port() == "443") && !loopback(base.Hostname())
}

// checkForm reads the form of a request that changes something; other kinds of body are refused.
func checkForm(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || kind != "application/x-www-form-urlencoded" || charset != "" && charset != "utf-8" || r.Header.Get("Content-Encoding") != "" {
		return statusError{http.StatusUnsupportedMediaType, "This address takes the dashboard’s own forms, and nothing else."}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if _, big := err.(*http.MaxBytesError); big || strings.Contains(err.Error(), "too large") {
			return statusError{http.StatusRequestEntityTooLarge, "What was sent is longer than 64 KiB. Nothing was changed."}
		}
		return chat.Errorf(chat.Invalid, "The form that was sent could not be read. Nothing was changed.")
	}
	return nil
}

// statusError is a refusal that only HTTP knows.
type statusError struct {
	status   int
	sentence string
}

func (e statusError) Error() string { return fmt.Sprintf("%d: %s", e.status, e.sentence) }

// rescue answers a page that panicked.
func (d *Dashboard) rescue(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	d.fail(w, r, nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}
