package phoenix_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"planga/chat/phoenix"
)

// childEnv makes the test binary a server, in a process of its own, so that
// the memory measured is not that of the clients.
const childEnv = "PLANGA_BENCH_CHILD"

const (
	idleConns = 10_000
	// idleRounds of heartbeats are sent before the memory is read.
	idleRounds = 6
)

// serveChild is the server of the benchmarks below: ours, or a bare
// coder/websocket loop that answers what it is sent. It ends with its input.
func serveChild(kind string) {
	mux := http.NewServeMux()
	switch kind {
	case "planga":
		e := phoenix.New(newHouse(), phoenix.Options{Logger: slog.New(slog.DiscardHandler)})
		e.Register(mux, "/socket")
	case "floor":
		mux.HandleFunc("/socket/websocket", bareEcho)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { _ = http.Serve(ln, mux) }()
	fmt.Println(ln.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// bareEcho is the least that a server with coder/websocket does.
func bareEcho(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer ws.CloseNow()
	for {
		kind, b, err := ws.Read(context.Background())
		if err != nil || ws.Write(context.Background(), kind, b) != nil {
			return
		}
	}
}

// BenchmarkIdle connects and joins 10,000 clients over loopback to a server
// in a process of its own, and lets them send heartbeats. It reports the
// server's resident memory and its CPU for each; the kernel's buffers are in
// neither. The floor is coder/websocket as it comes, with nothing joined.
func BenchmarkIdle(b *testing.B) {
	b.Run("planga", func(b *testing.B) { benchIdle(b, "planga") })
	b.Run("floor", func(b *testing.B) { benchIdle(b, "floor") })
}

func benchIdle(b *testing.B, kind string) {
	for b.Loop() {
		child := startChild(b, kind)
		idle := child.resident(b)
		cpu := child.cpu(b)
		conns := child.connect(b, idleConns)
		b.ReportMetric(float64((child.cpu(b)-cpu).Microseconds())/idleConns, "CPU-µs/connect")
		for range idleRounds {
			heartbeat(b, conns)
		}
		b.ReportMetric(float64(child.resident(b)-idle)/idleConns/1024, "KiB/conn")
		b.ReportMetric(float64(idle)/1024/1024, "MiB-empty")
		for _, nc := range conns {
			_ = nc.Close()
		}
		child.stop()
	}
}

// child is a server process.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	addr  string
}

func startChild(b *testing.B, kind string) *child {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+kind)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return &child{cmd, stdin, strings.TrimSpace(addr)}
}

func (c *child) stop() {
	_ = c.stdin.Close()
	_ = c.cmd.Wait()
}

// connect opens n connections, a few at a time, and joins a room each.
func (c *child) connect(b *testing.B, n int) []net.Conn {
	conns := make([]net.Conn, n)
	var wg sync.WaitGroup
	for part := range 8 {
		wg.Go(func() {
			for i := part; i < n; i += 8 {
				nc, err := net.Dial("tcp", c.addr)
				if err == nil {
					err = handshakeOn(nc, c.addr, "vsn=2.0.0")
				}
				if err == nil {
					err = exchange(nc, fmt.Sprintf(`["1","1","room:%d","phx_join",{}]`, i))
				}
				if err != nil {
					b.Error(err)
					return
				}
				conns[i] = nc
			}
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return conns
}

// heartbeat sends one on every connection and reads the answers.
func heartbeat(b *testing.B, conns []net.Conn) {
	for i, nc := range conns {
		if err := exchange(nc, fmt.Sprintf(`[null,"%d","phoenix","heartbeat",{}]`, i)); err != nil {
			b.Fatal(err)
		}
	}
}

// exchange sends a frame and reads one of at most 64 KiB.
func exchange(nc net.Conn, frame string) error {
	if _, err := nc.Write(textFrame(frame)); err != nil {
		return err
	}
	var head [4]byte
	if _, err := io.ReadFull(nc, head[:2]); err != nil {
		return err
	}
	n := int64(head[1])
	if n == 126 {
		if _, err := io.ReadFull(nc, head[2:]); err != nil {
			return err
		}
		n = int64(head[2])<<8 | int64(head[3])
	}
	_, err := io.CopyN(io.Discard, nc, n)
	return err
}

// resident is the process's memory in bytes.
func (c *child) resident(b *testing.B) int64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		b.Skip("needs Linux: ", err)
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	kib, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib * 1024
}

// cpu is what the process has used.
func (c *child) cpu(b *testing.B) time.Duration { return cpuOf(b, c.cmd.Process.Pid) }

// cpuOf is what a process has used, in the clock ticks of Linux (10 ms).
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip("needs Linux: ", err)
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	user, _ := strconv.Atoi(string(fields[11]))
	system, _ := strconv.Atoi(string(fields[12]))
	return time.Duration(user+system) * 10 * time.Millisecond
}
