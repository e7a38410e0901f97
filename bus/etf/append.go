package etf

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
)

// AppendVersion begins a message.
func AppendVersion(dst []byte) []byte { return append(dst, version) }

// AppendMap begins a map of n pairs. Append each key, then its value. Planga's keys are
// appended in ascending order, so that equal maps have equal bytes.
func AppendMap(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(append(dst, tagMap), uint32(n))
}

// AppendList begins a list of n elements. Append each, then call [AppendListEnd],
// also when n is 0.
func AppendList(dst []byte, n int) []byte {
	if n == 0 {
		return dst
	}
	return binary.BigEndian.AppendUint32(append(dst, tagList), uint32(n))
}

// AppendListEnd ends a list.
func AppendListEnd(dst []byte) []byte { return append(dst, tagNil) }

// AppendTuple begins a tuple of n elements. Append each.
func AppendTuple(dst []byte, n int) []byte {
	if n <= math.MaxUint8 {
		return append(dst, tagSmallTuple, byte(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, tagLargeTuple), uint32(n))
}

// AppendString appends a binary, the form of map keys, texts and raw bytes alike.
func AppendString[T ~string | ~[]byte](dst []byte, s T) []byte {
	dst = binary.BigEndian.AppendUint32(append(dst, tagBinary), uint32(len(s)))
	return append(dst, s...)
}

// AppendBool appends the atom true or false.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, tagSmallUTF8, 4, 't', 'r', 'u', 'e')
	}
	return append(dst, tagSmallUTF8, 5, 'f', 'a', 'l', 's', 'e')
}

// AppendNull appends the atom nil.
func AppendNull(dst []byte) []byte { return append(dst, tagSmallUTF8, 3, 'n', 'i', 'l') }

// AppendInt appends an integer in its shortest form.
func AppendInt(dst []byte, i int64) []byte {
	switch {
	case i >= 0 && i <= math.MaxUint8:
		return append(dst, tagSmallInteger, byte(i))
	case i >= math.MinInt32 && i <= math.MaxInt32:
		return binary.BigEndian.AppendUint32(append(dst, tagInteger), uint32(i))
	}
	sign, magnitude := byte(0), uint64(i)
	if i < 0 {
		sign, magnitude = 1, -magnitude
	}
	n := (bits.Len64(magnitude) + 7) / 8
	dst = append(dst, tagSmallBig, byte(n), sign)
	for range n {
		dst = append(dst, byte(magnitude))
		magnitude >>= 8
	}
	return dst
}

// AppendBig appends an integer of any size up to [MaxBigBytes]; readers refuse larger ones.
func AppendBig(dst []byte, i *big.Int) []byte {
	if i.IsInt64() {
		return AppendInt(dst, i.Int64())
	}
	magnitude := i.Bytes()
	if n := len(magnitude); n <= math.MaxUint8 {
		dst = append(dst, tagSmallBig, byte(n))
	} else {
		dst = binary.BigEndian.AppendUint32(append(dst, tagLargeBig), uint32(n))
	}
	dst = append(dst, byte(i.Sign()>>1&1))
	for k := len(magnitude) - 1; k >= 0; k-- {
		dst = append(dst, magnitude[k])
	}
	return dst
}

// AppendFloat appends a float. Erlang has no infinities and nothing that is not a
// number: those become the atom nil, as they become null in JSON.
func AppendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return AppendNull(dst)
	}
	return binary.BigEndian.AppendUint64(append(dst, tagNewFloat), math.Float64bits(f))
}

// AppendAtom appends an atom of at most 255 characters. Planga writes none but true,
// false and nil, because Erlang's safe decoding refuses atoms it has not met.
func AppendAtom(dst []byte, a Atom) []byte {
	if len(a) <= math.MaxUint8 {
		dst = append(dst, tagSmallUTF8, byte(len(a)))
	} else {
		dst = binary.BigEndian.AppendUint16(append(dst, tagAtomUTF8), uint16(len(a)))
	}
	return append(dst, a...)
}
