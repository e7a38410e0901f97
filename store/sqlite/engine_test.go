package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"planga/chat"
)

func openTestEngine(t testing.TB) *engine {
	t.Helper()
	e, err := openEngine(t.TempDir(), chatSchema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func put(name, value string) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO meta (name, value) VALUES (?, ?)", name, value)
		return err
	}
}

func countMeta(t *testing.T, e *engine, like string) (n int) {
	t.Helper()
	err := e.read(t.Context(), func(tx *sql.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM meta WHERE name LIKE ?", like).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestManyWritersShareTheCommitterAndEachIsAnsweredForItself(t *testing.T) {
	e := openTestEngine(t)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			name := "w" + strings.Repeat("x", i/2) // each name twice: one of the two must fail
			_ = e.write(t.Context(), put(name, "v"))
		})
	}
	wg.Wait()
	if n := countMeta(t, e, "w%"); n != 32 {
		t.Errorf("got %d rows, want 32", n)
	}
}

func TestAFailedWriteLeavesNothingBehind(t *testing.T) {
	e := openTestEngine(t)
	boom := errors.New("boom")
	err := e.write(t.Context(), func(tx *sql.Tx) error {
		if err := put("half", "v")(tx); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v, want boom", err)
	}
	if n := countMeta(t, e, "half"); n != 0 {
		t.Errorf("got %d rows, want none", n)
	}
}

func TestAPanicInAWriteIsThatWritesFailureOnly(t *testing.T) {
	e := openTestEngine(t)
	err := e.write(t.Context(), func(tx *sql.Tx) error {
		_ = put("half", "v")(tx)
		panic("oh")
	})
	if err == nil || !strings.Contains(err.Error(), "oh") {
		t.Errorf("got %v, want the panic as an error", err)
	}
	if err := e.write(t.Context(), put("next", "v")); err != nil {
		t.Errorf("the next write: %v", err)
	}
	if n := countMeta(t, e, "half"); n != 0 {
		t.Errorf("got %d rows of the write that panicked, want none", n)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	e := openTestEngine(t)
	if err := e.read(t.Context(), put("name", "v")); err == nil {
		t.Error("a reader wrote")
	}
}

func TestAClosedEngineRefuses(t *testing.T) {
	e, err := openEngine(t.TempDir(), chatSchema)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(e.close(), e.close()); err != nil {
		t.Fatal(err)
	}
	if err := e.write(context.Background(), put("late", "v")); chat.CodeOf(err) != chat.StorageUnavailable {
		t.Errorf("write: got %v, want storage_unavailable", err)
	}
	if err := e.read(context.Background(), put("late", "v")); chat.CodeOf(err) != chat.StorageUnavailable {
		t.Errorf("read: got %v, want storage_unavailable", err)
	}
}

func TestFilesThatAreNotOursAreRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"text file": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("hello ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a database"},
		"another program's database": {func(t *testing.T, path string) { execute(t, path, "CREATE TABLE t (x)") }, "not Planga's"},
		"another application id": {func(t *testing.T, path string) {
			execute(t, path, "PRAGMA application_id = 7; CREATE TABLE t (x)")
		}, "not Planga's"},
		"newer schema": {func(t *testing.T, path string) {
			e, err := openEngine(filepath.Dir(path), chatSchema)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.close(); err != nil {
				t.Fatal(err)
			}
			execute(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		}, "newer Planga"},
		"directory": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.make(t, filepath.Join(dir, "chat.db"))
			e, err := openEngine(dir, chatSchema)
			if err == nil {
				e.close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it to say %q", err, c.want)
			}
		})
	}
}

func execute(t testing.TB, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptyFileAndSeveralOpenersAtOnceAreFine(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "chat.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			e, err := openEngine(dir, chatSchema)
			if err != nil {
				t.Error(err)
				return
			}
			if err := e.close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func createFloor(tx *sql.Tx) error {
	_, err := tx.Exec("CREATE TABLE floor (key INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
	return err
}
