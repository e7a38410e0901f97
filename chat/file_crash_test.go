package chat_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"planga/chat"
	"planga/store/files"
	"planga/store/sqlite"
)

// uploadUntilKilled names the data directory in which this process is to upload until it is killed.
const uploadUntilKilled = "PLANGA_UPLOAD_UNTIL_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(uploadUntilKilled); dir != "" {
		if err := uploadForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	goleak.VerifyTestMain(m)
}

// uploadForEver uploads from three sides while a fourth clears away, and prints the id and the hash of what was acknowledged.
func uploadForEver(dir string) error {
	u, _, err := openUploads(dir)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range 3 {
		go func() {
			for {
				text := strings.Repeat(rand.Text(), 2000)
				f, err := u.Upload(context.Background(), chat.NewFile{App: 1, Owner: "ann", Size: -1, Body: strings.NewReader(text)})
				if err != nil {
					failed <- err
					return
				}
				fmt.Printf("%s %x\n", f.ID, sha256.Sum256([]byte(text)))
			}
		}()
	}
	go func() {
		for {
			if _, err := u.CollectLost(context.Background()); err != nil {
				failed <- err
				return
			}
		}
	}()
	return <-failed
}

// openUploads opens uploads on a data directory, with room for everything.
func openUploads(dir string) (u *chat.Uploads, closeAll func(), err error) {
	store, err := sqlite.OpenChat(dir)
	if err != nil {
		return nil, nil, err
	}
	contents, err := files.Open(filepath.Join(dir, "files"), 0)
	if err != nil {
		store.Close()
		return nil, nil, err
	}
	u = &chat.Uploads{
		Files: store, Contents: contents, Apps: chat.NewDirectory(store), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Limits: func(chat.AppID) chat.FileLimits { return chat.FileLimits{Idle: 1 << 30} },
	}
	return u, func() { contents.Close(); store.Close() }, nil
}

// killAfter has a process of its own upload into dir, kills it after so many acknowledgements, and adds what was acknowledged.
func killAfter(t *testing.T, dir string, acks int, acked map[string]string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), uploadUntilKilled+"="+dir)
	var complaints strings.Builder
	child.Stderr = &complaints
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(30*time.Second, func() { _ = child.Process.Kill() })
	defer guard.Stop()
	lines := bufio.NewScanner(out)
	seen := 0
	for ; lines.Scan(); seen++ {
		if id, hash, whole := strings.Cut(lines.Text(), " "); whole && len(hash) == 64 {
			acked[id] = hash
		}
		if seen == acks {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait() // it was killed
	if seen < acks {
		t.Fatalf("only %d uploads were acknowledged: %s", seen, &complaints)
	}
}

// What was acknowledged is there after a kill, whole; and what was not leaves nothing for ever.
func TestAcknowledgedFilesSurviveKills(t *testing.T) {
	dir := t.TempDir()
	acked := map[string]string{}
	for _, acks := range []int{1, 7, 20, 33, 60} {
		killAfter(t, dir, acks, acked)
		u, closeAll, err := openUploads(dir)
		if err != nil {
			t.Fatal(err)
		}
		checkAcked(t, u, acked)
		if _, err := u.CollectLost(t.Context()); err != nil {
			t.Error(err)
		}
		checkAcked(t, u, acked)
		closeAll()
	}
	u, closeAll, err := openUploads(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll()
	if n, err := u.EraseFiles(t.Context(), 1, "ann"); err != nil || n < len(acked) {
		t.Errorf("%d files were erased, %v; %d were acknowledged", n, err, len(acked))
	}
	if left := (&desk{folder: filepath.Join(dir, "files")}).onDisk(t); len(left) > 0 {
		t.Errorf("%v are left after everything was erased", left)
	}
}

func checkAcked(t *testing.T, u *chat.Uploads, acked map[string]string) {
	t.Helper()
	for id, want := range acked {
		f, err := u.Files.File(t.Context(), id)
		if err != nil {
			t.Fatalf("%s was acknowledged: %v", id, err)
		}
		content, err := u.Contents.Open(f.Hash)
		if err != nil {
			t.Fatalf("the content of %s: %v", id, err)
		}
		sum := sha256.New()
		_, err = io.Copy(sum, content)
		content.Close()
		if got := fmt.Sprintf("%x", sum.Sum(nil)); err != nil || got != want || f.Hash.String() != want {
			t.Fatalf("%s has the content %s (%v), want %s", id, got, err, want)
		}
	}
}
