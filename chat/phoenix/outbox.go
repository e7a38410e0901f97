package phoenix

// keepQueue is the longest queue whose room an idle connection keeps.
const keepQueue = 8

// outbox holds the frames that wait to be written to one client. Conn.mu
// guards it. While draining is set, one goroutine (or poll) is writing; it
// takes a batch, writes it, and comes back until nothing is left.
type outbox struct {
	frames []*frame
	// count and size include the batch that is being written, so that a
	// client who takes nothing is noticed at the limit and not at twice it.
	count, size int
	draining    bool
}

// add queues f and reports whether it fits. A frame that is larger than the
// limit fits when nothing else waits: refusing it would never end.
func (o *outbox) add(f *frame, maxFrames, maxBytes int) bool {
	if o.count > 0 && (o.count >= maxFrames || o.size+len(f.bytes) > maxBytes) {
		return false
	}
	o.frames = append(o.frames, f)
	o.count++
	o.size += len(f.bytes)
	return true
}

// claim makes the caller the one who drains, unless somebody is.
func (o *outbox) claim() bool {
	if o.draining {
		return false
	}
	o.draining = true
	return true
}

// take hands over all that waits. spare is an earlier batch, done with, whose
// room is used for what comes next.
func (o *outbox) take(spare []*frame) []*frame {
	batch := o.frames
	clear(spare)
	o.frames = spare[:0]
	return batch
}

// wrote forgets a batch that take handed over.
func (o *outbox) wrote(batch []*frame) {
	for _, f := range batch {
		o.count--
		o.size -= len(f.bytes)
	}
}

// drop frees all that waits.
func (o *outbox) drop() {
	o.wrote(o.frames)
	o.frames = nil
}

// rest ends the draining when nothing waits. An idle connection keeps only
// little room, that of the last batch if it was short.
func (o *outbox) rest(batch []*frame) {
	o.draining = false
	o.frames = nil
	if cap(batch) <= keepQueue {
		clear(batch)
		o.frames = batch[:0]
	}
}
