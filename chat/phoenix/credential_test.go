package phoenix

import (
	"net/http"
	"slices"
	"testing"
)

func TestTheCredentialDoesNotStayWithTheConnection(t *testing.T) {
	for _, c := range []struct{ offered, kept []string }{
		{[]string{"phoenix, base64url.bearer.phx.c2VjcmV0"}, []string{"phoenix"}},
		{[]string{"base64url.bearer.phx.c2VjcmV0", " phoenix "}, []string{"phoenix"}},
		{[]string{"Phoenix"}, []string{"Phoenix"}},
		{nil, nil},
	} {
		h := http.Header{"Sec-Websocket-Protocol": c.offered}
		if dropCredential(h); !slices.Equal(h["Sec-Websocket-Protocol"], c.kept) {
			t.Errorf("of %q it kept %q, want %q", c.offered, h["Sec-Websocket-Protocol"], c.kept)
		}
	}
}
