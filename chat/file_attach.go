package chat

import (
	"context"
	"slices"
	"time"
)

// MaxAttachments is how many files one message may have.
const MaxAttachments = 10

// A file that no message holds is kept for so long, and may be attached for a while less, so that it cannot vanish between
// the look at it and the storing of the message.
const (
	KeepIdleFiles   = 24 * time.Hour
	attachIdleFiles = KeepIdleFiles - time.Hour
)

// ResolveAttachments returns the files that a user's message names, as the message shows them, in the order named. It
// changes nothing: a file is held by a message from the moment when that is stored. [Invalid] if too many are named, or one
// twice. [NotFound] if one does not exist (any more) or is somebody else's; then the attachments come with their ids alone,
// so that a message which is but a repeat of a stored one can still be recognised as such. A nil u knows no files.
func (u *Uploads) ResolveAttachments(ctx context.Context, app AppID, user UserID, ids []string) ([]Attachment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := checkAttachments(ids); err != nil {
		return nil, err
	}
	all := make([]Attachment, len(ids))
	for i, id := range ids {
		all[i].ID = id
	}
	if u == nil {
		return all, errNoFile
	}
	files, err := u.Files.FilesOf(ctx, app, user, ids)
	if err != nil {
		return nil, err
	}
	tooOld := u.Now().Add(-attachIdleFiles)
	files = slices.DeleteFunc(files, func(f File) bool { return !f.IdleSince.IsZero() && f.IdleSince.Before(tooOld) })
	if len(files) < len(ids) {
		return all, errNoFile
	}
	for _, f := range files {
		all[slices.Index(ids, f.ID)] = f.Attachment
	}
	return all, nil
}

var errNoFile = Errorf(NotFound, "A file of this message is not there (any more). Send it again.")

// checkAttachments checks what can be checked without a look at any file.
func checkAttachments(ids []string) error {
	if len(ids) > MaxAttachments {
		return Errorf(Invalid, "A message may have at most %d files.", MaxAttachments)
	}
	for i, id := range ids {
		if len(id) > 64 || slices.Contains(ids[:i], id) {
			return Errorf(Invalid, "The attachments are ids of files, each named once.")
		}
	}
	return nil
}
