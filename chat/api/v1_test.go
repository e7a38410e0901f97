package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"planga/chat"
)

// forgetful keeps no apps.
type forgetful struct{}

func (forgetful) SaveApp(context.Context, chat.App) error      { return nil }
func (forgetful) LoadApps(context.Context) ([]chat.App, error) { return nil, nil }

// register is the roles of a few participants; err makes it fail.
type register struct {
	roles map[string]chat.Role
	err   error
}

func (g *register) SetRole(_ context.Context, r chat.Room, whom chat.UserID, role chat.Role) (chat.Participant, error) {
	who := r.String() + "/" + string(whom)
	if g.err != nil {
		return chat.Participant{}, g.err
	}
	if err := role.Check(); err != nil {
		return chat.Participant{}, err
	}
	if _, ok := g.roles[who]; !ok {
		return chat.Participant{}, chat.Errorf(chat.NotFound, "The user is not in this conversation.")
	}
	g.roles[who] = role
	return chat.Participant{Role: role}, nil
}

var (
	now  = time.Unix(1_800_000_000, 0)
	bike = chat.Key{PublicID: "pk_bikes", PrivateKey: "MDEyMzQ1Njc4OWFiY2RlZg", Active: true}
	boat = chat.Key{PublicID: "pk_boats", PrivateKey: "ZmVkY2JhOTg3NjU0MzIxMA", Active: true}
	off  = chat.Key{PublicID: "pk_off", PrivateKey: "MDEyMzQ1Njc4OWFiY2RlZg"}
)

// stand is a server with two apps: 1 with the switch for 2018, 2 without.
func stand(t *testing.T) (*httptest.Server, *register, *[]*chat.Refused) {
	t.Helper()
	d := chat.NewDirectory(forgetful{})
	for _, a := range []chat.App{
		{ID: 1, Revision: 1, Clients2018: true, Keys: []chat.Key{bike, off}},
		{ID: 2, Revision: 1, Keys: []chat.Key{boat}},
	} {
		if err := d.Apply(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	roles := &register{roles: map[string]chat.Role{`1/"7"/ann`: "", `2/"7"/bob`: ""}}
	var refused []*chat.Refused
	s := &Server{Directory: d, Roles: roles, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Refused: func(r *chat.Refused) { refused = append(refused, r) }}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return server, roles, &refused
}

// request is the body of a request, encrypted with k.
func request(t *testing.T, k chat.Key, content any) string {
	t.Helper()
	sealed, err := chat.Seal(k, content)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"public_api_id":%q,"encrypted_request":%q}`, k.PublicID, sealed)
}

// setRole is the content of a request.
func setRole(role, conversation, user any) map[string]any {
	return map[string]any{"action": "set_role", "params": map[string]any{"role": role, "conversation_id": conversation, "user_id": user}}
}

// send posts a body and returns the status, which must be the same inside and out, and the whole answer.
func send(t *testing.T, server *httptest.Server, method, path, contentType, body string) (int, reply, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got reply
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		t.Fatalf("%d: the answer is not JSON: %v", answer.StatusCode, err)
	}
	if got.Status != answer.StatusCode || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %+v under status %d, headers %v", got, answer.StatusCode, answer.Header)
	}
	return answer.StatusCode, got, answer.Header
}

func TestHostServerMakesAModerator(t *testing.T) {
	server, roles, _ := stand(t)
	_, got, _ := send(t, server, "POST", "/api/v1", "application/json", request(t, bike, setRole("moderator", 7, "ann")))
	if got != (reply{Status: 200, Data: "success"}) || roles.roles[`1/"7"/ann`] != chat.Moderator {
		t.Errorf("got %+v, roles %v", got, roles.roles)
	}
	_, got, _ = send(t, server, "POST", "/api/v1", "application/json; charset=UTF-8", request(t, bike, setRole("", "7", "ann")))
	if got.Status != 200 || roles.roles[`1/"7"/ann`] != chat.Member {
		t.Errorf("resetting: got %+v, roles %v", got, roles.roles)
	}
}

func TestRequestWithoutExpiryNeedsTheSwitch(t *testing.T) {
	server, roles, refused := stand(t)
	content := setRole("moderator", 7, "bob")
	status, _, _ := send(t, server, "POST", "/api/v1", "application/json", request(t, boat, content))
	if status != 401 || len(*refused) != 1 || (*refused)[0].Claim != "exp" || (*refused)[0].App != 2 {
		t.Fatalf("without exp: got %d, refused %+v", status, *refused)
	}
	content["exp"] = now.Add(time.Minute).Unix()
	status, _, _ = send(t, server, "POST", "/api/v1", "application/json", request(t, boat, content))
	if status != 200 || roles.roles[`2/"7"/bob`] != chat.Moderator {
		t.Errorf("with exp: got %d, roles %v", status, roles.roles)
	}
}

func TestWrongRequestsAreAnsweredClearly(t *testing.T) {
	good := request(t, bike, setRole("moderator", 7, "ann"))
	sealed := func(v any) string { return request(t, bike, v) }
	twice := strings.TrimSuffix(good, "}") + `,"public_api_id":"pk_boats"}`
	table := []struct {
		name, method, path, contentType, body string
		status                                int
		reason                                chat.Code
	}{
		{"GET", "GET", "/api/v1", "application/json", "", 405, chat.Invalid},
		{"PUT", "PUT", "/api/v1", "application/json", good, 405, chat.Invalid},
		{"TRACE", "TRACE", "/api/v1", "application/json", "", 405, chat.Invalid},
		{"another address", "POST", "/api/v1/x", "application/json", good, 404, chat.NotFound},
		{"an encoded path", "POST", "/api/v1%00", "application/json", good, 404, chat.NotFound},
		{"an encoded way up", "POST", "/api/v1/..%2fv1", "application/json", good, 404, chat.NotFound},
		{"a semicolon", "POST", "/api/v1;x=1", "application/json", good, 404, chat.NotFound},
		{"a trailing dot", "POST", "/api/v1.", "application/json", good, 404, chat.NotFound},
		{"an overlong path", "POST", "/api/%c0%ae%c0%ae/v1", "application/json", good, 404, chat.NotFound},
		{"no content type", "POST", "/api/v1", "", good, 415, chat.Invalid},
		{"text", "POST", "/api/v1", "text/plain", good, 415, chat.Invalid},
		{"UTF-7", "POST", "/api/v1", "application/json; charset=utf-7", good, 415, chat.Invalid},
		{"a form", "POST", "/api/v1", "application/x-www-form-urlencoded", "public_api_id=pk_bikes", 415, chat.Invalid},
		{"multipart", "POST", "/api/v1", "multipart/form-data; boundary=x", "--x--", 415, chat.Invalid},
		{"too large", "POST", "/api/v1", "application/json", strings.Repeat(" ", maxRequest) + good, 413, chat.TooLong},
		{"nothing", "POST", "/api/v1", "application/json", "", 400, chat.Invalid},
		{"not JSON", "POST", "/api/v1", "application/json", "public", 400, chat.Invalid},
		{"a list", "POST", "/api/v1", "application/json", "[]", 400, chat.Invalid},
		{"numbers", "POST", "/api/v1", "application/json", `{"public_api_id":1,"encrypted_request":2}`, 400, chat.Invalid},
		{"a name twice", "POST", "/api/v1", "application/json", twice, 400, chat.Invalid},
		{"more behind", "POST", "/api/v1", "application/json", good + good, 400, chat.Invalid},
		{"nested deeply", "POST", "/api/v1", "application/json", strings.Repeat("[", 60_000), 400, chat.Invalid},
		{"null", "POST", "/api/v1", "application/json", "null", 401, chat.Unauthorized},
		{"empty", "POST", "/api/v1", "application/json", "{}", 401, chat.Unauthorized},
		{"an unknown key", "POST", "/api/v1", "application/json", strings.Replace(good, "pk_bikes", "pk_none", 1), 401, chat.Unauthorized},
		{"the key of another app", "POST", "/api/v1", "application/json", strings.Replace(good, "pk_bikes", "pk_boats", 1), 401, chat.Unauthorized},
		{"a disabled key", "POST", "/api/v1", "application/json", request(t, off, setRole("", 7, "ann")), 401, chat.Unauthorized},
		{"not encrypted", "POST", "/api/v1", "application/json", `{"public_api_id":"pk_bikes","encrypted_request":"{}"}`, 401, chat.Unauthorized},
		{"no action", "POST", "/api/v1", "application/json", sealed(map[string]any{"params": map[string]any{}}), 400, chat.Invalid},
		{"no params", "POST", "/api/v1", "application/json", sealed(map[string]any{"action": "set_role"}), 400, chat.Invalid},
		{"an unknown action", "POST", "/api/v1", "application/json", sealed(map[string]any{"action": "drop", "params": map[string]any{}}), 404, chat.NotFound},
		{"no role", "POST", "/api/v1", "application/json", sealed(setRole(nil, 7, "ann")), 400, chat.Invalid},
		{"role admin", "POST", "/api/v1", "application/json", sealed(setRole("admin", 7, "ann")), 400, chat.Invalid},
		{"role a list", "POST", "/api/v1", "application/json", sealed(setRole([]string{"moderator"}, 7, "ann")), 400, chat.Invalid},
		{"no conversation", "POST", "/api/v1", "application/json", sealed(setRole("", nil, "ann")), 400, chat.Invalid},
		{"conversation 1.5", "POST", "/api/v1", "application/json", sealed(setRole("", 1.5, "ann")), 400, chat.Invalid},
		{"an empty user", "POST", "/api/v1", "application/json", sealed(setRole("", 7, "")), 400, chat.Invalid},
		{"a user with NUL", "POST", "/api/v1", "application/json", sealed(setRole("", 7, "ann\x00")), 400, chat.Invalid},
		{"a stranger", "POST", "/api/v1", "application/json", sealed(setRole("", 7, "carl")), 404, chat.NotFound},
		{"another app's conversation", "POST", "/api/v1", "application/json", sealed(setRole("", 7, "bob")), 404, chat.NotFound},
	}
	server, roles, _ := stand(t)
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			status, got, _ := send(t, server, row.method, row.path, row.contentType, row.body)
			if status != row.status || got.Reason != row.reason || got.Message == "" || got.Data != "" {
				t.Errorf("got %+v, want %d %s", got, row.status, row.reason)
			}
		})
	}
	for who, role := range roles.roles {
		if role != chat.Member {
			t.Errorf("%s became %q", who, role)
		}
	}
}

func TestMethodOverrideAndCompressedBodiesCountForNothing(t *testing.T) {
	server, _, _ := stand(t)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(z, zeros{}, 16<<20); err != nil {
		t.Fatal(err)
	}
	z.Close()
	for _, row := range []struct {
		header, value string
		body          io.Reader
		status        int
	}{
		{"Content-Encoding", "gzip", &bomb, 415},
		{"X-HTTP-Method-Override", "POST", nil, 405},
	} {
		method := map[bool]string{true: "GET", false: "POST"}[row.body == nil]
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/v1", row.body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(row.header, row.value)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != row.status {
			t.Errorf("%s: got %d, want %d", row.header, answer.StatusCode, row.status)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Two readings of where a request ends would let one request hide in another.
func TestSmuggledRequestsAreRefused(t *testing.T) {
	server, _, _ := stand(t)
	host := server.Listener.Addr().String()
	head := "POST /api/v1 HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"two lengths":                head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"a negative length":          head + "Content-Length: -1\r\n\r\n{}",
		"a chunk extension of 1 MiB": head + "Transfer-Encoding: chunked\r\n\r\n2;x=" + strings.Repeat("a", 1<<20) + "\r\n{}\r\n0\r\n\r\n",
		"a length and chunks":        head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"an unknown coding":          head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"two hosts":                  head + "Host: evil.example\r\nContent-Length: 2\r\n\r\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.WriteString(conn, text) }() // the server may hang up before it has read all
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil && (answer.StatusCode < 400 || answer.StatusCode > 501) {
				t.Errorf("got %d", answer.StatusCode)
			}
		})
	}
}

func TestOneAppCannotFloodTheAPI(t *testing.T) {
	server, _, _ := stand(t)
	body := request(t, bike, setRole("", 7, "ann"))
	status, wait := 0, ""
	for range burst + 1 {
		var h http.Header
		status, _, h = send(t, server, "POST", "/api/v1", "application/json", body)
		wait = h.Get("Retry-After")
	}
	if status != 429 || wait != "1" {
		t.Errorf("got %d, retry after %q", status, wait)
	}
	other := setRole("", 7, "bob")
	other["exp"] = now.Add(time.Minute).Unix()
	if status, _, _ := send(t, server, "POST", "/api/v1", "application/json", request(t, boat, other)); status != 200 {
		t.Errorf("the other app: got %d", status)
	}
}

func TestStoreThatCannotWriteIsNamed(t *testing.T) {
	server, roles, _ := stand(t)
	roles.err = chat.Unavailable(io.ErrShortWrite, 1500*time.Millisecond)
	body := request(t, bike, setRole("", 7, "ann"))
	status, got, h := send(t, server, "POST", "/api/v1", "application/json", body)
	if status != 503 || got.Reason != chat.StorageUnavailable || h.Get("Retry-After") != "2" {
		t.Errorf("got %d %+v, retry after %q", status, got, h.Get("Retry-After"))
	}
	roles.err = io.ErrUnexpectedEOF
	status, got, _ = send(t, server, "POST", "/api/v1", "application/json", body)
	if status != 500 || got.Reason != chat.Internal || strings.Contains(got.Message, "EOF") {
		t.Errorf("got %d %+v", status, got)
	}
}
