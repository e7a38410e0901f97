package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASealedSecretOpensOnlyInItsPlace(t *testing.T) {
	s, err := openSealer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.seal("sk_secret", 1, "key", "secret")
	if got, err := s.open(sealed, 1, "key", "secret"); err != nil || got != "sk_secret" {
		t.Errorf("got %q, %v, want the secret back", got, err)
	}
	if bytes.Contains(sealed, []byte("sk_secret")) {
		t.Error("the sealed bytes contain the secret")
	}
	for name, open := range map[string]func() (string, error){
		"another app":   func() (string, error) { return s.open(sealed, 2, "key", "secret") },
		"another key":   func() (string, error) { return s.open(sealed, 1, "key2", "secret") },
		"another field": func() (string, error) { return s.open(sealed, 1, "key", "private") },
		"shifted field": func() (string, error) { return s.open(sealed, 1, "keys", "ecret") },
		"nothing":       func() (string, error) { return s.open(nil, 1, "key", "secret") },
		"truncated":     func() (string, error) { return s.open(sealed[:len(sealed)-1], 1, "key", "secret") },
		"only version":  func() (string, error) { return s.open(sealed[:1], 1, "key", "secret") },
		"flipped":       func() (string, error) { return s.open(flipLast(sealed), 1, "key", "secret") },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := open(); !errors.Is(err, errUnsealable) {
				t.Errorf("got %v, want errUnsealable", err)
			}
		})
	}
}

func flipLast(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-1] ^= 1
	return b
}

func TestTheMasterKeyIsCreatedOnceAndPrivate(t *testing.T) {
	dir := t.TempDir()
	first, err := masterKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := masterKey(dir)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the second run got another key (%v)", err)
	}
	info, err := os.Stat(filepath.Join(dir, masterKeyName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v (%v), want 0600", info.Mode(), err)
	}
}

func TestABadMasterKeyIsRefusedInWords(t *testing.T) {
	good := strings.Repeat("A", 43) + "=" // 32 zero bytes
	for name, c := range map[string]struct {
		content string
		mode    os.FileMode
		want    string // "" for accepted
	}{
		"good":                {good + "\n", 0o600, ""},
		"without newline":     {good, 0o600, ""},
		"CRLF at the end":     {good + "\r\n", 0o600, ""},
		"read-only":           {good + "\n", 0o400, ""},
		"empty":               {"", 0o600, "is empty"},
		"only a newline":      {"\n", 0o600, "has 0 bytes"},
		"31 bytes":            {strings.Repeat("A", 42) + "==", 0o600, "has 31 bytes and not 32"},
		"33 bytes":            {strings.Repeat("A", 44), 0o600, "has 33 bytes and not 32"},
		"32 raw bytes":        {strings.Repeat("\xff", 32), 0o600, "not one line of base64"},
		"two lines":           {good + "\n" + good + "\n", 0o600, "not one line of base64"},
		"a megabyte":          {strings.Repeat("A", 1<<20), 0o600, "too long"},
		"readable by all":     {good, 0o644, "chmod 600"},
		"writable by a group": {good, 0o660, "chmod 600"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), masterKeyName)
			if err := os.WriteFile(path, []byte(c.content), c.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			key, err := readMasterKey(path)
			switch {
			case c.want == "" && (err != nil || len(key) != masterKeySize):
				t.Errorf("got %d bytes, %v, want the key", len(key), err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestADirectoryInPlaceOfTheMasterKeyIsRefusedInWords(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, masterKeyName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := masterKey(dir); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("got %v, want it to say that it is a directory", err)
	}
}

func TestAMissingMasterKeyIsNotReplacedOnceThereIsData(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dashboard.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := masterKey(dir); err == nil || !strings.Contains(err.Error(), "put the key back") {
		t.Errorf("got %v, want it to ask for the key", err)
	}
}
