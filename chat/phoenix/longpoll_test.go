package phoenix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"planga/chat/phoenix"
)

// poller is a long-poll client that sees every answer.
type poller struct {
	t      *testing.T
	url    string
	token  string
	origin string
}

// polled is an answer's body, and its header that lets a page read it.
type polled struct {
	Status   int
	Token    string
	Messages []string
	Allowed  string `json:"-"`
}

func (s *server) poller(t *testing.T, origin string) *poller {
	return &poller{t: t, url: "http://" + s.addr + "/socket/longpoll?vsn=2.0.0", origin: origin}
}

// ask makes one request.
func (p *poller) ask(ctx context.Context, method, body string) (polled, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.token != "" {
		req.Header.Set("X-Phoenix-Longpoll-Token", p.token)
	}
	if p.origin != "" {
		req.Header.Set("Origin", p.origin)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return polled{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return polled{}, err
	}
	answer := polled{Allowed: resp.Header.Get("Access-Control-Allow-Origin")}
	if err := json.Unmarshal(b, &answer); err != nil || resp.StatusCode != 200 {
		p.t.Fatalf("%s answered %d %s: %v", method, resp.StatusCode, b, err)
	}
	return answer, nil
}

// gets asks and fails unless the status is as wanted.
func (p *poller) gets(method, body string, want int) polled {
	p.t.Helper()
	answer, err := p.ask(p.t.Context(), method, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if answer.Status != want {
		p.t.Fatalf("%s %.80s got status %d, want %d", method, body, answer.Status, want)
	}
	return answer
}

// open begins a session and joins room:a.
func (p *poller) open() {
	p.t.Helper()
	p.token = p.gets("GET", "", 410).Token
	p.gets("POST", `["1","1","room:a","phx_join",{}]`, 200)
	p.hears(`["1","1","room:a","phx_reply",{"status":"ok","response":{}}]`)
}

// hears polls until all that is wanted has come, in order.
func (p *poller) hears(want ...string) {
	p.t.Helper()
	for len(want) > 0 {
		for _, m := range p.gets("GET", "", 200).Messages {
			if len(want) == 0 || m != want[0] {
				p.t.Fatalf("heard %s, want %s", m, want)
			}
			want = want[1:]
		}
	}
}

func TestLongPoll(t *testing.T) {
	s := newServer(t, phoenix.Options{PollWindow: 50 * time.Millisecond})
	ann := s.poller(t, "https://good.com")

	t.Run("begins with a token and a status of 410", func(t *testing.T) {
		ann.open()
		if h := s.house.lastShake(); h.Transport != phoenix.LongPoll || h.Origin != "https://good.com" {
			t.Errorf("got %+v", h)
		}
	})
	t.Run("takes several frames with one request, in order", func(t *testing.T) {
		ann.gets("POST", `["1","2","room:a","echo",{"n":2}]`+"\n"+`["1","3","room:a","shout",{"n":3}]`+"\r\n", 200)
		ann.hears(`["1","2","room:a","phx_reply",{"status":"ok","response":{"n":2}}]`,
			`[null,null,"room:a","shouted",{"n":3}]`,
			`["1","3","room:a","phx_reply",{"status":"ok","response":{}}]`)
	})
	t.Run("answers 204 when nothing comes", func(t *testing.T) {
		ann.gets("GET", "", 204)
	})
	t.Run("wakes when something comes", func(t *testing.T) {
		go s.house.shout("room:a", "news", nil)
		for {
			answer, err := ann.ask(t.Context(), "GET", "")
			if err != nil {
				t.Fatal(err)
			}
			if answer.Status == 200 {
				break
			}
		}
	})
	t.Run("lets only its own origin read and write", func(t *testing.T) {
		if got := ann.gets("GET", "", 204).Allowed; got != "https://good.com" {
			t.Errorf("allowed %q", got)
		}
		thief := *ann
		thief.origin = "https://evil.com"
		for _, method := range []string{"GET", "POST"} {
			if got := thief.gets(method, "", 403).Allowed; got != "" {
				t.Errorf("allowed %q", got)
			}
		}
	})
	t.Run("refuses more frames than a hundred", func(t *testing.T) {
		ann.gets("POST", strings.Repeat(beat+"\n", 101), 413)
	})
	t.Run("refuses a body beyond all limits", func(t *testing.T) {
		ann.gets("POST", strings.Repeat(" ", 2<<20), 413)
	})
	t.Run("ends a session whose frame is none", func(t *testing.T) {
		ann.gets("POST", "{}", 410)
		ann.gets("GET", "", 410)
		s.house.waitFor(t, "leave room:a", 1)
		s.house.waitFor(t, "closed closed by the server: 1007", 1)
	})
}

func TestLongPollBegins(t *testing.T) {
	t.Run("an unknown session is gone, for GET and POST", func(t *testing.T) {
		s := newServer(t, phoenix.Options{})
		lost := s.poller(t, "https://good.com")
		lost.token = "lp_" + strings.Repeat("x", 43)
		for _, method := range []string{"GET", "POST"} {
			if answer := lost.gets(method, "", 410); answer.Token != "" || answer.Allowed != "https://good.com" {
				t.Errorf("%s got %+v", method, answer)
			}
		}
		if n := s.Stats().Opened; n != 0 {
			t.Errorf("%d sessions were opened", n)
		}
	})
	t.Run("a refused credential is 403, an error 500, and neither may be read by the page", func(t *testing.T) {
		s := newServer(t, phoenix.Options{})
		for token, want := range map[string]int{"wrong": 403, "broken": 500} {
			bob := s.poller(t, "https://good.com")
			bob.url += "&token=" + token
			if got := bob.gets("GET", "", want).Allowed; got != "" {
				t.Errorf("allowed %q", got)
			}
		}
	})
	t.Run("a wrong vsn is 403", func(t *testing.T) {
		bob := newServer(t, phoenix.Options{}).poller(t, "")
		bob.url = strings.Replace(bob.url, "2.0.0", "3.0.0", 1)
		bob.gets("GET", "", 403)
	})
	t.Run("a page of the server's own origin sends one only with POST", func(t *testing.T) {
		ann := newServer(t, phoenix.Options{}).poller(t, "")
		ann.token = ann.gets("GET", "", 410).Token
		ann.origin = "https://good.com"
		if got := ann.gets("POST", beat, 200).Allowed; got != "" {
			t.Errorf("allowed %q", got)
		}
	})
}

func TestLongPollTakesTurns(t *testing.T) {
	t.Run("a second poll takes the place of the first", func(t *testing.T) {
		s := newServer(t, phoenix.Options{PollWindow: time.Minute})
		ann := s.poller(t, "")
		ann.open()
		first := make(chan polled, 1)
		go func() {
			answer, _ := ann.ask(t.Context(), "GET", "")
			first <- answer
		}()
		ctx, cancel := context.WithCancel(t.Context())
		second := make(chan struct{})
		go func() {
			defer close(second)
			for ctx.Err() == nil && len(first) == 0 {
				short, stop := context.WithTimeout(ctx, 50*time.Millisecond)
				_, _ = ann.ask(short, "GET", "")
				stop()
			}
		}()
		if got := (<-first).Status; got != 204 {
			t.Errorf("the first got %d, want 204", got)
		}
		cancel()
		<-second
	})
}

func TestLongPollEnds(t *testing.T) {
	t.Run("a session that is not polled ends", func(t *testing.T) {
		s := newServer(t, phoenix.Options{HeartbeatTimeout: 100 * time.Millisecond})
		ann := s.poller(t, "")
		ann.token = ann.gets("GET", "", 410).Token
		s.house.waitFor(t, "closed closed by the server: 1001 no heartbeat", 1)
		ann.gets("GET", "", 410)
	})
	t.Run("a poll whose session is closed meanwhile is answered", func(t *testing.T) {
		s := newServer(t, phoenix.Options{PollWindow: time.Minute})
		ann := s.poller(t, "")
		ann.open()
		ch := s.house.members("room:a")[0]
		answer := make(chan polled, 1)
		go func() {
			got, _ := ann.ask(t.Context(), "GET", "")
			answer <- got
		}()
		ch.Conn().Close(1012, "restart")
		if got := (<-answer).Status; got != 410 {
			t.Errorf("got %d, want 410", got)
		}
		s.house.waitFor(t, "leave room:a", 1)
		s.house.waitFor(t, "closed", 1)
	})
	t.Run("too much that is not polled ends the session", func(t *testing.T) {
		s := newServer(t, phoenix.Options{})
		ann := s.poller(t, "")
		ann.open()
		for range 257 {
			s.house.shout("room:a", "news", nil)
		}
		s.house.waitFor(t, "closed closed by the server: 1013", 1)
	})
}

func TestLongPollBodyThatNeverComes(t *testing.T) {
	s := newServer(t, phoenix.Options{PollWindow: 50 * time.Millisecond})
	ann := s.poller(t, "")
	ann.token = ann.gets("GET", "", 410).Token
	nc := s.rawDial(t)
	fmt.Fprintf(nc, "POST /socket/longpoll HTTP/1.1\r\nHost: good.com\r\nX-Phoenix-Longpoll-Token: %s\r\nContent-Length: 100\r\n\r\n[", ann.token)
	answer, err := io.ReadAll(nc)
	if err != nil || !strings.Contains(string(answer), `"status":400`) {
		t.Errorf("got %s, %v", answer, err)
	}
	ann.gets("POST", beat, 200)
}

func TestPreflight(t *testing.T) {
	s := newServer(t, phoenix.Options{})
	req, _ := http.NewRequestWithContext(t.Context(), "OPTIONS", "http://"+s.addr+"/socket/longpoll", nil)
	req.Header.Set("Origin", "https://good.com")
	req.Header.Set("Access-Control-Request-Method", "POST")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	h := resp.Header
	if resp.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != "https://good.com" ||
		!strings.Contains(h.Get("Access-Control-Allow-Headers"), "x-phoenix-authtoken") ||
		h.Get("Access-Control-Allow-Credentials") != "" || h.Get("Vary") != "Origin" {
		t.Errorf("got %d %v", resp.StatusCode, h)
	}
	req, _ = http.NewRequestWithContext(t.Context(), "PUT", "http://"+s.addr+"/socket/longpoll", nil)
	put, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer put.Body.Close()
	if put.StatusCode != 405 {
		t.Errorf("PUT got %d, want 405", put.StatusCode)
	}
}
