package live

import "time"

// TellHeads does at once what is done every fifteen seconds.
func (s *Server) TellHeads() { s.tellHeads() }

// Forget stops following the places that are empty at that time, as if it were now.
func (s *Server) Forget(at time.Time) { s.hub.abandonEmpty(at) }

// Places is how many conversations and users are followed.
func (s *Server) Places() int {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return len(s.hub.places)
}
