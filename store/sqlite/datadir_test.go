package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOneServerPerDataDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	first, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); err == nil || !strings.Contains(err.Error(), "another Planga server is running") {
		t.Errorf("the second server got %v, want a refusal", err)
	}
	e, err := openEngine(dir, chatSchema) // as a command does beside the server
	if err != nil {
		t.Fatalf("a command beside the server: %v", err)
	}
	if err := e.close(); err != nil {
		t.Error(err)
	}
	if err := first.Unlock(); err != nil {
		t.Fatal(err)
	}
	second, err := Lock(dir)
	if err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	if err := second.Unlock(); err != nil {
		t.Error(err)
	}
	if err := second.Unlock(); err != nil {
		t.Errorf("unlocking twice: %v", err)
	}
}

func TestAnUnfitDataDirectoryIsRefusedInWords(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	open := filepath.Join(dir, "open")
	link := filepath.Join(dir, "link")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", link); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ dir, want string }{
		"a file":                {file, "is a file"},
		"below a file":          {filepath.Join(file, "data"), "cannot be"},
		"writable by everybody": {open, "chmod o-w"},
		"a link to /etc":        {link, "belongs to the system"},
		"the root":              {"/", "belongs to the system"},
		"/var":                  {"/var", "belongs to the system"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Lock(c.dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}
