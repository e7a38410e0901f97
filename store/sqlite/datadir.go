package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// DirLock is the exclusive right of one server to a data directory.
type DirLock struct{ file *os.File }

// Lock takes the exclusive right to the data directory for a server, creating the directory (0700) if it is missing.
// Opening the databases does not need it: the operator's commands open them while a server runs. The right ends with
// Unlock or with the process. The error is a sentence for the operator.
func Lock(dir string) (*DirLock, error) {
	if err := prepareDir(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "planga.lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data directory %s cannot be written: %w", dir, err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return &DirLock{f}, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("another Planga server is running on the data directory %s; stop it first, or choose another directory", dir)
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// Unlock gives the right back. Safe to call twice.
func (l *DirLock) Unlock() error {
	err := l.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// waitLock waits for the exclusive right to a short deed, marked by a lock file at path.
func waitLock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data directory %s cannot be written: %w", filepath.Dir(path), err)
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// prepareDir makes sure that dir is a directory fit to keep the data.
func prepareDir(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("the data directory %s cannot be created: %w", dir, err)
		}
		info, err = os.Stat(dir)
	}
	switch {
	case err != nil:
		return fmt.Errorf("the data directory %s cannot be used: %w", dir, err)
	case !info.IsDir():
		return fmt.Errorf("the data directory %s is a file", dir)
	case info.Mode().Perm()&0o002 != 0:
		return fmt.Errorf("everybody on this machine can write to the data directory %s; run: chmod o-w %s", dir, dir)
	}
	if err := refuseSystemDir(dir); err != nil {
		return err
	}
	return refuseNetwork(dir)
}

// refuseSystemDir keeps a slip (or a planted link) from filling a directory of the system with databases.
func refuseSystemDir(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return fmt.Errorf("the data directory %s cannot be used: %w", dir, err)
	}
	top := strings.SplitN(real, "/", 3)[1]
	if real == "/"+top && slices.Contains([]string{"", "home", "root", "var", "tmp", "opt", "srv", "mnt", "media"}, top) ||
		slices.Contains([]string{"etc", "usr", "bin", "sbin", "lib", "lib64", "boot", "dev", "proc", "sys"}, top) {
		return fmt.Errorf("the data directory %s is %s, which belongs to the system; choose a directory of its own", dir, real)
	}
	return nil
}

// Kinds of file system on which several machines may write: SQLite's shared memory does not work there.
const (
	nfsMagic  = 0x6969
	smbMagic  = 0x517b
	smb2Magic = 0xfe534d42
	cifsMagic = 0xff534d42
)

func refuseNetwork(dir string) error {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("the data directory %s cannot be used: %w", dir, err)
	}
	switch uint32(fs.Type) {
	case nfsMagic, smbMagic, smb2Magic, cifsMagic:
		return fmt.Errorf("the data directory %s is on a network file system, where the databases would be damaged; choose a local disk", dir)
	}
	return nil
}
