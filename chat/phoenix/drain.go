package phoenix

import "sync"

// writeSize is how much is collected for one write.
const writeSize = 32 << 10

var writeBuffers = sync.Pool{New: func() any { b := make([]byte, 0, writeSize); return &b }}

// drain writes all that waits now, with as few writes as possible, and reports
// whether more may have come meanwhile. If nothing waits it ends the draining,
// and closes the connection if that was asked for. It hands its batch back,
// whose room is the spare of the next call.
func (s *socket) drain(spare []*frame) (batch []*frame, more bool) {
	c := s.conn
	c.mu.Lock()
	batch = c.outbox.take(spare)
	if len(batch) == 0 {
		c.outbox.draining = false
		closing := c.closing
		c.mu.Unlock()
		if closing != nil {
			s.wire.writeClose(closing.code, closing.reason)
		}
		return nil, false
	}
	c.mu.Unlock()

	err := s.writeBatch(batch)
	c.endpoint.stats.framesOut.Add(int64(len(batch)))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outbox.wrote(batch)
	if err != nil {
		// Half a frame may be out; nothing can follow it.
		c.outbox.drop()
		c.outbox.draining = false
		s.wire.cut()
		return nil, false
	}
	return batch, true
}

// writeBatch writes frames in order.
func (s *socket) writeBatch(batch []*frame) error {
	if len(batch) == 1 {
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
