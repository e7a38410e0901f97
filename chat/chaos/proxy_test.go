package main

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// echo serves until the test ends, and sends back what it is sent.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func newTestProxy(t *testing.T, pause time.Duration) *proxy {
	t.Helper()
	p, err := newProxy(echo(t), 7, pause)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

// exchange sends a lot and returns what comes back until the connection ends.
func exchange(t *testing.T, p *proxy) (sent, got []byte) {
	t.Helper()
	c, err := net.Dial("tcp", p.address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	sent = bytes.Repeat([]byte("all that we see or seem "), 40_000)
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		_, _ = c.Write(sent)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	got, _ = io.ReadAll(c)
	c.Close()
	<-writing
	return sent, got
}

func TestAnHonestProxyPassesEverythingOn(t *testing.T) {
	p := newTestProxy(t, time.Microsecond)
	if sent, got := exchange(t, p); !bytes.Equal(sent, got) {
		t.Errorf("sent %d bytes, got %d", len(sent), len(got))
	}
}

func TestAHostileProxyDoesAllItsFaultsAndNeverChangesWhatPasses(t *testing.T) {
	p := newTestProxy(t, 2*time.Millisecond)
	p.be(true)
	missing := func() (name string, any bool) {
		for i := range p.faults {
			if p.faults[i].Load() == 0 {
				return faultNames[i], true
			}
		}
		return "", false
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		sent, got := exchange(t, p)
		if !bytes.HasPrefix(sent, got) {
			t.Fatalf("what came out is no beginning of what went in: %d of %d bytes", len(got), len(sent))
		}
		name, any := missing()
		if !any {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no connection was ever %s", name)
		}
	}
}

func TestAProxyBecomesHonestAgain(t *testing.T) {
	p := newTestProxy(t, time.Millisecond)
	p.be(true)
	exchange(t, p)
	p.be(false)
	if sent, got := exchange(t, p); !bytes.Equal(sent, got) {
		t.Errorf("sent %d bytes, got %d", len(sent), len(got))
	}
}
