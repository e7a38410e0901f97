package etf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// maxRatio is by how much a zlib stream can shrink: 258 bytes into two bits.
const maxRatio = 1032

// inflate returns the term of a compressed message: the size of the term in four bytes,
// then a zlib stream of exactly that many. A size that the stream cannot hold is refused
// before anything is allocated.
func inflate(message []byte) ([]byte, error) {
	const head = 6
	if len(message) < head {
		return nil, &Error{At: len(message), Reason: "truncated"}
	}
	size := int(binary.BigEndian.Uint32(message[2:head]))
	if size > MaxSize {
		return nil, &Error{At: 2, Reason: "decompressed larger than 1 MiB"}
	}
	if size > maxRatio*(len(message)-head) {
		return nil, &Error{At: 2, Reason: "compressed term too short for the size announced"}
	}
	packed := bytes.NewReader(message[head:])
	term := make([]byte, size)
	if err := inflateInto(term, packed); err != nil || packed.Len() > 0 {
		return nil, &Error{At: len(message) - packed.Len(), Reason: "compressed term broken or not of the size announced"}
	}
	return term, nil
}

var errMore = errors.New("the stream holds more")

// inflateInto fills term with the whole of the stream, whose checksum is seen at its end.
func inflateInto(term []byte, packed io.Reader) error {
	z, err := zlib.NewReader(packed)
	if err != nil {
		return err
	}
	defer z.Close()
	if _, err := io.ReadFull(z, term); err != nil {
		return err
	}
	var more [1]byte
	if n, err := z.Read(more[:]); n > 0 || err == nil {
		return errMore
	} else if err != io.EOF {
		return err
	}
	return nil
}
