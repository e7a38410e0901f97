package chat

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// photograph is the beginning of a JPEG with that orientation in its Exif metadata.
func photograph(order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("MM\x00\x2a")
	if order.String() == "LittleEndian" {
		tiff = []byte("II\x2a\x00")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, field := range [][2]uint16{{271, 1}, {274, orientation}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, field[0]), 3)
		tiff = order.AppendUint16(order.AppendUint32(tiff, 1), field[1])
		tiff = append(tiff, 0, 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	jfif := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
	b := binary.BigEndian.AppendUint16(append(jfif, 0xff, 0xe1), uint16(len(segment)+2))
	return append(append(b, segment...), "\xff\xda\x00\x08\x00\x00\x00\x00\x00\x00"...)
}

func TestPhotographsOnTheirSideAreRecognised(t *testing.T) {
	for orientation := range uint16(10) {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			want := orientation >= 5 && orientation <= 8
			if got := turned(bytes.NewReader(photograph(order, orientation))); got != want {
				t.Errorf("orientation %d, %s: got %v", orientation, order, got)
			}
		}
	}
	whole := photograph(binary.BigEndian, 6)
	field := bytes.LastIndex(whole, []byte{0, 6}) + 2
	for n := range field {
		if turned(bytes.NewReader(whole[:n])) {
			t.Errorf("cut after %d bytes, it is taken to lie on its side", n)
		}
	}
}

func FuzzTurned(f *testing.F) {
	f.Add(photograph(binary.BigEndian, 6))
	f.Add(photograph(binary.LittleEndian, 3))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x0aExif\x00\x00II\x2a\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if turned(bytes.NewReader(b)) && !bytes.Contains(b, []byte("Exif\x00\x00")) {
			t.Errorf("%q has no orientation", b)
		}
	})
}

// Whatever comes, pages show only what begins as a picture does, and markup is never taken for text.
func FuzzSniff(f *testing.F) {
	for _, s := range []string{"GIF89a", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "RIFF1234WEBPVP8 ", "<svg", "\ufeff <!--", "\xff\xfe<\x00", "PK\x03\x04", "1234ftypheic"} {
		f.Add([]byte(s), "a.png")
	}
	starts := [][]byte{[]byte("GIF8"), []byte("\x89PNG"), []byte("\xff\xd8\xff"), []byte("RIFF")}
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		got := sniff(head[:min(len(head), sniffLength)], name)
		begins := false
		for _, start := range starts {
			begins = begins || bytes.HasPrefix(head, start)
		}
		switch {
		case got.picture && !begins:
			t.Errorf("%q is shown as %s", head, got.name)
		case got.byDefault && bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")):
			t.Errorf("%q is taken as %s", head, got.name)
		}
	})
}
