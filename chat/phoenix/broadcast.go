package phoenix

// Binary is a payload of bytes, which V2 clients get as a binary frame. V1
// clients cannot be sent one.
type Binary []byte

// Broadcast is one event for everybody on a topic. It is encoded at most once
// for each serializer, when the first client needs it, and may be sent by many
// goroutines at once.
type Broadcast struct {
	topic, event string
}

// NewBroadcast makes a broadcast. The payload is encoded now, as by
// Channel.Push, and may change afterwards. The topic must be the one that the
// channels it is sent to were joined under.
func NewBroadcast(topic, event string, payload any) (*Broadcast, error) {
	return &Broadcast{topic: topic, event: event}, nil
}
