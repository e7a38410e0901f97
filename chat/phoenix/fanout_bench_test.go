package phoenix_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"planga/chat/phoenix"
)

const (
	roomSize = 1000
	// inFlight broadcasts may be under way: fewer than overflow an outbox.
	inFlight = 128
)

var benchPayload = map[string]string{"id": "0198f3c2-7c1e-7d0a-9f57-2f9b1f6f0c11", "body": strings.Repeat("hello ", 12)}

// listeners are connections whose ends only count what arrives.
type listeners struct {
	got   [roomSize]atomic.Int64
	moved chan struct{}
}

// listen counts the bytes of one member until the connection ends.
func (l *listeners) listen(member int, r io.Reader) {
	buf := make([]byte, 16<<10)
	for {
		n, err := r.Read(buf)
		l.got[member].Add(int64(n))
		select {
		case l.moved <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// waitFor waits until every member has got so many bytes.
func (l *listeners) waitFor(b *testing.B, bytes int64) {
	for i := range l.got {
		for l.got[i].Load() < bytes {
			select {
			case <-l.moved:
			case <-time.After(10 * time.Second):
				b.Fatalf("%d bytes arrived at %d, want %d", l.got[i].Load(), i, bytes)
			}
		}
	}
}

// BenchmarkFanOut sends b.N broadcasts to a room of 1,000. One op is one
// broadcast; deliveries/s and CPU-s/M (for a million deliveries, both ends
// together) are what to compare. The floors write the same bytes in a bare
// loop to the same kind of connection: one write for each delivery, and one
// for sixteen.
func BenchmarkFanOut(b *testing.B) {
	b.Run("planga", func(b *testing.B) { benchFanOut(b) })
	b.Run("floor-1-a-write", func(b *testing.B) { benchFloor(b, 1) })
	b.Run("floor-16-a-write", func(b *testing.B) { benchFloor(b, 16) })
}

func benchFanOut(b *testing.B) {
	s, l := fullRoom(b)
	runFanOut(b, l, int64(len(benchFrame())+4), shouter(b, s), 1)
	if n := s.Stats().Overflows; n > 0 {
		b.Fatalf("%d connections overflowed", n)
	}
}

// BenchmarkFanOutPaced sends 100 broadcasts a second to a room of 1,000, as
// many as are due at their time: there is little to join into one write. It
// reports CPU-s/M and how long after it was due the last member had one.
func BenchmarkFanOutPaced(b *testing.B) {
	b.Run("planga", func(b *testing.B) {
		s, l := fullRoom(b)
		runPaced(b, l, int64(len(benchFrame())+4), shouter(b, s))
	})
	b.Run("floor", func(b *testing.B) {
		ends, l := bareRoom(b)
		frame := append([]byte("...."), benchFrame()...)
		runPaced(b, l, int64(len(frame)), func() { writeAll(ends, frame) })
	})
}

// runPaced sends b.N broadcasts, each when it is due.
func runPaced(b *testing.B, l *listeners, size int64, send func()) {
	const interval = 10 * time.Millisecond
	late := make([]time.Duration, 0, b.N)
	before := cpuOf(b, os.Getpid())
	b.ResetTimer()
	start := time.Now()
	for i := range b.N {
		due := start.Add(time.Duration(i) * interval)
		time.Sleep(time.Until(due))
		send()
		l.waitFor(b, int64(i+1)*size)
		late = append(late, time.Since(due))
	}
	b.StopTimer()
	slices.Sort(late)
	b.ReportMetric((cpuOf(b, os.Getpid())-before).Seconds()/float64(b.N)/roomSize*1e6, "CPU-s/M")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "ms-p99-last")
}

// fullRoom is a server with a room of 1,000, whose ends only count.
func fullRoom(b *testing.B) (*server, *listeners) {
	s := newServer(b, phoenix.Options{})
	l := &listeners{moved: make(chan struct{}, 1)}
	var joined sync.WaitGroup
	for member := range roomSize {
		nc := s.handshake(b, "vsn=2.0.0")
		_, _ = nc.Write(textFrame(`["1","1","room:big","phx_join",{}]`))
		joined.Add(1)
		go func() {
			r := bufio.NewReader(nc)
			_, _ = r.Discard(len(`["1","1","room:big","phx_reply",{"status":"ok","response":{}}]`) + 2)
			joined.Done()
			l.listen(member, r)
		}()
	}
	joined.Wait()
	return s, l
}

// benchFrame is the broadcast of the benchmarks as it travels.
func benchFrame() []byte {
	return fmt.Appendf(nil, `[null,null,"room:big","message",%s]`, mustJSON(benchPayload))
}

// shouter sends one broadcast to the room.
func shouter(b *testing.B, s *server) func() {
	members := s.house.members("room:big")
	return func() {
		br, err := phoenix.NewBroadcast("room:big", "message", benchPayload)
		if err != nil {
			b.Fatal(err)
		}
		for _, ch := range members {
			ch.Send(br)
		}
	}
}

// benchFloor writes frames in batches of perWrite.
func benchFloor(b *testing.B, perWrite int) {
	ends, l := bareRoom(b)
	frame := append([]byte("...."), benchFrame()...)
	batch := bytes.Repeat(frame, perWrite)
	runFanOut(b, l, int64(len(frame)), func() { writeAll(ends, batch) }, perWrite)
}

// bareRoom is 1,000 TCP connections, whose other ends only count.
func bareRoom(b *testing.B) ([]net.Conn, *listeners) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	l := &listeners{moved: make(chan struct{}, 1)}
	var ends []net.Conn
	for member := range roomSize {
		nc, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		end, err := ln.Accept()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _, _ = nc.Close(), end.Close() })
		ends = append(ends, end)
		go l.listen(member, nc)
	}
	return ends, l
}

// writeAll writes to all connections, from two goroutines.
func writeAll(ends []net.Conn, batch []byte) {
	var wg sync.WaitGroup
	for _, half := range [][]net.Conn{ends[:roomSize/2], ends[roomSize/2:]} {
		wg.Go(func() {
			for _, end := range half {
				_, _ = end.Write(batch)
			}
		})
	}
	wg.Wait()
}

// runFanOut calls send, which sends perCall broadcasts, for b.N broadcasts.
func runFanOut(b *testing.B, l *listeners, size int64, send func(), perCall int) {
	before := cpuOf(b, os.Getpid())
	b.ResetTimer()
	for i := 0; i < b.N; i += perCall {
		if i >= inFlight {
			l.waitFor(b, int64(i-inFlight)*size)
		}
		send()
	}
	total := int64((b.N + perCall - 1) / perCall * perCall)
	l.waitFor(b, total*size)
	b.StopTimer()
	deliveries := float64(total) * roomSize
	b.ReportMetric(deliveries/b.Elapsed().Seconds(), "deliveries/s")
	b.ReportMetric((cpuOf(b, os.Getpid())-before).Seconds()/deliveries*1e6, "CPU-s/M")
}
