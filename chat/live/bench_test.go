package live_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"planga/bus/memory"
	"planga/chat"
	"planga/chat/live"
	"planga/chat/phoenix"
	"planga/store/sqlite"
)

// listener is a lean client: it counts what comes and parses nothing.
type listener struct {
	conn  *websocket.Conn
	topic string
	acks  chan struct{}
}

// tally counts deliveries up to a number, at which done is closed.
type tally struct {
	n    atomic.Int64
	want atomic.Int64
	done chan struct{}
}

func (c *tally) add() {
	if c.n.Add(1) == c.want.Load() {
		close(c.done)
	}
}

// expect starts to count anew.
func (c *tally) expect(n int) {
	c.n.Store(0)
	c.done = make(chan struct{})
	c.want.Store(int64(n))
}

// newQuietHouse is a node without log lines and limits.
func newQuietHouse(b *testing.B) *house {
	b.Helper()
	store, err := sqlite.OpenChat(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	h := &house{store: store, bus: memory.New(), directory: chat.NewDirectory(store)}
	h.settle(b, app(1))
	log := slog.New(slog.DiscardHandler)
	h.service = &chat.Service{Conversations: store, Publisher: live.Carrier{Bus: h.bus}, Apps: h.directory, Now: time.Now,
		Log: log, Statistics: chat.NewCollector("bench", time.Now)}
	o := live.Options{Service: h.service, Gate: h.directory, Bus: h.bus, Node: "bench", Log: log, Now: time.Now}
	unlimited(&o)
	if h.live, err = live.Open(o); err != nil {
		b.Fatal(err)
	}
	h.endpoint = phoenix.New(h.live, phoenix.Options{Logger: log, DrainOver: time.Millisecond})
	mux := http.NewServeMux()
	h.endpoint.Register(mux, "/socket")
	h.web = httptest.NewServer(mux)
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = h.endpoint.Drain(ctx)
		h.web.Close()
		h.live.Close()
		h.bus.Close()
		store.Close()
	})
	return h
}

// listens connects and joins, and counts deliveries from then on.
func (h *house) listens(b *testing.B, user, conversation string, heard *tally) *listener {
	token := token(b, 1, user, nil, chat.ConversationID(conversation))
	url := "ws" + strings.TrimPrefix(h.web.URL, "http") + "/socket/websocket?vsn=2.0.0"
	conn, _, err := websocket.Dial(context.Background(), url, &websocket.DialOptions{
		Subprotocols: []string{"phoenix", "base64url.bearer.phx." + base64.RawURLEncoding.EncodeToString([]byte(token))},
	})
	if err != nil {
		b.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	l := &listener{conn: conn, topic: "conversation:" + conversation, acks: make(chan struct{}, 16)}
	l.send(`["1","1","` + l.topic + `","phx_join",{}]`)
	joined := make(chan struct{})
	go l.listen(joined, heard)
	<-joined
	return l
}

func (l *listener) send(text string) {
	if err := l.conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		panic(err)
	}
}

func (l *listener) listen(joined chan struct{}, heard *tally) {
	for {
		_, data, err := l.conn.Read(context.Background())
		if err != nil {
			return
		}
		switch {
		case bytes.Contains(data, []byte(`"message",`)):
			heard.add()
		case !bytes.Contains(data, []byte(`"phx_reply"`)):
		case joined != nil:
			close(joined)
			joined = nil
		default:
			l.acks <- struct{}{}
		}
	}
}

// cpu is what the process used so far, server and clients.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill joins so many people to each of so many rooms, and returns them, room after room, and the CPU time of one join, its client's
// included.
func (h *house) fill(b *testing.B, rooms, members int, heard *tally) (people []*listener, join time.Duration) {
	before := cpu()
	for r := range rooms {
		for m := range members {
			l := h.listens(b, fmt.Sprint("u", r, "-", m), fmt.Sprint("room", r), heard)
			people = append(people, l)
			b.Cleanup(func() { l.conn.CloseNow() })
		}
	}
	return people, (cpu() - before) / time.Duration(rooms*members)
}

// measure posts n messages, of as many people at once as there are posters, and waits until all have been heard by all.
func measure(b *testing.B, posters []*listener, members int, heard *tally) {
	heard.expect(b.N * members)
	b.ResetTimer()
	before, began := cpu(), time.Now()
	var next atomic.Int64
	var posting sync.WaitGroup
	for _, p := range posters {
		posting.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				p.send(fmt.Sprintf(`["1","%d","%s","new_message",{"client_id":"%d-%d","body":"is that still available on Saturday?"}]`,
					n, p.topic, b.N, n))
				<-p.acks
			}
		})
	}
	posting.Wait()
	<-heard.done
	b.StopTimer()
	took, used := time.Since(began), cpu()-before
	b.ReportMetric(float64(b.N)/took.Seconds(), "messages/s")
	b.ReportMetric(float64(b.N*members)/took.Seconds(), "deliveries/s")
	b.ReportMetric(float64(used)/float64(b.N)/1e3, "cpu-µs/message")
}

// BenchmarkChat is a thousand rooms of four: each message is stored durably, acknowledged, and heard by all four.
func BenchmarkChat(b *testing.B) {
	h := newQuietHouse(b)
	heard := new(tally)
	people, join := h.fill(b, 1000, 4, heard)
	var posters []*listener
	for i := range 512 {
		posters = append(posters, people[4*i])
	}
	measure(b, posters, 4, heard)
	b.ReportMetric(float64(join)/1e3, "cpu-µs/join")
}

// BenchmarkFanOut is one room of a thousand, of whom 64 post.
func BenchmarkFanOut(b *testing.B) {
	h := newQuietHouse(b)
	heard := new(tally)
	people, _ := h.fill(b, 1, 1000, heard)
	measure(b, people[:64], 1000, heard)
}

// BenchmarkComeBack is somebody who was there before: connect, verify, join, read what was missed, leave.
func BenchmarkComeBack(b *testing.B) {
	h := newQuietHouse(b)
	heard := new(tally)
	const people = 200
	come := func(i int) *listener { return h.listens(b, fmt.Sprint("u", i%people), fmt.Sprint("room", i%50), heard) }
	for i := range people {
		l := come(i)
		b.Cleanup(func() { l.conn.CloseNow() })
	}
	b.ResetTimer()
	before := cpu()
	for i := range b.N {
		come(i).conn.CloseNow()
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N)/1e3, "cpu-µs/join")
}
