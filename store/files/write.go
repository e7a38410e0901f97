package files

import (
	"crypto/sha256"
	"errors"
	"hash"
	"os"

	"github.com/google/uuid"

	"planga/chat"
)

// writing is content on its way into a folder: see [chat.Incoming].
type writing struct {
	folder *Folder
	path   string
	file   *os.File
	sum    hash.Hash
	ended  bool
}

// Begin starts to take in content: see [chat.Contents].
func (f *Folder) Begin() (chat.Incoming, error) {
	if err := f.spare(); err != nil {
		return nil, unavailable(err)
	}
	path := incoming + "/" + uuid.NewString()
	file, err := f.root.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, unavailable(err)
	}
	return &writing{folder: f, path: path, file: file, sum: sha256.New()}, nil
}

// Write appends.
func (w *writing) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.sum.Write(p[:n])
	if err != nil {
		return n, unavailable(err)
	}
	return n, nil
}

// ReadAt reads what was written so far.
func (w *writing) ReadAt(p []byte, off int64) (int, error) { return w.file.ReadAt(p, off) }

// Keep makes the content durable and moves it to its place. Where equal content is, it takes that content's place, so that
// it takes as long as the first time and mends what may have been damaged.
func (w *writing) Keep() (chat.Hash, error) {
	defer w.Drop()
	h := chat.Hash(w.sum.Sum(nil))
	if err := errors.Join(w.file.Sync(), w.file.Close()); err != nil {
		return chat.Hash{}, unavailable(err)
	}
	if err := w.move(h); err != nil {
		return chat.Hash{}, unavailable(err)
	}
	w.ended = true
	return h, nil
}

// move gives the content its place. If it fails after the renaming, content may be left that no file has.
func (w *writing) move(h chat.Hash) error {
	dir, path := place(h)
	if err := w.folder.root.Rename(w.path, path); err != nil {
		return err
	}
	return syncDir(w.folder.root, dir)
}

// Drop leaves nothing behind, unless the content was kept.
func (w *writing) Drop() {
	if w.ended {
		return
	}
	w.ended = true
	w.file.Close()                   // it is not wanted, so what it says is of no interest
	_ = w.folder.root.Remove(w.path) // what stays is cleared away at the next start
}
