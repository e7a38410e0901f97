//go:build unix

package phoenix

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// attempt is one write(2) that does not wait. It is used again and again, so
// that a write allocates nothing.
type attempt struct {
	bytes []byte
	n     int
	err   error
	call  func(fd uintptr) bool
}

func newAttempt() *attempt {
	a := &attempt{}
	a.call = func(fd uintptr) bool {
		a.n, a.err = syscall.Write(int(fd), a.bytes)
		return true // do not wait, whatever came of it
	}
	return a
}

// write writes as much of b as the kernel takes at once.
func (a *attempt) write(raw syscall.RawConn, b []byte) (n int, err error) {
	a.bytes, a.n, a.err = b, 0, nil
	if err := raw.Write(a.call); err != nil {
		return 0, err
	}
	a.bytes = nil
	switch a.err {
	case nil:
		return a.n, nil
	case syscall.EAGAIN, syscall.EINTR:
		return 0, nil
	}
	return 0, a.err
}

// readable reports whether a read would not have to wait.
func readable(fd uintptr) bool {
	waiting := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(waiting, 0)
	return n != 0 || err != nil
}
