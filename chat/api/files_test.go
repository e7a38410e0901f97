package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"planga/chat"
	"planga/store/files"
	"planga/store/sqlite"
)

var (
	bikeJWT = chat.Key{PublicID: "pk_bikes", PrivateKey: bike.PrivateKey, Secret: "sk_" + strings.Repeat("b", 43), Active: true}
	boatJWT = chat.Key{PublicID: "pk_boats", Secret: "sk_" + strings.Repeat("o", 43), Active: true}
	offJWT  = chat.Key{PublicID: "pk_off", Secret: "sk_" + strings.Repeat("f", 43)}
)

// counter is a server that takes files for two apps: 1, whose pages are on bikes.example, and 2.

type counter struct {
	*httptest.Server
	files   *Files
	folder  string
	counted *chat.Collector
	now     time.Time
}

func openCounter(t *testing.T) *counter {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.OpenChat(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d := chat.NewDirectory(store)
	for _, a := range []chat.App{
		{ID: 1, Revision: 1, Keys: []chat.Key{bikeJWT, offJWT}, Origins: []string{"https://bikes.example"}},
		{ID: 2, Revision: 1, Keys: []chat.Key{boatJWT}},
	} {
		if err := d.Apply(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	c := &counter{folder: filepath.Join(dir, "files"), now: time.Now()}
	contents, err := files.Open(c.folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { contents.Close() })
	key, err := sqlite.DerivedKey(dir, "files")
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return c.now }
	log := slog.New(slog.DiscardHandler)
	c.counted = chat.NewCollector("node", clock)
	c.files = FilesOf(d, &chat.Service{Apps: d, Statistics: c.counted, Now: clock, Log: log,
		Uploads: &chat.Uploads{Files: store, Contents: contents, Apps: d, Key: key, Now: clock, Log: log}}, "")
	mux := http.NewServeMux()
	c.files.Register(mux)
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	c.files.URL = c.URL
	return c
}

// token is a visitor's, signed with k.

func token(t *testing.T, k chat.Key, user chat.UserID) string {
	t.Helper()
	signed, err := chat.Mint(k, chat.Claims{User: chat.User{ID: user}}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// call makes a request and returns the answer with its body.

func (c *counter) call(t *testing.T, method, address string, header map[string]string, body io.Reader) (*http.Response, []byte) {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = c.URL + address
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := c.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, b
}

// upload sends content as ann of app 1, and returns the answer that it was taken.

func (c *counter) upload(t *testing.T, name string, content []byte) uploaded {
	t.Helper()
	answer, body := c.call(t, "POST", "/files?name="+url.QueryEscape(name),
		map[string]string{"Authorization": "Bearer " + token(t, bikeJWT, "ann"), "Content-Type": "image/svg+xml"}, bytes.NewReader(content))
	var u uploaded
	if err := json.Unmarshal(body, &u); err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatalf("got %s: %s", answer.Status, body)
	}
	return u
}

func (c *counter) wantOnDisk(t *testing.T, want int) {
	t.Helper()
	got := 0
	err := filepath.WalkDir(c.folder, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			got++
		}
		return err
	})
	if err != nil || got != want {
		t.Errorf("%d files are on disk (%v), want %d", got, err, want)
	}
}

func smallPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPictureIsSentAndShown(t *testing.T) {
	c := openCounter(t)
	content := smallPNG(t)
	u := c.upload(t, "Grüße 🐈.png", content)
	if u.Name != "Grüße 🐈.png" || u.Type != "image/png" || u.Size != int64(len(content)) || u.Width != 4 || u.Height != 3 {
		t.Errorf("got %+v", u)
	}
	answer, body := c.call(t, "GET", u.URL, nil, nil)
	if answer.StatusCode != http.StatusOK || !bytes.Equal(body, content) {
		t.Errorf("got %s, %d bytes", answer.Status, len(body))
	}
	for name, want := range map[string]string{
		"Content-Type":                 "image/png",
		"Content-Disposition":          "inline; filename*=utf-8''Gr%C3%BC%C3%9Fe%20%F0%9F%90%88.png",
		"X-Content-Type-Options":       "nosniff",
		"Content-Security-Policy":      "sandbox; default-src 'none'",
		"Cross-Origin-Resource-Policy": "cross-origin",
		"Referrer-Policy":              "no-referrer",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	var age int
	if _, err := fmt.Sscanf(answer.Header.Get("Cache-Control"), "private, immutable, max-age=%d", &age); err != nil || age < 18*3600-60 || age > 24*3600 {
		t.Errorf("got Cache-Control %q", answer.Header.Get("Cache-Control"))
	}
	if answer, body := c.call(t, "HEAD", u.URL, nil, nil); answer.StatusCode != 200 || answer.ContentLength != u.Size || len(body) > 0 {
		t.Errorf("HEAD: got %s, %d bytes", answer.Status, answer.ContentLength)
	}
	etag := answer.Header.Get("ETag")
	if answer, _ := c.call(t, "GET", u.URL, map[string]string{"If-None-Match": etag}, nil); answer.StatusCode != http.StatusNotModified {
		t.Errorf("with the ETag: got %s", answer.Status)
	}
}

func TestAllButPicturesAreForSavingOnly(t *testing.T) {
	c := openCounter(t)
	c.files.Uploads.Limits = func(chat.AppID) chat.FileLimits {
		return chat.FileLimits{Types: append(chat.DefaultFileTypes(), "text/html", "image/svg+xml")}
	}
	for name, want := range map[string]struct{ content, kind, saved string }{
		"a.pdf":      {"%PDF-1.7", "application/pdf", "a.pdf"},
		"a.html":     {"<html><script>alert(1)</script>", "application/octet-stream", "a.html"},
		"a.png":      {"<svg onload='alert(1)'/>", "application/octet-stream", "a.png.svg"},
		"b.html":     {"hello <script>alert(1)</script>", "text/plain", "b.html.txt"},
		`a";x=".txt`: {"hello", "text/plain", "\"a_;x=_.txt\""},
	} {
		u := c.upload(t, name, []byte(want.content))
		answer, body := c.call(t, "GET", u.URL, nil, nil)
		h := answer.Header
		if string(body) != want.content || h.Get("Content-Type") != want.kind || h.Get("Content-Disposition") != "attachment; filename="+want.saved ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
			t.Errorf("%s: got %s, %v", name, answer.Status, h)
		}
	}
}

func TestPartsOfAFileAreServed(t *testing.T) {
	c := openCounter(t)
	u := c.upload(t, "a.txt", []byte("0123456789"))
	for given, want := range map[string]struct {
		status int
		body   string
	}{
		"bytes=2-4": {206, "234"}, "bytes=-3": {206, "789"}, "bytes=7-": {206, "789"}, "bytes=0-99": {206, "0123456789"},
		"bytes=10-": {416, ""}, "bytes=a-b": {416, ""}, "lines=1-2": {416, ""},
		"bytes=0-0,1-1,0-9": {200, "0123456789"}, // more than the whole is the whole
	} {
		answer, body := c.call(t, "GET", u.URL, map[string]string{"Range": given}, nil)
		if answer.StatusCode != want.status || want.body != "" && string(body) != want.body {
			t.Errorf("%s: got %s %q", given, answer.Status, body)
		}
	}
}

func TestUploadsAreRefusedClearly(t *testing.T) {
	c := openCounter(t)
	good := map[string]string{"Authorization": "Bearer " + token(t, bikeJWT, "ann")}
	with := func(name, value string) map[string]string {
		return map[string]string{"Authorization": good["Authorization"], name: value}
	}
	late := c.now
	table := []struct {
		name, method, path string
		header             map[string]string
		body               string
		status             int
		reason             chat.Code
	}{
		{"no token", "POST", "/files?name=a", nil, "hello", 401, chat.Unauthorized},
		{"an empty token", "POST", "/files?name=a", map[string]string{"Authorization": "Bearer "}, "hello", 401, chat.Unauthorized},
		{"rubbish", "POST", "/files?name=a", map[string]string{"Authorization": "Bearer a.b.c"}, "hello", 401, chat.Unauthorized},
		{"the token in the address", "POST", "/files?name=a&token=" + token(t, bikeJWT, "ann"), nil, "hello", 401, chat.Unauthorized},
		{"Basic", "POST", "/files?name=a", map[string]string{"Authorization": "Basic cGtfYmlrZXM6c2s="}, "hello", 401, chat.Unauthorized},
		{"a disabled key", "POST", "/files?name=a", map[string]string{"Authorization": "Bearer " + token(t, offJWT, "ann")}, "hello", 401, chat.Unauthorized},
		{"another app's page", "POST", "/files?name=a", with("Origin", "https://boats.example"), "hello", 403, chat.Forbidden},
		{"no origin", "POST", "/files?name=a", with("Origin", "null"), "hello", 403, chat.Forbidden},
		{"nothing", "POST", "/files?name=a", good, "", 400, chat.Invalid},
		{"SVG with a script", "POST", "/files?name=cat.png", with("Content-Type", "image/png"), "<svg><script>alert(1)</script></svg>", 415, chat.Invalid},
		{"HTML", "POST", "/files?name=cat.png", with("Content-Type", "image/png"), "<html>", 415, chat.Invalid},
		{"a damaged picture", "POST", "/files?name=cat.png", good, "\x89PNG\r\n\x1a\n", 415, chat.Invalid},
		{"a form", "POST", "/files?name=a", with("Content-Type", "multipart/form-data; boundary=x"), "\x00--x--", 415, chat.Invalid},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			answer, body := c.call(t, row.method, row.path, row.header, strings.NewReader(row.body))
			var got reply
			if err := json.Unmarshal(body, &got); err != nil || answer.StatusCode != row.status || got.Status != row.status ||
				got.Reason != row.reason || got.Message == "" || answer.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("got %s %s, want %d %s", answer.Status, body, row.status, row.reason)
			}
		})
	}
	told := map[string]int{}
	for _, app := range c.counted.Collect().Apps {
		for _, refusal := range app.Refused {
			told[refusal.Key+" "+refusal.Origin]++
		}
	}
	if len(told) != 3 || told["pk_off "] != 1 || told["pk_bikes https://boats.example"] != 1 || told["pk_bikes null"] != 1 {
		t.Errorf("the owners were told of %v, want the disabled key and two origins", told)
	}
	c.now = late.Add(2 * time.Hour)
	if answer, body := c.call(t, "POST", "/files?name=a", good, strings.NewReader("hello")); answer.StatusCode != 401 {
		t.Errorf("an expired token: got %s %s", answer.Status, body)
	}
	c.wantOnDisk(t, 0)
}

func TestDownloadsAreRefusedClearly(t *testing.T) {
	c := openCounter(t)
	u := c.upload(t, "a.txt", []byte("hello"))
	plain, query, _ := strings.Cut(u.URL, "?")
	for address, want := range map[string]int{
		plain: 403,
		plain + "?" + strings.Replace(query, "signature=", "signature=A", 1): 403,
		plain + "?" + strings.Replace(query, "expires=1", "expires=2", 1):    403,
		strings.TrimSuffix(plain, "a.txt") + "b.txt?" + query:                403,
		strings.TrimSuffix(plain, "a.txt") + "..%2fa.txt?" + query:           403,
		c.URL + "/files/x/a.txt?" + query:                                    403,
		c.URL + "/files/x/":                                                  404,
		c.URL + "/files/":                                                    404,
	} {
		answer, body := c.call(t, "GET", address, map[string]string{"Authorization": "Bearer " + token(t, bikeJWT, "ann")}, nil)
		if answer.StatusCode != want || strings.Contains(string(body), "hello") {
			t.Errorf("%s: got %s, want %d", address, answer.Status, want)
		}
	}
	if answer, _ := c.call(t, "POST", u.URL, nil, nil); answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %s", answer.Status)
	}
	c.now = c.now.Add(25 * time.Hour)
	if answer, body := c.call(t, "GET", u.URL, nil, nil); answer.StatusCode != 403 {
		t.Errorf("a day later: got %s %s", answer.Status, body)
	}
}

func TestPagesMayUploadFromTheAppsOriginsOnly(t *testing.T) {
	c := openCounter(t)
	answer, _ := c.call(t, "OPTIONS", "/files", map[string]string{"Origin": "https://bikes.example",
		"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}, nil)
	h := answer.Header
	if answer.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != "https://bikes.example" || h.Get("Access-Control-Allow-Methods") != "POST" ||
		h.Get("Access-Control-Allow-Headers") != "authorization, content-type, planga-public-id" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: got %s %v", answer.Status, h)
	}
	for origin, want := range map[string]int{"https://bikes.example": 201, "https://bikes.example:444": 403, "http://bikes.example": 403, c.URL: 201} {
		answer, body := c.call(t, "POST", "/files?name=a.txt", map[string]string{
			"Authorization": "Bearer " + token(t, bikeJWT, "ann"), "Origin": origin}, strings.NewReader("hello"))
		if answer.StatusCode != want || answer.Header.Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("%s: got %s %s", origin, answer.Status, body)
		}
	}
}

func TestEncryptedOptionsMayUploadToo(t *testing.T) {
	c := openCounter(t)
	options, err := chat.Seal(bikeJWT, map[string]any{"conversation_id": 7, "current_user_id": 3, "current_user_name": "Ann", "exp": c.now.Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{"pk_bikes": 201, "pk_boats": 401, "": 401} {
		answer, body := c.call(t, "POST", "/files?name=a.txt", map[string]string{"Authorization": "Bearer " + options, "Planga-Public-Id": id}, strings.NewReader("hello"))
		if answer.StatusCode != want {
			t.Errorf("%q: got %s %s", id, answer.Status, body)
		}
	}
}

// A hundred megabytes are cut off long before they have all come, whether or not they are announced.

// flood sends a request with up to 100 MB of text, until the connection is closed, and returns how much of it went.
