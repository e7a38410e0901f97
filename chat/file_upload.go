package chat

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// FileLimits say what an app takes. A field that is zero means the default.
type FileLimits struct {
	Size  int64    // of one file, in bytes; [DefaultFileSize]
	Quota int64    // of all files of the app, in bytes; [DefaultFileQuota]
	Idle  int      // files of one user that no message holds, so that nobody fills the quota without saying a word; [DefaultIdleFiles]
	Types []string // media types, as the server finds them in the content; [DefaultFileTypes]
}

// The defaults of [FileLimits].
const (
	DefaultFileSize  = 10 << 20 // bytes
	DefaultFileQuota = 5 << 30  // bytes
	DefaultIdleFiles = 50
)

// Uploads does what people do with files: upload, attach to a message, open. And it clears away what nobody needs any
// more. All methods may be called at once from many goroutines. The fields are set once, before the first deed.
//
// A file is recorded only after its content is on disk, and content is removed only after the last file with it is
// forgotten, so at every moment, also after a crash, each file that is known has its content. What a crash leaves over is
// content that no file has; [Uploads.Run] finds it.
type Uploads struct {
	Files    Files
	Contents Contents
	Apps     AppFinder
	Limits   func(AppID) FileLimits // nil means the defaults for all
	Key      []byte                 // 32 secret bytes that sign addresses
	Now      func() time.Time       // the clock; [time.Now] in production
	Log      *slog.Logger

	// settling keeps content from being removed between the moment when it is on disk and that when a file with it is
	// recorded: those who record share it, those who remove have it alone.
	settling sync.RWMutex
}

// NewFile is what a client wants to upload.
type NewFile struct {
	App   AppID
	Owner UserID
	Name  string    // as the client calls it; any text
	Size  int64     // as the client says, in bytes; -1 if it does not
	Body  io.Reader // read no further than the app's limit
}

// LimitsOf returns what an app takes, defaults filled in.
func (u *Uploads) LimitsOf(app AppID) FileLimits {
	var l FileLimits
	if u.Limits != nil {
		l = u.Limits(app)
	}
	if l.Size <= 0 {
		l.Size = DefaultFileSize
	}
	if l.Quota <= 0 {
		l.Quota = DefaultFileQuota
	}
	if l.Idle <= 0 {
		l.Idle = DefaultIdleFiles
	}
	if l.Types == nil {
		l.Types = DefaultFileTypes()
	}
	return l
}

// Upload takes in a file. When it returns without error, the file is on disk; else nothing of it is. Errors: [TooLong] for a file
// beyond the app's limit and for pictures beyond [MaxPixels], [Invalid] with the cause [ErrFileType] for a type that the
// app does not take or that the content only pretends to have, [Invalid] for an empty or broken-off file, [Forbidden]
// beyond the app's quota, [RateLimited] for a user with too many files that no message holds, [StorageUnavailable].
func (u *Uploads) Upload(ctx context.Context, n NewFile) (File, error) {
	limits := u.LimitsOf(n.App)
	if err := u.roomFor(ctx, n, limits); err != nil {
		return File{}, err
	}
	head, err := readHead(n.Body)
	if err != nil {
		return File{}, err
	}
	name := CleanFileName(n.Name)
	kind := sniff(head, name)
	if !slices.Contains(limits.Types, kind.name) {
		return File{}, &Error{Code: Invalid, Message: "Files of this type cannot be sent here.", Cause: ErrFileType}
	}
	incoming, err := u.Contents.Begin()
	if err != nil {
		return File{}, err
	}
	defer incoming.Drop()
	f := File{App: n.App, Owner: n.Owner, Attachment: Attachment{
		ID: uuid.Must(uuid.NewV7()).String(), Name: nameForType(name, kind.extensions), Type: kind.name,
	}}
	f.Size, err = takeIn(incoming, io.MultiReader(bytes.NewReader(head), n.Body), limits.Size)
	if err == nil && kind.picture {
		f.Width, f.Height, err = pictureSize(io.NewSectionReader(incoming, 0, f.Size), kind)
		if kind.name == "image/jpeg" && turned(incoming) {
			f.Width, f.Height = f.Height, f.Width
		}
	}
	if err != nil {
		return File{}, err
	}
	return u.settle(ctx, f, incoming, limits)
}

// roomFor refuses what is known to be too much before any of it is read.
func (u *Uploads) roomFor(ctx context.Context, n NewFile, limits FileLimits) error {
	if n.Size > limits.Size {
		return tooLarge(limits.Size)
	}
	used, err := u.Files.FileBytes(ctx, n.App)
	if err == nil && used+max(n.Size, 1) > limits.Quota {
		err = ErrFileQuota
	}
	return err
}

// The refusals of a file because there are too many already.
var (
	ErrFileQuota = Errorf(Forbidden, "This site has no room left for files.")
	ErrIdleFiles = &Error{Code: RateLimited, Message: "You have many files that are not sent yet. Send them first.", RetryAfter: time.Hour}
)

func tooLarge(limit int64) error {
	if limit < 1<<20 {
		return Errorf(TooLong, "The file is larger than %d KiB.", max(1, limit>>10))
	}
	return Errorf(TooLong, "The file is larger than %d MiB.", limit>>20)
}

// readHead returns the first bytes of a body, which tell its type.
func readHead(body io.Reader) ([]byte, error) {
	head := make([]byte, sniffLength)
	n, err := io.ReadFull(body, head)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return nil, Errorf(Invalid, "The file is empty.")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, brokenOff(err)
	}
	return head[:n], nil
}

func brokenOff(cause error) error {
	return &Error{Code: Invalid, Message: "The upload broke off.", Cause: cause}
}

// takeIn writes at most limit bytes of body, and returns how many there were.
func takeIn(to io.Writer, body io.Reader, limit int64) (int64, error) {
	from := &careful{from: io.LimitReader(body, limit+1)}
	n, err := io.Copy(to, from)
	switch {
	case from.err != nil:
		return n, brokenOff(from.err)
	case err != nil:
		return n, err
	case n > limit:
		return n, tooLarge(limit)
	}
	return n, nil
}

// careful remembers the error of a reader, so that it can be told from that of a writer.
type careful struct {
	from io.Reader
	err  error
}

func (c *careful) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// settle makes content and file durable, in this order.
func (u *Uploads) settle(ctx context.Context, f File, incoming Incoming, limits FileLimits) (_ File, err error) {
	if err := ctx.Err(); err != nil {
		return File{}, brokenOff(err)
	}
	// From here on the deed is done to its end even if the client goes: half of it would have to be cleared away.
	ctx = context.WithoutCancel(ctx)
	u.settling.RLock()
	f.Hash, err = incoming.Keep()
	if err == nil {
		f.UploadedAt = u.Now().UTC().Truncate(time.Millisecond)
		f.IdleSince = f.UploadedAt
		err = u.Files.AddFile(ctx, f, limits)
	}
	u.settling.RUnlock()
	if err != nil && f.Hash != (Hash{}) {
		err = errors.Join(err, u.removeContent(ctx, f.Hash))
	}
	if err != nil {
		return File{}, err
	}
	return f, nil
}

// removeContent removes content unless a file has it.
func (u *Uploads) removeContent(ctx context.Context, h Hash) error {
	u.settling.Lock()
	defer u.settling.Unlock()
	held, err := u.Files.HoldsHash(ctx, h)
	if err != nil || held {
		return err
	}
	return u.Contents.Remove(h)
}
