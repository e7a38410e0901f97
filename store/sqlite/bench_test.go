package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"planga/chat"
)

// Benchmarks of durable writes. Run them together: the floor tells what this machine's disk gives today, and the ratio to
// it is what counts.
//
//	go test -bench Durable -benchtime 3s ./store/sqlite

var senders = []int{1, 64, 512}

// BenchmarkDurableFloor stores single rows without an index beside the key through the same committer.
func BenchmarkDurableFloor(b *testing.B) {
	for _, n := range senders {
		b.Run(fmt.Sprint("senders=", n), func(b *testing.B) {
			e := openTestEngine(b)
			if err := e.write(b.Context(), createFloor); err != nil {
				b.Fatal(err)
			}
			together(b, n, func(int) error {
				_, err := submit(b.Context(), e, func(b *batch) (struct{}, error) {
					_, err := b.exec(`INSERT INTO floor (body) VALUES (?)`, benchBody)
					return struct{}{}, err
				})
				return err
			})
		})
	}
}

// BenchmarkDurablePost posts in 1,000 rooms of 4 people.
func BenchmarkDurablePost(b *testing.B) {
	for _, n := range senders {
		b.Run(fmt.Sprint("senders=", n), func(b *testing.B) {
			c := openTestChat(b)
			rooms := openRooms(b, c, 1000)
			var serial atomic.Int64
			together(b, n, func(int) error { return postAs(b, c, rooms, int(serial.Add(1))) })
		})
	}
}

// BenchmarkDurablePostPaced posts 2,000 a second, whatever the store does meanwhile, and counts each from when it was due.
func BenchmarkDurablePostPaced(b *testing.B) {
	const perSecond = 2000
	c := openTestChat(b)
	rooms := openRooms(b, c, 1000)
	var took sync.Map
	start, used := time.Now(), cpuTime(b)
	b.ResetTimer()
	var group sync.WaitGroup
	for i := range b.N {
		due := start.Add(time.Duration(i) * time.Second / perSecond)
		time.Sleep(time.Until(due))
		group.Go(func() {
			if err := postAs(b, c, rooms, i); err != nil {
				b.Error(err)
			}
			took.Store(i, time.Since(due))
		})
	}
	group.Wait()
	b.StopTimer()
	var all []time.Duration
	took.Range(func(_, d any) bool { all = append(all, d.(time.Duration)); return true })
	report(b, start, used, all)
}

// postAs posts the i-th message of a benchmark.
func postAs(b *testing.B, c *Chat, rooms []chat.Room, i int) error {
	_, _, err := c.Post(b.Context(), chat.Draft{
		Room: rooms[i*7919%len(rooms)], ID: chat.NewMessageID(), ClientID: chat.ClientID(fmt.Sprintf("client-id-%026d", i)),
		Author: people[i%4], Kind: chat.Text, Body: benchBody, SentAt: time.Now(),
	})
	return err
}

// BenchmarkLatestPage reads the newest 50 messages of a room of a hundred thousand, beside a million in others.
func BenchmarkLatestPage(b *testing.B) {
	for _, total := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint("messages=", total), func(b *testing.B) {
			c := openTestChat(b)
			rooms := openRooms(b, c, 10)
			fill(b, c, total)
			for b.Loop() {
				p, err := c.Read(b.Context(), rooms[5], chat.Query{Limit: 50})
				if err != nil || len(p.Messages) != 50 {
					b.Fatalf("got %d messages, %v", len(p.Messages), err)
				}
			}
		})
	}
}

// BenchmarkComeBack is what a client costs the store that reconnects and has missed nothing: entering, and a look at what is new.
func BenchmarkComeBack(b *testing.B) {
	c := openTestChat(b)
	rooms := openRooms(b, c, 100)
	e := chat.Entry{User: chat.User{ID: people[0], Name: "Ann"}, Admit: true, At: time.Now()}
	var i int
	for b.Loop() {
		e.Room = rooms[i%len(rooms)]
		i++
		in, err := c.Enter(b.Context(), e)
		if err != nil || len(in.Changed) > 0 {
			b.Fatalf("got %v, %v", in.Changed, err)
		}
		if _, err := c.Read(b.Context(), e.Room, chat.Query{AfterRev: &in.Conversation.Rev, Limit: 200}); err != nil {
			b.Fatal(err)
		}
	}
}

const benchBody = "A message of the length that people write when they chat with each other."

var people = []chat.UserID{"ann", "bob", "cat", "zoe"}

func openTestChat(t testing.TB) *Chat {
	t.Helper()
	c, err := OpenChat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func openRooms(t testing.TB, c *Chat, n int) []chat.Room {
	t.Helper()
	var group sync.WaitGroup
	rooms := make([]chat.Room, n)
	for i := range rooms {
		rooms[i] = chat.Room{App: 1, Conversation: chat.ConversationID(fmt.Sprint("room ", i))}
		e := chat.Entry{Room: rooms[i], User: chat.User{ID: people[0], Name: "Ann"}, Admit: true, At: time.Now()}
		for _, id := range people[1:] {
			e.Others = append(e.Others, chat.User{ID: id, Name: string(id)})
		}
		group.Go(func() {
			if _, err := c.Enter(context.Background(), e); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	return rooms
}

// fill stores messages in the ten rooms by SQL alone, in the shape in which posts would.
func fill(b *testing.B, c *Chat, total int) {
	b.Helper()
	execute(b, filepath.Join(filepath.Dir(c.engine.path), "chat.db"), fmt.Sprintf(`
		WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d / 10 - 1)
		INSERT INTO messages (place, change, author, client_id, id, fingerprint, author_name, author_avatar, author_role, kind, body, sent_at)
		SELECT c.key << 32 | i + 1, c.key << 32 | i + 5, (SELECT min(key) FROM participants p WHERE p.conversation = c.key), i,
			randomblob(16), randomblob(32), 'Ann', '', '', 'text', '%s', 1767323045000 + i
		FROM conversations c, n;
		UPDATE conversations SET head_seq = %[1]d / 10, rev = %[1]d / 10 + 4;`, total, benchBody))
}

// together does b.N deeds from n goroutines.
func together(b *testing.B, n int, deed func(int) error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	took := make([][]time.Duration, n)
	start, used := time.Now(), cpuTime(b)
	b.ResetTimer()
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				began := time.Now()
				if err := deed(i); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(began))
			}
		})
	}
	group.Wait()
	b.StopTimer()
	report(b, start, used, slices.Concat(took...))
}

// report reports how many deeds were done a second since start, at what cost and how fast.
func report(b *testing.B, start time.Time, used time.Duration, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "writes/s")
	b.ReportMetric(float64((cpuTime(b)-used).Microseconds())/float64(b.N), "cpu-µs/write")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

func cpuTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
