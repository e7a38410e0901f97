package chat_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"planga/chat"
	"planga/store/files"
	"planga/store/sqlite"
)

// desk is uploads over a real store and a real folder, with a clock that is set by hand.
type desk struct {
	*chat.Uploads
	store  *sqlite.Chat
	folder string
	now    time.Time
	limits chat.FileLimits
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.OpenChat(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d := &desk{store: store, folder: filepath.Join(dir, "files"), now: time.Now()}
	contents, err := files.Open(d.folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { contents.Close() })
	key, err := sqlite.DerivedKey(dir, "files")
	if err != nil {
		t.Fatal(err)
	}
	directory := chat.NewDirectory(store)
	for id := range chat.AppID(2) {
		if err := directory.Apply(t.Context(), chat.App{ID: id + 1, Revision: 1}); err != nil {
			t.Fatal(err)
		}
	}
	d.Uploads = &chat.Uploads{
		Files: store, Contents: contents, Apps: directory, Key: key, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return d.now }, Limits: func(chat.AppID) chat.FileLimits { return d.limits },
	}
	return d
}

// upload sends content as ann of app 1.
func (d *desk) upload(t *testing.T, name string, content []byte) (chat.File, error) {
	t.Helper()
	return d.Upload(t.Context(), chat.NewFile{App: 1, Owner: "ann", Name: name, Size: int64(len(content)), Body: bytes.NewReader(content)})
}

func (d *desk) uploaded(t *testing.T, name string, content []byte) chat.File {
	t.Helper()
	f, err := d.upload(t, name, content)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// onDisk returns the files below the folder, whole or not.
func (d *desk) onDisk(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(d.folder, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func (d *desk) wantOnDisk(t *testing.T, want int) {
	t.Helper()
	if got := d.onDisk(t); len(got) != want {
		t.Errorf("%d files are on disk, want %d: %v", len(got), want, got)
	}
}

// ticket reads an address as the server would.
func ticket(t *testing.T, address string) chat.Ticket {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/files/"), "/")
	if len(parts) != 2 {
		t.Fatalf("the address is %q", address)
	}
	name, err := url.PathUnescape(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return chat.Ticket{ID: parts[0], Name: name, Expires: u.Query().Get("expires"), Signature: u.Query().Get("signature")}
}

func (d *desk) read(t *testing.T, f chat.File) []byte {
	t.Helper()
	_, content, _, err := d.Open(t.Context(), ticket(t, d.Address(f.Attachment)))
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func picture(t *testing.T, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.Black})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T) []byte { t.Helper(); return picture(t, png.Encode) }

func asJPEG(t *testing.T) []byte {
	t.Helper()
	return picture(t, func(w io.Writer, i image.Image) error { return jpeg.Encode(w, i, nil) })
}

func asGIF(t *testing.T) []byte {
	t.Helper()
	return picture(t, func(w io.Writer, i image.Image) error { return gif.Encode(w, i, nil) })
}

// asWebP is 40 × 30 pixels in the lossless form; nothing after the header is ever read.
func asWebP() []byte {
	bits := uint32(40-1) | uint32(30-1)<<14
	chunk := append([]byte("VP8L\x06\x00\x00\x00\x2f"), binary.LittleEndian.AppendUint32(nil, bits)...)
	chunk = append(chunk, 0)
	return append(append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(4+len(chunk)))...), append([]byte("WEBP"), chunk...)...)
}

// hugePNG claims to have so many pixels, in 57 bytes.
func hugePNG(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = append(binary.BigEndian.AppendUint32(header, height), 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return append(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(header)), "\x00\x00\x00\x00IEND\xae\x42\x60\x82"...)
}

func TestAFileIsWhatItHoldsNotWhatItIsCalled(t *testing.T) {
	d := newDesk(t)
	pdf := []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <<>> endobj")
	zip := []byte("PK\x03\x04\x14\x00\x00\x00\x08\x00 and what follows")
	for _, row := range []struct {
		given   string
		content []byte
		kind    string
		name    string
		inline  bool
	}{
		{"cat.png", asPNG(t), "image/png", "cat.png", true},
		{"cat.JPEG", asJPEG(t), "image/jpeg", "cat.JPEG", true},
		{"cat.gif", asGIF(t), "image/gif", "cat.gif", true},
		{"cat.webp", asWebP(), "image/webp", "cat.webp", true},
		{"cat.png", asJPEG(t), "image/jpeg", "cat.png.jpg", true},
		{"cat", asPNG(t), "image/png", "cat.png", true},
		{"cat.jpg", pdf, "application/pdf", "cat.jpg.pdf", false},
		{"run.bat", []byte("@echo off\r\nformat c:"), "text/plain", "run.bat.txt", false},
		{"page.html", []byte("hello <script>alert(1)</script>"), "text/plain", "page.html.txt", false},
		{"cars.txt", []byte("BMW for sale"), "text/plain", "cars.txt", false},
		{"dogs.txt", []byte("OTTO is asleep"), "text/plain", "dogs.txt", false},
		{"figures.csv", []byte("a;b\n1;2\n"), "text/plain", "figures.csv", false},
		{"app.jar", zip, "application/zip", "app.jar.zip", false},
		{"letter.docx", zip, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "letter.docx", false},
		{"cat.png", zip, "application/zip", "cat.png.zip", false},
		{"photo.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "image/heic", "photo.heic", false},
		{"clip.mov", []byte("\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00"), "video/quicktime", "clip.mov", false},
		{"clip.mp4", []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00"), "video/mp4", "clip.mp4", false},
		{"song.mp3", []byte("\xff\xfb\x90\x64\x00\x00\x00"), "audio/mpeg", "song.mp3", false},
		{"note.ogg", []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00"), "audio/ogg", "note.ogg", false},
		// Both a GIF and a script, and both a picture and an archive: they are served as what they begin with.
		{"x.gif", append(asGIF(t), "=1;alert(1)//<script>alert(1)</script>"...), "image/gif", "x.gif", true},
		{"x.html", append(asJPEG(t), zip...), "image/jpeg", "x.html.jpg", true},
		{"x.pdf", append(asPNG(t), pdf...), "image/png", "x.pdf.png", true},
	} {
		t.Run(row.given+" as "+row.kind, func(t *testing.T) {
			f := d.uploaded(t, row.given, row.content)
			if f.Type != row.kind || f.Name != row.name || f.Size != int64(len(row.content)) || chat.InlineType(f.Type) != row.inline {
				t.Errorf("got %+v", f.Attachment)
			}
			if wide := f.Width == 40 && f.Height == 30; wide != row.inline {
				t.Errorf("got %d × %d pixels", f.Width, f.Height)
			}
			if !bytes.Equal(d.read(t, f), row.content) {
				t.Error("what is read is not what was sent")
			}
		})
	}
}

func TestWhatCouldActOrHurtIsRefused(t *testing.T) {
	d := newDesk(t)
	utf16 := func(s string) []byte {
		b := []byte{0xff, 0xfe}
		for _, r := range s {
			b = append(b, byte(r), 0)
		}
		return b
	}
	for name, row := range map[string]struct {
		content []byte
		code    chat.Code
		kind    bool
	}{
		"an HTML page":               {[]byte("<!DOCTYPE html><script>alert(1)</script>"), chat.Invalid, true},
		"HTML after spaces":          {[]byte("\n\n \t<script>alert(1)</script>"), chat.Invalid, true},
		"an unknown element":         {[]byte("<x onclick=alert(1)>"), chat.Invalid, true},
		"SVG with a script":          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), chat.Invalid, true},
		"SVG after a prologue":       {[]byte(`<?xml version="1.0"?><!-- --><svg onload="alert(1)"/>`), chat.Invalid, true},
		"SVG after a mark":           {[]byte("\xef\xbb\xbf<svg onload='alert(1)'/>"), chat.Invalid, true},
		"SVG in UTF-16":              {utf16("<svg onload='alert(1)'/>"), chat.Invalid, true},
		"XML":                        {[]byte(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>`), chat.Invalid, true},
		"a program for Windows":      {[]byte("MZ\x90\x00\x03\x00\x00\x00"), chat.Invalid, true},
		"a program for Linux":        {[]byte("\x7fELF\x02\x01\x01\x00"), chat.Invalid, true},
		"unknown bytes":              {[]byte{0, 1, 2, 3, 4, 5}, chat.Invalid, true},
		"an icon":                    {[]byte("\x00\x00\x01\x00\x01\x00"), chat.Invalid, true},
		"a PNG of 4 gigapixels":      {hugePNG(65_535, 65_535), chat.TooLong, false},
		"a PNG whose product wraps":  {hugePNG(1<<31-1, 1<<31-1), chat.Invalid, true},
		"a PNG of nothing":           {hugePNG(0, 10), chat.Invalid, true},
		"a PNG of 50 MP and one row": {hugePNG(10_000, 5_001), chat.TooLong, false},
		"a PNG cut in its header":    {asPNG(t)[:20], chat.Invalid, true},
		"a JPEG of its magic alone":  {[]byte("\xff\xd8\xff\xe0"), chat.Invalid, true},
		"a GIF and only a script":    {[]byte("GIF89a=1;alert(1)//"), chat.TooLong, false},
		"a WebP without a picture":   {[]byte("RIFF\x04\x00\x00\x00WEBPVP8 "), chat.Invalid, true},
		"nothing":                    {nil, chat.Invalid, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.upload(t, "cat.png", row.content)
			if chat.CodeOf(err) != row.code || errors.Is(err, chat.ErrFileType) != row.kind {
				t.Errorf("got %v, want %s", err, row.code)
			}
			d.wantOnDisk(t, 0)
		})
	}
	if f, err := d.upload(t, "large.png", hugePNG(10_000, 5_000)); err != nil || f.Width != 10_000 {
		t.Errorf("50 megapixels: got %+v, %v", f, err)
	}
}

func TestAnAppMayTakeMarkupButPagesNeverShowIt(t *testing.T) {
	d := newDesk(t)
	d.limits.Types = []string{"image/svg+xml", "text/html"}
	f := d.uploaded(t, "logo.svg", []byte(`<svg onload="alert(1)"/>`))
	if f.Type != "image/svg+xml" || chat.InlineType(f.Type) || f.Width != 0 {
		t.Errorf("got %+v", f)
	}
	if _, err := d.upload(t, "cat.png", asPNG(t)); !errors.Is(err, chat.ErrFileType) {
		t.Errorf("a picture: got %v", err)
	}
}

func TestAFileBeyondTheLimitLeavesNothing(t *testing.T) {
	d := newDesk(t)
	d.limits.Size = 100 << 10
	body := &endless{}
	for _, size := range []int64{100 << 20, -1, 5} { // told, not told, and told wrong
		_, err := d.Upload(t.Context(), chat.NewFile{App: 1, Owner: "ann", Name: "a.txt", Size: size, Body: body})
		if chat.CodeOf(err) != chat.TooLong {
			t.Errorf("size %d: got %v", size, err)
		}
		if size == 100<<20 && body.read > 0 {
			t.Errorf("%d bytes were read of a body that was known to be too large", body.read)
		}
		d.wantOnDisk(t, 0)
	}
	if body.read > 2*(100<<10+1)+2*64<<10 {
		t.Errorf("%d bytes were read", body.read)
	}
	if f, err := d.upload(t, "a.txt", bytes.Repeat([]byte("a"), 100<<10)); err != nil || f.Size != 100<<10 {
		t.Errorf("at the limit: got %+v, %v", f, err)
	}
}

// endless is text without end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	e.read += len(p)
	return len(p), nil
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	d := newDesk(t)
	gone := errors.New("connection reset")
	for name, before := range map[string]int64{"at once": 0, "in its head": 100, "later": 50_000} {
		t.Run(name, func(t *testing.T) {
			body := io.MultiReader(io.LimitReader(&endless{}, before), broken{gone})
			_, err := d.Upload(t.Context(), chat.NewFile{App: 1, Owner: "ann", Size: -1, Body: body})
			if chat.CodeOf(err) != chat.Invalid || !errors.Is(err, gone) {
				t.Errorf("got %v", err)
			}
			d.wantOnDisk(t, 0)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Upload(ctx, chat.NewFile{App: 1, Owner: "ann", Size: -1, Body: strings.NewReader("hello")})
	if err == nil {
		t.Error("an upload whose client has gone was kept")
	}
	d.wantOnDisk(t, 0)
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
