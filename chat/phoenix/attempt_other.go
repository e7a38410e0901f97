//go:build !unix

package phoenix

import "syscall"

// attempt is a write that does not wait, of which this system knows nothing:
// every write is left to a goroutine that may.
type attempt struct{}

func newAttempt() *attempt { return nil }

func (*attempt) write(syscall.RawConn, []byte) (int, error) { return 0, nil }

// readable leaves the waiting to the read.
func readable(uintptr) bool { return true }
