package chat

import (
	"bytes"
	"encoding/binary"
	"io"
)

// turned reports whether a JPEG is to be shown lying on its side, as most photographs taken with an upright telephone are:
// their Exif orientation is 5 to 8 (CIPA DC-008 section 4.6.4, tag 274), and browsers follow it. No more than the first
// 64 KiB of metadata are read, and what is damaged is taken as upright.
func turned(r io.ReaderAt) bool {
	exif := exifOf(r)
	if len(exif) < 8 {
		return false
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(exif, []byte("II")) {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return false
	}
	const entry = 12 // bytes: tag, type, count, value
	count := order.Uint16(exif[at:])
	for fields := exif[at+2:]; count > 0 && len(fields) >= entry; count, fields = count-1, fields[entry:] {
		if order.Uint16(fields) == 274 {
			orientation := order.Uint16(fields[8:])
			return orientation >= 5 && orientation <= 8
		}
	}
	return false
}

// exifOf returns the TIFF structure with the Exif metadata of a JPEG, nil if there is none before the picture.
func exifOf(r io.ReaderAt) []byte {
	var head [10]byte // marker, length, and the mark of Exif
	for at := int64(2); at < 1<<16; {
		n, _ := r.ReadAt(head[:], at)
		length := int64(binary.BigEndian.Uint16(head[2:]))
		switch {
		case n < len(head) || head[0] != 0xff || length < 2 || head[1] == 0xda:
			return nil
		case head[1] == 0xe1 && string(head[4:]) == "Exif\x00\x00" && length > 8:
			exif := make([]byte, length-8)
			n, _ := r.ReadAt(exif, at+int64(len(head)))
			return exif[:n]
		}
		at += 2 + length
	}
	return nil
}
