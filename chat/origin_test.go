package chat_test

import (
	"testing"

	"planga/chat"
)

func TestPagesAreWelcomeFromAllowedOriginsAndOurOwn(t *testing.T) {
	app := chat.App{Origins: []string{"https://bikes.example"}}
	for origin, want := range map[string]bool{
		"":                               true, // no browser
		"https://bikes.example":          true,
		"https://chat.example":           true, // the server's address
		"http://inside.example:8080":     true, // the host that the request names
		"https://inside.example:8080":    true,
		"null":                           false,
		"https://bikes.example:444":      false,
		"http://bikes.example":           false,
		"https://bikes.example.evil.com": false,
		"https://BIKES.example":          false,
		"file://inside.example:8080":     false,
		"https://inside.example":         false,
		"%":                              false,
	} {
		if got := app.Welcomes(origin, "inside.example:8080", "https://chat.example"); got != want {
			t.Errorf("%q: got %v", origin, got)
		}
	}
	if app.Welcomes("https://", "", "https://chat.example") {
		t.Error("a request without a host welcomes an origin without one")
	}
}
