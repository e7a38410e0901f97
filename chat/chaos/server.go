package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"planga/chat"
)

// server is a real Planga server in a process of its own, always on the same data and the same address. Used by one goroutine.
type server struct {
	binary, data, address string
	said                  tail
	cmd                   *exec.Cmd
	exited                chan error // of the running process
}

// build compiles the program as a user would, and returns where it is.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "planga")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "planga").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// freeAddress finds a loopback port below those that outgoing connections take, so that none of them has it while the server is
// dead.
func freeAddress() (string, error) {
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000))
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("no port is free")
}

// site is one customer app with the key that its site signs tokens with.
type site struct {
	id  chat.AppID
	key chat.Key
}

// createApp makes an app with the operator's command.
func (s *server) createApp(ctx context.Context, name string) (a site, err error) {
	out, err := exec.CommandContext(ctx, s.binary, "app", "create", name, "--data", s.data).Output()
	if err != nil {
		return a, fmt.Errorf("planga app create: %w\n%s", err, out)
	}
	found := func(field string) string {
		if m := regexp.MustCompile(`(?m)^` + field + `\s+(\S+)$`).FindSubmatch(out); m != nil {
			return string(m[1])
		}
		return ""
	}
	a.key = chat.Key{PublicID: found("public_id"), Secret: found("secret"), PrivateKey: found("private_key"), Active: true}
	if _, err := fmt.Sscan(found("app"), &a.id); err != nil || a.key.Secret == "" {
		return a, fmt.Errorf("planga app create said %q", out)
	}
	return a, nil
}

// start starts the process; it does not wait until it serves.
func (s *server) start() error {
	s.cmd = exec.Command(s.binary, "serve", "--data", s.data, "--listen", s.address, "--post-rate", "1000")
	out, in := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = in, in
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	exited := make(chan error, 1)
	s.exited = exited
	heard := make(chan struct{})
	go func() { s.said.listen(out); close(heard) }()
	go func(cmd *exec.Cmd) {
		err := cmd.Wait()
		in.Close()
		<-heard
		exited <- err
	}(s.cmd)
	return nil
}

// ready waits until the server serves.
func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for {
		ready := answersOK(&client, "http://"+s.address+"/readyz")
		if err := s.lives(); err != nil || ready {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not become ready; it said last:\n%s", s.said.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func answersOK(client *http.Client, url string) bool {
	r, err := client.Get(url)
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// lives returns an error if the server has ended by itself.
func (s *server) lives() error {
	select {
	case err := <-s.exited:
		s.exited <- err
		return fmt.Errorf("the server ended by itself: %v; it said last:\n%s", err, s.said.String())
	default:
		return nil
	}
}

// kill is kill -9. The error tells that the server had ended before.
func (s *server) kill() error {
	if err := s.lives(); err != nil {
		return err
	}
	_ = s.cmd.Process.Kill()
	err := <-s.exited
	s.exited <- err // whoever asks again is answered
	return nil
}

// stop is SIGTERM. The error tells that the server did not end as it should.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("the server is gone: %w; it said last:\n%s", err, s.said.String())
	}
	select {
	case err := <-s.exited:
		s.exited <- err
		if err != nil {
			return fmt.Errorf("the server stopped with %w; it said last:\n%s", err, s.said.String())
		}
		return nil
	case <-time.After(30 * time.Second):
		_ = s.kill()
		return fmt.Errorf("the server did not stop within 30 s of SIGTERM; it said last:\n%s", s.said.String())
	}
}

// tail keeps the last lines that the server said, and the first that tells of a panic.
type tail struct {
	mu     sync.Mutex
	lines  []string
	panics string
	errors int
}

const maxTail = 40

func (t *tail) listen(from io.Reader) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		t.add(lines.Text())
	}
	_, _ = io.Copy(io.Discard, from)
}

func (t *tail) add(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, text); len(t.lines) > maxTail {
		t.lines = t.lines[1:]
	}
	if strings.Contains(text, "level=ERROR") {
		t.errors++
	}
	if t.panics == "" && (strings.HasPrefix(text, "panic:") || strings.HasPrefix(text, "fatal error:") ||
		strings.Contains(text, "level=ERROR") && strings.Contains(text, "panic") || strings.Contains(text, "DATA RACE")) {
		t.panics = text
	}
}

// panicked returns the first line that tells of a panic, "" if there is none.
func (t *tail) panicked() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.panics
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
