package phoenix

import (
	"bytes"
	"errors"
	"sync"
)

// writeSize is how much is collected for one write.
const writeSize = 32 << 10

var writeBuffers = sync.Pool{New: func() any { b := make([]byte, 0, writeSize); return &b }}

// drain writes all that waits now, with as few writes as possible. It reports
// whether more came meanwhile; then it is to be called again, with the batch
// it handed back, whose room is used for what comes next. When nothing is left
// it has ended the draining, and the connection if that was asked for.
func (s *socket) drain(spare []*frame) (batch []*frame, more bool) {
	batch = s.take(spare)
	more, closing := s.wrote(batch, s.writeBatch(batch))
	if closing != nil {
		s.wire.writeClose(closing.code, closing.reason)
	}
	return batch, more
}

// drainNow is drain without waiting, and until nothing is left. What would
// have to wait is left to a goroutine.
func (s *socket) drainNow(try *attempt) {
	batch := s.take(nil)
	for {
		rest, err := s.tryBatch(try, batch)
		if err == errMustWait {
			s.conn.endpoint.running.Add(1) // the writer that called is running
			go s.writeOn(batch, rest)
			return
		}
		more, closing := s.wrote(batch, err)
		if closing != nil {
			s.conn.endpoint.running.Add(1)
			go s.writeLast(closing)
		}
		if !more {
			return
		}
		batch = s.take(batch)
	}
}

// writeOn writes a batch whose beginning may have been written, and what comes
// after it.
func (s *socket) writeOn(batch []*frame, rest []byte) {
	defer s.conn.endpoint.running.Done()
	var err error
	if rest != nil {
		err = s.wire.finishFrames(rest)
	} else {
		err = s.writeBatch(batch)
	}
	more, closing := s.wrote(batch, err)
	if closing != nil {
		s.wire.writeClose(closing.code, closing.reason)
	}
	for more {
		batch, more = s.drain(batch)
	}
}

// writeLast closes.
func (s *socket) writeLast(c *closing) {
	defer s.conn.endpoint.running.Done()
	s.wire.writeClose(c.code, c.reason)
}

// take hands over what waits.
func (s *socket) take(spare []*frame) []*frame {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	return s.conn.outbox.take(spare)
}

// wrote forgets a batch, and ends the draining if nothing more waits. Then
// closing tells how the connection is to be closed, if it is.
func (s *socket) wrote(batch []*frame, err error) (more bool, closing *closing) {
	c := s.conn
	c.endpoint.stats.framesOut.Add(int64(len(batch)))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outbox.wrote(batch)
	if err != nil {
		// Half a frame may be out; nothing can follow it.
		c.outbox.drop()
		c.outbox.rest(nil)
		s.wire.cut()
		return false, nil
	}
	if len(c.outbox.frames) > 0 {
		return true, nil
	}
	c.outbox.rest(batch)
	return false, c.closing
}

// errMustWait is told of a batch that the kernel does not take at once.
var errMustWait = errors.New("must wait")

// tryBatch writes frames in order if it can without waiting. With errMustWait
// rest is what is left of a batch that was written in part, nil if nothing was.
func (s *socket) tryBatch(try *attempt, batch []*frame) (rest []byte, err error) {
	size := 0
	for _, f := range batch {
		size += len(f.bytes)
	}
	if size > writeSize {
		return nil, errMustWait
	}
	var b []byte
	switch len(batch) {
	case 0:
		return nil, nil
	case 1:
		b = batch[0].bytes
	default:
		buf := writeBuffers.Get().(*[]byte)
		defer writeBuffers.Put(buf)
		b = (*buf)[:0]
		for _, f := range batch {
			b = append(b, f.bytes...)
		}
	}
	n, err := s.wire.tryFrames(try, b)
	switch {
	case err != nil, n == len(b):
		return nil, err
	case n == 0:
		return nil, errMustWait
	}
	return bytes.Clone(b[n:]), errMustWait
}

// writeBatch writes frames in order.
func (s *socket) writeBatch(batch []*frame) error {
	switch len(batch) {
	case 0:
		return nil
	case 1:
		return s.wire.writeFrames(batch[0].bytes)
	}
	buf := writeBuffers.Get().(*[]byte)
	defer writeBuffers.Put(buf)
	b := (*buf)[:0]
	for _, f := range batch {
		if len(b)+len(f.bytes) > writeSize && len(b) > 0 {
			if err := s.wire.writeFrames(b); err != nil {
				return err
			}
			b = b[:0]
		}
		if len(f.bytes) > writeSize {
			if err := s.wire.writeFrames(f.bytes); err != nil {
				return err
			}
			continue
		}
		b = append(b, f.bytes...)
	}
	if len(b) == 0 {
		return nil
	}
	return s.wire.writeFrames(b)
}
