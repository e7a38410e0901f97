package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"
	"time"
)

// Hash is the SHA-256 of a file's content.
type Hash [sha256.Size]byte

// String returns the hash in lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// File is an uploaded file: what a message shows of it, whose it is, and where its content lies. It belongs to one user
// of one app, and only that user may attach it to messages. Different files may have the same content.
type File struct {
	Attachment
	App        AppID
	Owner      UserID
	Hash       Hash
	UploadedAt time.Time
	IdleSince  time.Time // since when no message holds it; zero while one does, after UploadedAt if one did
}

// letGo reports whether the last message that held the file is gone, or has let go of it.
func (f File) letGo() bool { return f.IdleSince.After(f.UploadedAt) }

// Files keeps what is known of files, and which of them messages hold. What a message holds follows from the message:
// whatever stores, amends or removes messages changes it in the same transaction. All methods may be called at once from
// many goroutines; those that change something return after the change is durable. A store that cannot write answers
// [StorageUnavailable].
type Files interface {
	// AddFile records a file whose content is kept already. [Forbidden] if the files of its app would then have more
	// bytes together than the quota, [RateLimited] if as many of its owner's files as may be idle are so already, [Conflict]
	// if there is one with this id.
	AddFile(ctx context.Context, f File, limits FileLimits) error

	// File returns a file. [NotFound] if there is none.
	File(ctx context.Context, id string) (File, error)

	// FilesOf returns those of the named files that exist and belong to the user, in any order.
	FilesOf(ctx context.Context, app AppID, owner UserID, ids []string) ([]File, error)

	// FileBytes returns how many bytes the files of an app have together.
	FileBytes(ctx context.Context, app AppID) (int64, error)

	// DropIdleFiles forgets up to limit files, of all apps, that no message has held since before, and returns their
	// hashes.
	DropIdleFiles(ctx context.Context, before time.Time, limit int) ([]Hash, error)

	// DropFilesOf forgets up to limit files of a user, or of the whole app for the user "", whether or not messages
	// hold them, and returns their hashes.
	DropFilesOf(ctx context.Context, app AppID, owner UserID, limit int) ([]Hash, error)

	// HoldsHash reports whether any file has this content.
	HoldsHash(ctx context.Context, h Hash) (bool, error)
}

// Contents keeps the bytes of files by their hash. All methods may be called at once from many goroutines. The error is
// [StorageUnavailable] where the disk is at fault.
type Contents interface {
	// Begin starts to take in content. Whoever begins ends it with Keep or Drop.
	Begin() (Incoming, error)

	// Open returns content, which the caller closes. [NotFound] if it is not there.
	Open(h Hash) (io.ReadSeekCloser, error)

	// Remove forgets content. What is not there already is no error; who has it open reads on.
	Remove(h Hash) error

	// All yields the hashes of all content, in any order, and an error where they cannot be read. Content that comes or
	// goes meanwhile may be left out.
	All() iter.Seq2[Hash, error]
}

// Incoming is content on its way. One goroutine uses it at a time.
type Incoming interface {
	// Write appends.
	io.Writer
	// ReadAt reads what was written so far.
	io.ReaderAt
	// Keep makes the content durable under its hash. If it fails, it leaves nothing behind that could be opened in error:
	// at most whole content that no file has.
	Keep() (Hash, error)
	// Drop leaves nothing behind. After Keep it does nothing.
	Drop()
}
