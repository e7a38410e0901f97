// Package files keeps the bytes of uploaded files in a folder, by the SHA-256 of their content: that of hash abcd… is in
// the file ab/cd…. A file there is always whole: content is written to a file in the folder "new", made durable, and
// only then moved to its place. It is what package chat asks for as [chat.Contents].
//
// What it does not do: know whose the content is, or whether anybody needs it. Equal content is kept once.
package files

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"planga/chat"
)

// Folder is a folder of contents. All methods may be called at once from many goroutines, but only one process may have
// it open.
type Folder struct {
	root    *os.Root
	reserve int64
}

var _ chat.Contents = (*Folder)(nil)

// incoming is the folder of what is still being written.
const incoming = "new"

// Reserve is how many bytes of the disk files leave free, so that they never keep messages from being stored.
const Reserve = 256 << 20

// Open opens the folder at path, creating it (0700) if it is missing, and clears away what was being written when the last
// process ended. It leaves reserve bytes of the disk free: [Reserve] is a good value. The error is a sentence for the operator.
func Open(path string, reserve int64) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s for files cannot be created: %w", path, err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("the folder %s for files cannot be opened: %w", path, err)
	}
	if err := furnish(root); err != nil {
		return nil, errors.Join(fmt.Errorf("the folder %s for files cannot be written: %w", path, err), root.Close())
	}
	return &Folder{root: root, reserve: reserve}, nil
}

// furnish makes sure of the folders in which content lies, durably, and empties the one for what is being written.
func furnish(root *os.Root) error {
	if err := root.RemoveAll(incoming); err != nil {
		return err
	}
	dirs := []string{incoming}
	for first := range 256 {
		dirs = append(dirs, fmt.Sprintf("%02x", first))
	}
	for _, dir := range dirs {
		if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return syncDir(root, ".")
}

// Close closes the folder. What was opened from it can still be read.
func (f *Folder) Close() error { return f.root.Close() }

// place returns where content lies: its folder, and its path.
func place(h chat.Hash) (dir, path string) {
	name := h.String()
	return name[:2], name[:2] + "/" + name[2:]
}

// Open returns content: see [chat.Contents].
func (f *Folder) Open(h chat.Hash) (io.ReadSeekCloser, error) {
	_, path := place(h)
	content, err := f.root.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &chat.Error{Code: chat.NotFound, Message: "There is no such file.", Cause: err}
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return content, nil
}

// Remove forgets content: see [chat.Contents].
func (f *Folder) Remove(h chat.Hash) error {
	_, path := place(h)
	if err := f.root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable(err)
	}
	return nil
}

// All yields the hashes of all content, in ascending order: see [chat.Contents]. Files that are no content are passed over.
func (f *Folder) All() iter.Seq2[chat.Hash, error] {
	return func(yield func(chat.Hash, error) bool) {
		for first := range 256 {
			dir := fmt.Sprintf("%02x", first)
			names, err := f.names(dir)
			if err != nil {
				yield(chat.Hash{}, unavailable(err))
				return
			}
			for _, name := range names {
				if h, ok := parse(dir + name); ok && !yield(h, nil) {
					return
				}
			}
		}
	}
}

// names returns the names of the entries of a folder.
func (f *Folder) names(dir string) ([]string, error) {
	d, err := f.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

// parse reads a hash from the digits of its path.
func parse(digits string) (h chat.Hash, ok bool) {
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != len(h) {
		return h, false
	}
	h = chat.Hash(b)
	return h, h.String() == digits
}

// spare returns an error if less than the reserve is free.
func (f *Folder) spare() error {
	d, err := f.root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	var disk unix.Statfs_t
	if err := unix.Fstatfs(int(d.Fd()), &disk); err != nil {
		return err
	}
	if free := int64(disk.Bavail) * int64(disk.Bsize); free < f.reserve {
		return fmt.Errorf("only %d bytes of the disk are free", free)
	}
	return nil
}

// retryAfter is when to try again what the disk refused.
const retryAfter = 30 * time.Second

// unavailable is the disk's failure as the domain knows it.
func unavailable(cause error) error {
	e := chat.Unavailable(cause, retryAfter)
	e.Message = "Files cannot be stored or read right now. Try again later."
	return e
}

// syncDir makes the entries of a folder durable.
func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
