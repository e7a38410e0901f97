package phoenix

// fewChannels is how many channels are looked up without a map. Most
// connections have two.
const fewChannels = 8

// channelSet holds a connection's channels by topic. Conn.mu guards it.
type channelSet struct {
	few  []*Channel
	many map[string]*Channel
}

func (s *channelSet) len() int { return len(s.few) + len(s.many) }

// get returns the channel of a topic, or nil.
func (s *channelSet) get(topic string) *Channel {
	for _, ch := range s.few {
		if ch.topic == topic {
			return ch
		}
	}
	return s.many[topic]
}

// put adds a channel whose topic is not there yet.
func (s *channelSet) put(ch *Channel) {
	if len(s.few) < fewChannels {
		s.few = append(s.few, ch)
		return
	}
	if s.many == nil {
		s.many = make(map[string]*Channel)
	}
	s.many[ch.topic] = ch
}

// remove takes a channel out, if it is still the one of its topic.
func (s *channelSet) remove(ch *Channel) {
	for i, other := range s.few {
		if other == ch {
			last := len(s.few) - 1
			s.few[i], s.few[last] = s.few[last], nil
			s.few = s.few[:last]
			return
		}
	}
	if s.many[ch.topic] == ch {
		delete(s.many, ch.topic)
	}
}

// takeAll empties the set.
func (s *channelSet) takeAll() []*Channel {
	all := s.few
	for _, ch := range s.many {
		all = append(all, ch)
	}
	*s = channelSet{}
	return all
}
