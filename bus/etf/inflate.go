package etf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// inflate returns the term of a compressed message: the size of the term in four bytes,
// then a zlib stream of exactly that many. The buffer grows with what comes out of the
// stream, so a small message that announces much costs little.
func inflate(message []byte) ([]byte, error) {
	const head = 6
	if len(message) < head {
		return nil, &Error{At: len(message), Reason: "truncated"}
	}
	size := int64(binary.BigEndian.Uint32(message[2:head]))
	if size > MaxSize {
		return nil, &Error{At: 2, Reason: "decompressed larger than 1 MiB"}
	}
	packed := bytes.NewReader(message[head:])
	var term bytes.Buffer
	err := inflateTo(&term, packed, size)
	if err != nil || packed.Len() > 0 {
		return nil, &Error{At: len(message) - packed.Len(), Reason: "compressed term broken or not of the size announced"}
	}
	return term.Bytes(), nil
}

var errSize = errors.New("not of the size announced")

func inflateTo(term *bytes.Buffer, packed io.Reader, size int64) error {
	z, err := zlib.NewReader(packed)
	if err != nil {
		return err
	}
	defer z.Close()
	// One byte more than announced is asked for, so that the end of the stream, and with it
	// its checksum, is seen.
	n, err := io.Copy(term, io.LimitReader(z, size+1))
	if err != nil {
		return err
	}
	if n != size {
		return errSize
	}
	return nil
}
