package api

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"planga/chat"
	"planga/store/files"
)

func TestAHugeBodyIsCutOff(t *testing.T) {
	c := openCounter(t)
	for name, head := range map[string]string{"announced": "Content-Length: 104857600\r\n\r\n", "in chunks": "Transfer-Encoding: chunked\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", c.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			sent := make(chan int, 1)
			go func() { sent <- flood(conn, head, token(t, bikeJWT, "ann")) }()
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || answer.StatusCode != http.StatusRequestEntityTooLarge {
				t.Fatalf("got %v, %v", answer, err)
			}
			conn.Close()
			if n := <-sent; n > 20<<20 {
				t.Errorf("%d bytes were taken before the refusal", n)
			}
			c.wantOnDisk(t, 0)
		})
	}
}

func flood(conn net.Conn, head, token string) (sent int) {
	fmt.Fprintf(conn, "POST /files?name=a.txt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s", token, head)
	part := bytes.Repeat([]byte("a"), 64<<10)
	if strings.Contains(head, "chunked") {
		part = append(append([]byte("10000\r\n"), part...), "\r\n"...)
	}
	for sent < 100<<20 {
		n, err := conn.Write(part)
		sent += n
		if err != nil {
			break
		}
	}
	return sent
}

func TestOneUserCannotTakeItAll(t *testing.T) {
	var l uploadLimits
	at := time.Now()
	var ends []func()
	for range uploadsOfOneUser {
		end, err := l.begin(at, 1, "ann")
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	if _, err := l.begin(at, 1, "ann"); chat.CodeOf(err) != chat.RateLimited || chat.AsError(err).RetryAfter <= 0 {
		t.Errorf("one more at once: got %v", err)
	}
	if end, err := l.begin(at, 2, "ann"); err != nil {
		t.Errorf("the same name in another app: %v", err)
	} else {
		end()
	}
	for _, end := range ends {
		end()
	}
	for range uploadBurst - uploadsOfOneUser {
		end, err := l.begin(at, 1, "ann")
		if err != nil {
			t.Fatal(err)
		}
		end()
	}
	_, err := l.begin(at, 1, "ann")
	if chat.CodeOf(err) != chat.RateLimited {
		t.Fatalf("too many in all: got %v", err)
	}
	if _, err := l.begin(at.Add(chat.AsError(err).RetryAfter), 1, "ann"); err != nil {
		t.Errorf("after the time told: %v", err)
	}
}

func TestUploadsOfAllAreBounded(t *testing.T) {
	var l uploadLimits
	at := time.Now()
	for i := range uploadsAtOnce {
		if _, err := l.begin(at, 1, chat.UserID(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.begin(at, 1, "last"); chat.CodeOf(err) != chat.Busy {
		t.Errorf("got %v", err)
	}
	for i := range 2 * rememberedUploads {
		l.now = 0
		if end, err := l.begin(at.Add(time.Duration(i)*time.Second), 2, chat.UserID(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		} else {
			end()
		}
	}
	if n := len(l.users); n > rememberedUploads+uploadsAtOnce+1 {
		t.Errorf("%d users are remembered", n)
	}
}

func TestAFullDiskIsToldToTheClient(t *testing.T) {
	c := openCounter(t)
	full, err := files.Open(t.TempDir(), 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	c.files.Uploads.Contents = full
	answer, body := c.call(t, "POST", "/files?name=a.txt", map[string]string{"Authorization": "Bearer " + token(t, bikeJWT, "ann")}, strings.NewReader("hello"))
	if answer.StatusCode != 503 || answer.Header.Get("Retry-After") == "" || !strings.Contains(string(body), "storage_unavailable") {
		t.Errorf("got %s %s", answer.Status, body)
	}
}
