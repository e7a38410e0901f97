package chat_test

import (
	"bytes"
	"io"
	"testing"

	"planga/chat"
)

// BenchmarkUpload takes in text of 100 KiB and of 10 MiB, from eight people at once, each durable before the next.
func BenchmarkUpload(b *testing.B) {
	for name, size := range map[string]int{"100KiB": 100 << 10, "10MiB": 10 << 20} {
		b.Run(name, func(b *testing.B) {
			u, closeAll, err := openUploads(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer closeAll()
			content := bytes.Repeat([]byte("a"), size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := u.Upload(b.Context(), chat.NewFile{App: 1, Owner: "ann", Size: -1, Body: io.LimitReader(bytes.NewReader(content), int64(size))}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkAddress makes an address, as happens for each file of each message told.
func BenchmarkAddress(b *testing.B) {
	u, closeAll, err := openUploads(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer closeAll()
	a := chat.Attachment{ID: string(chat.NewMessageID()), Name: "a photograph.jpg"}
	for b.Loop() {
		u.Address(a)
	}
}
