package live_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"planga/chat"
	"planga/chat/live"
)

func TestDisablingAKeyClosesItsSocketsWithinASecond(t *testing.T) {
	h := newHouse(t)
	h.settle(t, app(2))
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	other := h.comes(t, "ann of app 2", token(t, 2, "ann", nil, "bikes"))
	other.joins("bikes")
	disabled := app(1)
	disabled.Revision, disabled.Keys[0].Active = 2, false
	began := time.Now()
	h.settle(t, disabled)
	if code := ann.isClosed(); code != websocket.StatusPolicyViolation {
		t.Errorf("got close code %d, want 1008", code)
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("it took %s", d)
	}
	if _, err := h.dial(t, "ann", token(t, 1, "ann", nil, "bikes"), nil); err == nil {
		t.Error("a disabled key still lets in")
	}
	other.posts("bikes", "c1", "still here")
}

func TestDeletingAnAppClosesItsSockets(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	gone := app(1)
	gone.Revision, gone.Deleted = 2, true
	h.settle(t, gone)
	if code := ann.isClosed(); code != websocket.StatusPolicyViolation {
		t.Errorf("got close code %d, want 1008", code)
	}
}

func TestPagesOfOtherOriginsAreRefused(t *testing.T) {
	h := newHouse(t, func(o *live.Options) { o.URL = "https://chat.example" })
	host := strings.TrimPrefix(h.web.URL, "http://")
	for origin, welcome := range map[string]bool{
		"":                              true, // no browser
		"https://good.example":          true,
		"https://chat.example":          true, // the server itself, by its configured address
		"http://" + host:                true, // by the address it was asked under
		"null":                          false,
		"https://evil.example":          false,
		"https://good.example.evil.com": false,
		"https://good.example:444":      false,
		"http://good.example":           false,
		"https://GOOD.example":          false,
		"https://good.example/":         false,
		"https://xn--god-0na.example":   false,
		"https://göod.example":          false,
		"file://" + host:                false,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		_, err := h.dial(t, "ann", token(t, 1, "ann", nil, "bikes"), header)
		if (err == nil) != welcome {
			t.Errorf("origin %q: got error %v, want welcome %v", origin, err, welcome)
		}
	}
	stats := h.service.Statistics.Collect()
	if len(stats.Apps) != 1 || len(stats.Apps[0].Refused) == 0 || stats.Apps[0].Refused[0].Origin == "" {
		t.Errorf("the app's owner is not told: %+v", stats)
	}
}

// clock is the time of a house whose tests need another one.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }
func (c *clock) set(o *live.Options)     { o.Now = c.now }

func tokenFor(t testing.TB, user string, issued time.Time, ttl time.Duration) string {
	t.Helper()
	token, err := chat.Mint(key(1), chat.Claims{
		User: chat.User{ID: chat.UserID(user), Name: user}, Conversations: []chat.ConversationID{"bikes"}, IssuedAt: issued,
	}, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestASocketDiesWithItsCredentialUnlessItIsRenewed(t *testing.T) {
	t.Parallel()
	var c clock
	h := newHouse(t, c.set)
	ann := h.comes(t, "ann", tokenFor(t, "ann", c.now(), time.Minute))
	bob := h.comes(t, "bob", tokenFor(t, "bob", c.now(), time.Minute))
	ann.joins("bikes")
	bob.joins("bikes")
	renewed := tokenFor(t, "bob", c.now(), time.Hour)
	if got := bob.gets("conversation:bikes", "authorize", `{"token":"`+renewed+`"}`); got["expires_at"] == nil {
		t.Errorf("got %v, want the new expiry", got)
	}
	ann.isRefused("conversation:bikes", "authorize", `{"token":"`+renewed+`"}`, chat.Forbidden)
	ann.isRefused("conversation:bikes", "authorize", `{"token":"nonsense"}`, chat.Unauthorized)
	ann.isRefused("conversation:bikes", "authorize", `{}`, chat.Unauthorized)
	c.advance(3 * time.Minute)
	ann.patience = 10 * time.Second // a sweep takes place every five
	if code := ann.isClosed(); code != websocket.StatusPolicyViolation {
		t.Errorf("got close code %d, want 1008", code)
	}
	bob.posts("bikes", "c1", "still here")
}

func TestEncryptedOptionsReachTheirOneConversation(t *testing.T) {
	h := newHouse(t)
	sealed, err := chat.Seal(key(1), map[string]any{
		"conversation_id": "bikes", "current_user_id": 7, "current_user_name": "Old Ann", "exp": time.Now().Add(time.Hour).Unix(),
		"other_users": []map[string]any{{"id": "bob", "name": "Bob"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	base := "ws" + strings.TrimPrefix(h.web.URL, "http") + "/socket/websocket?vsn=2.0.0"
	encode := base64.StdEncoding.EncodeToString
	for name, query := range map[string]string{
		"escaped": "&public_api_id=" + url.QueryEscape(encode([]byte("pk_1"))) + "&config=" + url.QueryEscape(encode([]byte(sealed))),
		"raw":     "&public_api_id=" + encode([]byte("pk_1")) + "&config=" + encode([]byte(sealed)),
	} {
		t.Run(name, func(t *testing.T) {
			conn, _, err := websocket.Dial(context.Background(), base+query, nil)
			if err != nil {
				t.Fatal(err)
			}
			ann := h.settles(t, "ann", conn)
			if got := ann.gets("conversation:*", "phx_join", "{}"); got["conversation_id"] != "bikes" {
				t.Errorf("got %v, want the conversation's id", got)
			}
			bob := h.comes(t, "bob", token(t, 1, "bob", nil)) // whom the options brought in
			bob.joins("bikes")
			bob.posts("bikes", name, "to "+name)
			ann.hearsMessage("*", "to "+name)
			bob.hearsMessage("bikes", "to "+name)
		})
	}
}
