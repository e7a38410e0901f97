package dashboard_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"planga/bus"
	"planga/chat"
	"planga/ui/docs/signing"
	"planga/ui/theme"
)

func TestOriginsAndThe2018SwitchReachTheChat(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	settings := fmt.Sprintf("/apps/%d/settings", app)
	sana.post(settings+"/origins", "origin", "HTTP://LocalHost:3000/").leadsTo(settings + "?done=origins")
	h.told.await(t, app, "of both origins", func(a chat.App) bool {
		return slices.Equal(a.Origins, []string{"https://wheelhouse.example", "http://localhost:3000"})
	})
	sana.post(settings+"/origins", "origin", "evil.com").is(http.StatusUnprocessableEntity).says("write https://evil.com.")
	sana.post(settings+"/origins/remove", "origin", "https://wheelhouse.example").is(http.StatusSeeOther)
	h.told.await(t, app, "of one origin", func(a chat.App) bool { return slices.Equal(a.Origins, []string{"http://localhost:3000"}) })

	sana.get(settings).says("Not served")
	sana.post(settings+"/clients2018", "on", "yes").is(http.StatusSeeOther)
	h.told.await(t, app, "that 2018 is served", func(a chat.App) bool { return a.Clients2018 })
	sana.get(settings).says("Switch off")
	sana.post(settings+"/clients2018", "on", "no").is(http.StatusSeeOther)
	h.told.await(t, app, "that 2018 is not served", func(a chat.App) bool { return !a.Clients2018 })
}

func TestAnAppHasOnlySoManyOrigins(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	path := fmt.Sprintf("/apps/%d/settings/origins", app)
	for i := range 49 {
		sana.post(path, "origin", fmt.Sprintf("https://%d.example", i)).is(http.StatusSeeOther)
	}
	sana.post(path, "origin", "https://0.example").is(http.StatusSeeOther) // it is there already
	sana.post(path, "origin", "https://one-too-many.example").is(http.StatusUnprocessableEntity).says("at most 50 origins")
}

func TestTheTokenTesterNamesTheFailingClaim(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	sana.createKey(app, "Website")
	key := h.told.await(t, app, "of the key", func(a chat.App) bool { return len(a.Keys) == 1 }).Keys[0]
	claims := chat.Claims{User: chat.User{ID: "8812", Name: "Jonas Lindqvist"}, Conversations: []chat.ConversationID{"bike-4120"}}
	good, err := chat.Mint(key, claims, time.Hour)
	h.must(err)
	claims.IssuedAt = time.Now().Add(-2 * time.Hour)
	expired, err := chat.Mint(key, claims, time.Hour)
	h.must(err)
	path := fmt.Sprintf("/apps/%d/install/token", app)
	other := sana.post("/apps", "name", "Other", "origin", "https://b.example").app()

	for name, c := range map[string]struct{ path, token, failing string }{
		"a good one":                  {path, good, ""},
		"a good one with spaces":      {path, " \n" + good + "\n", ""},
		"an expired one":              {path, expired, "exp"},
		"one with another signature":  {path, good[:len(good)-8] + "AAAAAAAA", "signature"},
		"one of another app":          {fmt.Sprintf("/apps/%d/install/token", other), good, "kid"},
		"no token at all":             {path, "", "form"},
		"a million dots":              {path, strings.Repeat(".", 10000), "form"},
		"something that is not ASCII": {path, "éé.éé.éé", "form"},
	} {
		t.Run(name, func(t *testing.T) {
			whole := sana.post(c.path, "token", c.token).is(http.StatusOK).says("Five steps")
			r := sana.form(c.path, "token", c.token)
			r.Header.Set("HX-Request", "true")
			part := sana.do(r).is(http.StatusOK).doesNotSay("<html")
			for _, a := range []answer{whole, part} {
				failing := between(a.body, `<li class="is-no">`, "</b>")
				if got := failing[strings.LastIndex(failing, ">")+1:]; got != c.failing {
					t.Errorf("%q fails, want %q:\n%s", got, c.failing, a.words())
				}
			}
		})
	}
}

func TestTheInstallPageHasCodeForEightLanguages(t *testing.T) {
	h := open(t, "https://chat.wheelhouse.example")
	link, _, err := h.board.SetupURL(t.Context())
	h.must(err)
	sana := h.stranger()
	a := sana.post(pathOf(link), "site", "https://wheelhouse.example", "email", sanasEmail, "password", sanasPassword)
	cookie := a.is(http.StatusSeeOther).Cookies()[0]
	app := a.app()
	id, _, err := h.board.Register().CreateKey(t.Context(), app, "Website")
	h.must(err)
	r, err := http.NewRequest("GET", fmt.Sprintf("%s/apps/%d/install", h.URL, app), nil)
	h.must(err)
	r.AddCookie(cookie) // the jar keeps it back: it is for HTTPS only
	r.Host = "evil.example"
	r.Header.Set("X-Forwarded-Host", "evil.example")
	page := sana.do(r).is(http.StatusOK).doesNotSay("evil.example")
	page.says(`<script src="https://chat.wheelhouse.example/planga.js" async></script>`)
	for _, language := range []string{"Node", "PHP", "Python", "Ruby", "Go", "Java", "C#", "Elixir"} {
		page.says(language)
	}
	shown := html.UnescapeString(tags.ReplaceAllString(page.body, ""))
	for _, l := range signing.Languages() {
		code, err := signing.Render(l.ID, signing.Vars{PublicID: id.PublicID})
		h.must(err)
		if !strings.Contains(shown, code) {
			t.Errorf("the code in %s is not there as it is", l.Name)
		}
	}
}

func TestTheFirstMessageIsShownAtOnce(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	first := fmt.Sprintf("/apps/%d/install/first", app)
	sana.get(first).says("Waiting for the first message in wheelhouse.example")
	h.must(h.bus.Publish(t.Context(), bus.Outgoing{Outgoing: chat.Outgoing{
		ID: string(chat.NewMessageID()), Type: chat.OnConversationCreated, At: time.Now(), Room: chat.Room{App: app, Conversation: "bike-4120"},
	}}))
	sana.get(first).says("Waiting")
	h.must(h.bus.Publish(t.Context(), firstMessage(app))) // returns when the dashboard is done with it
	sana.get(first).says("The first message is here.").says("Jonas Lindqvist in bike-4120").doesNotSay("hx-get")
	sana.get("/apps").says("In use")
}

func TestTheRailTellsWhetherTheChatIsHeard(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	sana.get("/apps").says("Listening for the chat")
	h.clock.advance(time.Minute)
	sana.get("/apps").says("No chat node heard of")
	hear := func(node string) {
		now := h.clock.now()
		h.must(h.bus.Publish(t.Context(), bus.Statistics{Statistics: chat.Statistics{Node: node, From: now.Add(-10 * time.Second), To: now}}))
	}
	hear("ams-1")
	sana.get("/apps").says("Chat is running")
	hear("ams-2")
	sana.get(fmt.Sprintf("/apps/%d", app)).says("2 chat nodes running")
}

var links = regexp.MustCompile(`(?:href|action|src|hx-get|hx-post)="([^"]*)"`)

// Every link and every form of every page leads somewhere. The documentation is served by somebody else.
func TestNoLinkIsDead(t *testing.T) {
	h := open(t, "")
	sana, app := h.owner()
	sana.createKey(app, "Website")
	icons := sana.get(theme.URL("icons.svg")).is(http.StatusOK).body
	seen := map[string]bool{}
	var walk func(path string)
	walk = func(path string) {
		path, _, _ = strings.Cut(path, "#")
		if seen[path] || strings.HasPrefix(path, "/docs/") {
			return
		}
		seen[path] = true
		a := sana.get(path)
		if a.StatusCode == http.StatusMethodNotAllowed && strings.Contains(a.Header.Get("Allow"), "POST") {
			return // where a form leads
		}
		if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: got %d", path, a.StatusCode)
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			return
		}
		for _, link := range links.FindAllStringSubmatch(a.body, -1) {
			if _, icon, is := strings.Cut(link[1], ".svg#"); is && !strings.Contains(icons, `id="`+icon+`"`) {
				t.Errorf("%s shows the icon %q, which there is not", path, icon)
			}
			if to := html.UnescapeString(link[1]); strings.HasPrefix(to, "/") {
				walk(to)
			} else if !strings.HasPrefix(to, "#") {
				t.Errorf("%s leads elsewhere: %q", path, to)
			}
		}
	}
	walk("/apps")
	if len(seen) < 20 {
		t.Errorf("only %d pages were seen: %v", len(seen), seen)
	}
}
