package sqlite

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"planga/chat"
)

// sealer seals secrets that must be readable again, with AES-256-GCM under the master key. A sealed secret opens only
// for the same app, key and field it was sealed for, so that moving it between rows is noticed. Safe for use by many goroutines.
type sealer struct{ aead cipher.AEAD }

// sealedV1 is the first byte of everything sealed: this layout is version byte, nonce, ciphertext with tag.
const sealedV1 = 1

// errUnsealable tells that a sealed secret cannot be opened.
var errUnsealable = errors.New("a stored secret cannot be opened: the master key is not the one it was sealed with, or it was moved or damaged")

// openSealer reads the master key of the data directory, and creates it on the first run.
func openSealer(dir string) (*sealer, error) {
	key, err := masterKey(dir)
	if err != nil {
		return nil, err
	}
	return newSealer(key)
}

func newSealer(key []byte) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return &sealer{aead}, nil
}

// seal returns secret sealed for one field of one key of one app.
func (s *sealer) seal(secret string, app chat.AppID, key, field string) []byte {
	return s.aead.Seal([]byte{sealedV1}, nil, []byte(secret), associated(app, key, field))
}

// open returns what was sealed for the same app, key and field.
func (s *sealer) open(sealed []byte, app chat.AppID, key, field string) (string, error) {
	if len(sealed) == 0 || sealed[0] != sealedV1 {
		return "", errUnsealable
	}
	secret, err := s.aead.Open(nil, nil, sealed[1:], associated(app, key, field))
	if err != nil {
		return "", errUnsealable
	}
	return string(secret), nil
}

// associated returns the associated data. The lengths keep ("a","bc") apart from ("ab","c").
func associated(app chat.AppID, key, field string) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(app))
	b = binary.BigEndian.AppendUint32(b, uint32(len(key)))
	b = append(b, key...)
	return append(b, field...)
}
