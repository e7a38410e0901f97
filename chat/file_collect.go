package chat

import (
	"context"
	"errors"
	"time"
)

// Run clears away what nobody needs, at once and then again and again, until ctx ends: files that no message holds, each time, and
// content that no file has, which only a crash leaves over, at once and then each 24th time. An hour is a good every.
func (u *Uploads) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for turn := 0; ; turn++ {
		files, err := u.CollectIdle(ctx)
		contents := 0
		if err == nil && turn%24 == 0 {
			contents, err = u.CollectLost(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			u.Log.Warn("files that nobody needs could not all be cleared away", "error", err)
		case files+contents > 0:
			u.Log.Info("files that nobody needs were cleared away", "files", files, "lost contents", contents)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// fewFiles is how many files are forgotten at a time.
const fewFiles = 200

// CollectIdle removes the files that no message has held for [KeepIdleFiles], and returns how many.
func (u *Uploads) CollectIdle(ctx context.Context) (int, error) {
	before := u.Now().Add(-KeepIdleFiles)
	return u.drop(ctx, func() ([]Hash, error) { return u.Files.DropIdleFiles(ctx, before, fewFiles) })
}

// EraseFiles removes all files of a user, or of the whole app for the user "", also those that messages hold, and returns how
// many. Messages keep saying that there was a file.
func (u *Uploads) EraseFiles(ctx context.Context, app AppID, user UserID) (int, error) {
	return u.drop(ctx, func() ([]Hash, error) { return u.Files.DropFilesOf(ctx, app, user, fewFiles) })
}

// drop removes the content of what some has forgotten, until there is no more.
func (u *Uploads) drop(ctx context.Context, some func() ([]Hash, error)) (total int, err error) {
	for {
		hashes, err := some()
		if err != nil || len(hashes) == 0 {
			return total, err
		}
		total += len(hashes)
		var errs []error
		for _, h := range hashes {
			errs = append(errs, u.removeContent(ctx, h)) // what fails is lost content, and found again
		}
		if err := errors.Join(errs...); err != nil {
			return total, err
		}
	}
}

// CollectLost removes content that no file has, and returns how much.
func (u *Uploads) CollectLost(ctx context.Context) (total int, err error) {
	for hash, err := range u.Contents.All() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return total, err
		}
		held, err := u.Files.HoldsHash(ctx, hash) // without keeping uploads waiting, as all but a few are held
		if err != nil {
			return total, err
		}
		if held {
			continue
		}
		if err := u.removeContent(ctx, hash); err != nil {
			return total, err
		}
		total++
	}
	return total, nil
}
