package files

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"planga/chat"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("PLANGA_FILES_DIE_IN"); dir != "" {
		dieWriting(dir)
	}
	goleak.VerifyTestMain(m)
}

func open(t *testing.T, path string) *Folder {
	t.Helper()
	f, err := Open(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func keep(t *testing.T, f *Folder, content string) chat.Hash {
	t.Helper()
	in, err := f.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Drop()
	if _, err := io.WriteString(in, content); err != nil {
		t.Fatal(err)
	}
	h, err := in.Keep()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func read(t *testing.T, f *Folder, h chat.Hash) string {
	t.Helper()
	content, err := f.Open(h)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// below returns the paths of all files below dir.
func below(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			path, err = filepath.Rel(dir, path)
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestContentLiesUnderItsHash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	f := open(t, dir)
	h := keep(t, f, "hello")
	if want := chat.Hash(sha256.Sum256([]byte("hello"))); h != want {
		t.Fatalf("got hash %s, want %s", h, want)
	}
	if got, want := below(t, dir), []string{h.String()[:2] + "/" + h.String()[2:]}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	info, err := os.Stat(filepath.Join(dir, h.String()[:2], h.String()[2:]))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("got mode %v, %v", info.Mode(), err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, open(t, dir), h); got != "hello" {
		t.Errorf("after opening it again: got %q", got)
	}
}

func TestContentIsRemovedOnceAndReadOn(t *testing.T) {
	f := open(t, t.TempDir())
	h := keep(t, f, "hello")
	content, err := f.Open(h)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	for range 2 {
		if err := f.Remove(h); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Open(h); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("got %v", err)
	}
	if b, err := io.ReadAll(content); err != nil || string(b) != "hello" {
		t.Errorf("who had it open read %q, %v", b, err)
	}
}

func TestWhatIsDroppedLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	in, err := f.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "hello"); err != nil {
		t.Fatal(err)
	}
	var some [3]byte
	if _, err := in.ReadAt(some[:], 1); err != nil || string(some[:]) != "ell" {
		t.Errorf("got %q, %v", some, err)
	}
	in.Drop()
	in.Drop()
	if left := below(t, dir); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

func TestEqualContentIsKeptOnceAndMendsDamage(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	h := keep(t, f, "hello")
	path := filepath.Join(dir, h.String()[:2], h.String()[2:])
	if err := os.WriteFile(path, []byte("hel"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := keep(t, f, "hello"); again != h || read(t, f, h) != "hello" || len(below(t, dir)) != 1 {
		t.Errorf("got %s, %q, %v", again, read(t, f, h), below(t, dir))
	}
}

func TestAllContentIsFoundAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	want := map[chat.Hash]bool{}
	for i := range 50 {
		want[keep(t, f, strconv.Itoa(i))] = true
	}
	for _, path := range []string{"00/readme", "ab/" + strings.Repeat("AB", 31), "ab/" + strings.Repeat("ab", 30)} {
		if err := os.WriteFile(filepath.Join(dir, path), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := map[chat.Hash]bool{}
	for h, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		got[h] = true
	}
	if len(got) != len(want) {
		t.Errorf("found %d, want %d", len(got), len(want))
	}
	for h := range want {
		if !got[h] {
			t.Errorf("%s was not found", h)
		}
	}
	for range f.All() {
		break // whoever has seen enough may go
	}
}

// dieWriting writes as much as it is told, and then kills its own process.
func dieWriting(dir string) {
	f, err := Open(dir, 0)
	if err != nil {
		panic(err)
	}
	in, err := f.Begin()
	if err != nil {
		panic(err)
	}
	if _, err := in.Write(bytes.Repeat([]byte("a"), 1<<20)); err != nil {
		panic(err)
	}
	if os.Getenv("PLANGA_FILES_DIE_AFTER") == "sync" {
		if err := in.(*writing).file.Sync(); err != nil {
			panic(err)
		}
	}
	_ = unix.Kill(os.Getpid(), unix.SIGKILL)
	select {}
}

func TestAKillBeforeTheRenameLeavesNoHalfFile(t *testing.T) {
	for _, after := range []string{"write", "sync"} {
		t.Run("after the "+after, func(t *testing.T) {
			dir := t.TempDir()
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), "PLANGA_FILES_DIE_IN="+dir, "PLANGA_FILES_DIE_AFTER="+after)
			if out, err := child.CombinedOutput(); err == nil || err.Error() != "signal: killed" {
				t.Fatalf("the child ended with %v: %s", err, out)
			}
			if left := below(t, dir); len(left) != 1 || !strings.HasPrefix(left[0], incoming+"/") {
				t.Fatalf("the child left %v, want one file that was being written", left)
			}
			f := open(t, dir)
			if left := below(t, dir); len(left) > 0 {
				t.Errorf("%v are left after the next start", left)
			}
			for h := range f.All() {
				t.Errorf("found %s", h)
			}
		})
	}
}

func TestAFullDiskIsToldAndLeftAgain(t *testing.T) {
	dir := smallDisk(t)
	f := open(t, filepath.Join(dir, "files"))
	in, err := f.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_, err = in.Write(make([]byte, 8<<20))
	if e := chat.AsError(err); e.Code != chat.StorageUnavailable || e.RetryAfter == 0 || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("got %v", err)
	}
	in.Drop()
	if h := keep(t, f, "room again"); read(t, f, h) != "room again" {
		t.Error("after making room, content is not kept")
	}
}

// smallDisk is a file system of 2 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700"); err != nil {
		missing(t, "the right to mount a tmpfs: "+err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// missing skips a test for want of something outside, unless everything is required.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("PLANGA_TEST_REQUIRE") == "all" {
		t.Fatal("missing: " + what)
	}
	t.Skip("missing: " + what)
}

func TestSomeOfTheDiskIsLeftForMessages(t *testing.T) {
	f, err := Open(t.TempDir(), 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Begin(); chat.CodeOf(err) != chat.StorageUnavailable {
		t.Errorf("got %v", err)
	}
}

func TestAnUnfitFolderIsRefusedInWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "files")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, 0); err == nil || !strings.Contains(err.Error(), "cannot be") {
		t.Errorf("got %v", err)
	}
}

// A link that somebody planted in the folder must not lead out of it.
func TestNoLinkLeadsOutOfTheFolder(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	f := open(t, dir)
	h := chat.Hash(sha256.Sum256([]byte("hello")))
	if err := os.WriteFile(filepath.Join(outside, h.String()[2:]), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	planted := filepath.Join(dir, h.String()[:2])
	if err := errors.Join(os.Remove(planted), os.Symlink(outside, planted)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(h); chat.CodeOf(err) != chat.StorageUnavailable {
		t.Errorf("got %v", err)
	}
}
