package phoenix

import "sync"

// writeSize is how much is collected for one write.
const writeSize = 32 << 10

var writeBuffers = sync.Pool{New: func() any { b := make([]byte, 0, writeSize); return &b }}

// drain writes all that waits now, with as few writes as possible. It reports
// whether more came meanwhile; then it is to be called again, with the batch
// it handed back, whose room is used for what comes next. When nothing is left
// it has ended the draining, and the connection if that was asked for.
func (s *socket) drain(spare []*frame) (batch []*frame, more bool) {
	c := s.conn
	c.mu.Lock()
	batch = c.outbox.take(spare)
	c.mu.Unlock()

	err := s.writeBatch(batch)
	c.endpoint.stats.framesOut.Add(int64(len(batch)))
	c.mu.Lock()
	c.outbox.wrote(batch)
	if err != nil {
		c.outbox.drop()
	}
	if len(c.outbox.frames) > 0 {
		c.mu.Unlock()
		return batch, true
	}
	c.outbox.rest(batch)
	closing := c.closing
	c.mu.Unlock()
	switch {
	case err != nil:
		s.wire.cut() // half a frame may be out; nothing can follow it
	case closing != nil:
		s.wire.writeClose(closing.code, closing.reason)
	}
	return nil, false
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
