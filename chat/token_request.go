package chat

import (
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

// SealedRequest is a request to the API of 2018, vouched for by the key that encrypted it.
type SealedRequest struct {
	App    AppID
	Key    string // public id
	Action string
	Params Params
}

// Params are the parameters of a [SealedRequest].
type Params map[string]json.RawMessage

// Text returns a parameter that is a JSON string.
func (p Params) Text(name string) (string, bool) { return jsonText(p[name]) }

// ID returns a parameter that is an id: a JSON string or a whole number, compared as strings.
func (p Params) ID(name string) (string, bool) { return identifier(p[name]) }

// OpenRequest decrypts a request to the API of 2018. As with encrypted options, one without exp could be sent again for
// ever by whoever got hold of it, so it is accepted only where pages of 2018 are served. The error is [Unauthorized],
// with a [Refused] as the cause, or [Invalid] if the key vouches for something that is no request.
func (d *Directory) OpenRequest(now time.Time, publicID, sealed string) (SealedRequest, error) {
	if sealed == "" {
		return SealedRequest{}, refuse(noCredential)
	}
	held, content, flaw := d.openSealed(publicID, sealed)
	if flaw != nil {
		return SealedRequest{}, refuse(flaw)
	}
	r := held.reading(now, content, true)
	if flaw := r.run(&expiryCheck); flaw != nil {
		return SealedRequest{}, refuse(held.blame(flaw))
	}
	action, ok := jsonText(r.claims["action"])
	params, isObject := jsonObject(r.claims["params"])
	if !ok || !isObject {
		return SealedRequest{}, Errorf(Invalid, "The request needs an action and params.")
	}
	return SealedRequest{App: held.app.ID, Key: held.id, Action: action, Params: params}, nil
}
