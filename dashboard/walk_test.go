package dashboard_test

import (
	"fmt"
	"net/url"
	"planga/bus"
	"planga/chat"
	"planga/dashboard"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestADeveloperInstallsTheChatInABrowser(t *testing.T) {
	h := open(t, "")
	b := h.browser()
	setup, _, err := h.board.SetupURL(t.Context())
	b.must(err)
	b.open(mustPath(setup))
	b.picture("setup")
	b.fill("#site", "wheelhouse.example/bikes")
	b.fill("#email", sanasEmail)
	b.fill("#password", "bicycle123")
	b.do(chromedp.Click(chromedp.CSS(".door button")))
	b.sees("#site-error", "write https://wheelhouse.example.")
	b.sees("#password-error", "among the first a guesser tries")
	b.picture("setup-errors")
	b.fill("#site", "https://wheelhouse.example")
	b.fill("#password", sanasPassword)
	b.do(chromedp.Click(chromedp.CSS(".door button")))

	b.sees("h1", "Install")
	b.picture("install-empty")
	b.do(chromedp.Click(chromedp.CSS(".steps .form button")))
	b.sees("dialog", "Key “Website” is ready")
	modal, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.querySelector("dialog").matches(":modal")`))
	b.must(err)
	if !modal {
		t.Error("the dialog is not modal")
	}
	b.picture("keys-secret")
	b.do(chromedp.Click(chromedp.CSS("dialog a.btn.is-main")))
	b.sees("table", "Website")
	b.picture("keys")

	apps, err := h.board.Register().ListApps(t.Context())
	b.must(err)
	b.installs(apps[0].ID)
	b.watches(apps[0].ID)
	b.settles(apps[0].ID)
}

func mustPath(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Path
}

// installs walks through the Install page to the first message.
func (b *browser) installs(app chat.AppID) {
	b.Helper()
	b.open(fmt.Sprintf("/apps/%d/install", app))
	b.do(chromedp.Click(chromedp.CSS(".tabs label:nth-child(2)")))
	b.sees(".block", "hash_hmac")
	b.fill("#token", "eyJhbGciOiJub25lIn0.e30.")
	b.do(chromedp.Click(chromedp.CSS("#test button")))
	b.sees("#findings", "alg")
	b.picture("install")
	b.sees(".wait", "Waiting for the first message")
	told := b.told.await(b.T, app, "to tell of messages", func(a chat.App) bool { return a.Listens(chat.OnMessageCreated) })
	b.must(b.bus.Publish(b.Context(), firstMessage(app)))
	b.sees(".wait", "The first message is here.")
	b.sees(".wait", "Jonas Lindqvist in bike-4120")
	b.told.await(b.T, app, "to be silent again", func(a chat.App) bool { return a.Revision > told.Revision && len(a.Events) == 0 })
	b.picture("install-done")
}

func firstMessage(app chat.AppID) bus.Outgoing {
	room := chat.Room{App: app, Conversation: "bike-4120"}
	author := chat.User{ID: "8812", Name: "Jonas Lindqvist"}
	return bus.Outgoing{Outgoing: chat.Outgoing{
		ID: string(chat.NewMessageID()), Type: chat.OnMessageCreated, At: time.Now(), Room: room,
		Message: &chat.Message{
			ID: chat.NewMessageID(), Seq: 1, Rev: 2, ClientID: "c1", Author: chat.Author{User: author}, Kind: chat.Text,
			Body: "Is it still for sale?", SentAt: time.Now(),
		},
	}}
}

// watches looks at the overview while figures arrive.
func (b *browser) watches(app chat.AppID) {
	b.Helper()
	for i := range 96 {
		from := time.Now().Add(-time.Duration(96-i) * 15 * time.Minute)
		b.tell(app, from, int64(200+i*7%90), int64(120+(i*37)%150))
	}
	b.open(fmt.Sprintf("/apps/%d", app))
	b.sees("h1", "Overview")
	b.tell(app, time.Now().Add(-5*time.Second), 1284, 37)
	b.sees("#figures", "1,284")
	b.sees("#figures", "Origin is not on the list")
	b.picture("overview")
}

// tell is what a node says of one interval.
func (b *browser) tell(app chat.AppID, from time.Time, connections, messages int64) {
	b.Helper()
	s := chat.AppStatistics{
		App: app, Connections: connections, Peak: connections + 12, Joins: 3, Messages: messages, Bytes: messages * 80,
		AckP50: 1200 * time.Microsecond, AckP99: 3600 * time.Microsecond,
		Refused: []chat.Refusal{
			{Reason: "Origin is not on the list", Origin: "https://staging.wheelhouse.example", Count: 1, Last: from.Add(5 * time.Second)},
			{Reason: "The token had expired", Count: 3, Last: from.Add(5 * time.Second)},
		},
	}
	b.must(b.bus.Publish(b.Context(), bus.Statistics{Statistics: chat.Statistics{
		Node: "ams-1", From: from, To: from.Add(10 * time.Second), Apps: []chat.AppStatistics{s}}}))
}

// settles looks at the settings, at what asks before deleting, and at the pages for strangers.
func (b *browser) settles(app chat.AppID) {
	b.Helper()
	b.open(fmt.Sprintf("/apps/%d/settings", app))
	b.fill("#origin", "shop.wheelhouse.example/cart")
	b.do(chromedp.Click(chromedp.CSS("#origins .form button")))
	b.sees("#origin-error", "write https://shop.wheelhouse.example.")
	b.picture("settings")
	b.open(fmt.Sprintf("/apps/%d/delete", app))
	b.sees("dialog", "Delete the app")
	b.picture("delete-app")
	keys, err := b.board.Register().ListKeys(b.Context(), app)
	b.must(err)
	b.must(b.board.Register().SetKeyActive(b.Context(), app, keys[slices.IndexFunc(keys, func(k dashboard.Key) bool { return k.Name == "Website" })].PublicID, false))
	b.open(fmt.Sprintf("/apps/%d/keys", app))
	b.do(chromedp.Click(chromedp.CSS(".table .ib")))
	b.sees(".menu:popover-open", "Enable")
	b.picture("keys-menu")
	b.open("/apps")
	b.picture("apps")
	b.do(chromedp.Click(chromedp.CSS(".rail .app")))
	b.sees(".is-apps:popover-open", "wheelhouse.example")
	b.picture("apps-menu")
	b.open(fmt.Sprintf("/apps/%d/keys?done=disabled", app))
	b.do(chromedp.EmulateViewport(390, 860), chromedp.Click(chromedp.CSS(".top .ib")))
	b.sees(".rail:popover-open", "Install")
	b.picture("rail")
	b.do(chromedp.Click(chromedp.CSS(".me button")))
	b.sees("h1", "Sign in")
	b.fill("#email", sanasEmail)
	b.fill("#password", "wrong horse wrong horse")
	b.do(chromedp.Click(chromedp.CSS(".door button")))
	b.sees(".notice", "do not match")
	b.picture("login")
}

func TestTheDashboardWorksWithoutScripts(t *testing.T) {
	h := open(t, "")
	setup, _, err := h.board.SetupURL(t.Context())
	h.must(err)
	b := h.browser()
	b.withoutScripts()
	b.open(mustPath(setup))
	b.fill("#site", "https://wheelhouse.example")
	b.fill("#email", sanasEmail)
	b.fill("#password", sanasPassword)
	b.do(chromedp.Click(chromedp.CSS(".door button")))
	b.sees("h1", "Install")
	b.do(chromedp.Click(chromedp.CSS(".steps .form button")))
	b.sees("dialog", "sk_")
	b.picture("noscript-secret")
	b.do(chromedp.Click(chromedp.CSS("dialog a.btn.is-main")))
	b.sees("table", "Website")
	b.do(chromedp.Click(chromedp.CSS(".table .ib")), chromedp.Click(chromedp.CSS(".menu:popover-open button")))
	b.sees(".done", "The key is disabled.")
	b.do(chromedp.Click(chromedp.CSS(".rail a[href$=install]")))
	b.sees("h1", "Install")
	b.fill("#token", "not a token")
	b.do(chromedp.Click(chromedp.CSS("#test button")))
	b.sees("#findings", "form")
	b.picture("noscript-install")
}
