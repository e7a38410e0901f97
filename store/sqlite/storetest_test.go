package sqlite_test

import (
	"testing"

	"planga/store/sqlite"
	"planga/store/storetest"
)

func newHome(t testing.TB) storetest.Home {
	dir := t.TempDir()
	return func() (storetest.Store, error) { return sqlite.OpenChat(dir) }
}

func TestPromises(t *testing.T) { storetest.Run(t, newHome) }
