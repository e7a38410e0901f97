package phoenix

import "net/http"

// preflight answers a browser that asks whether it may send a long-poll
// request from another origin. Which origins an app allows is not known
// before its credential has been seen, so this says yes to all: it gives
// nothing away, because no cookie is ever looked at, and the answers to the
// requests themselves can be read only from the origin that Connect accepted.
func preflight(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w, r)
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "content-type, authorization, x-phoenix-authtoken, x-phoenix-longpoll-token")
	h.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}

// allowAnyOrigin lets any page read an answer that holds nothing of anybody's.
func allowAnyOrigin(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r.Header.Get("Origin"))
}

// allowOrigin lets pages of one origin read the answer. There are no
// credentials that a browser would add by itself.
func allowOrigin(w http.ResponseWriter, origin string) {
	if origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
}
