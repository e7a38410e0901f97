package sqlite

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// masterKeyName is the file with the master key: 32 random bytes in base64, one line. It is never part of a database.
const masterKeyName = "master.key"

const masterKeySize = 32

// masterKey returns the master key of the data directory. On the first run, when there is no database yet, it creates one.
func masterKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, masterKeyName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := firstMasterKey(dir, path); err != nil {
			return nil, err
		}
	}
	return readMasterKey(path)
}

// readMasterKey reads the key at path. The error is a sentence that says what to do.
func readMasterKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the master key cannot be read: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("the master key %s is a directory; put the key file in its place", path)
	case info.Mode().Perm()&0o037 != 0:
		return nil, fmt.Errorf("the master key %s can be used by others (mode %#o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	case info.Size() == 0:
		return nil, fmt.Errorf("the master key %s is empty; put back the key from your backup", path)
	case info.Size() > 1024:
		return nil, fmt.Errorf("the master key %s is too long: it must be %d bytes in base64, one line", path, masterKeySize)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the master key cannot be read: %w", err)
	}
	return parseMasterKey(path, text)
}

func parseMasterKey(path string, text []byte) ([]byte, error) {
	line := bytes.TrimRight(text, "\r\n") // whichever editor saved it
	key, err := base64.StdEncoding.Strict().DecodeString(string(line))
	if err != nil || bytes.ContainsAny(line, "\r\n") {
		return nil, fmt.Errorf("the master key %s is not one line of base64; put back the key from your backup", path)
	}
	if len(key) != masterKeySize {
		return nil, fmt.Errorf("the master key %s has %d bytes and not %d; put back the key from your backup", path, len(key), masterKeySize)
	}
	return key, nil
}

// firstMasterKey creates the key, unless there are databases that another one must have sealed.
func firstMasterKey(dir, path string) error {
	for _, s := range []schema{chatSchema, dashboardSchema} {
		if _, err := os.Stat(filepath.Join(dir, s.file)); err == nil {
			return fmt.Errorf("the master key %s is missing, but %s exists and has secrets sealed with it; put the key back", path, s.file)
		}
	}
	key := make([]byte, masterKeySize)
	rand.Read(key) // never fails
	if err := createWhole(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n")); err != nil {
		return fmt.Errorf("the master key cannot be created: %w", err)
	}
	return nil
}

// createWhole creates the file at path (0600) with all of its content, durably. If somebody else creates it first, theirs stays.
func createWhole(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
