package chat

import "context"

// SetRole gives a participant a role. It is the host site's deed, so nobody's own role is asked. [Invalid] if there is no
// such role, [NotFound] if the user does not participate in the conversation.
func (s *Service) SetRole(ctx context.Context, r Room, whom UserID, role Role) (Participant, error) {
	if err := role.Check(); err != nil {
		return Participant{}, err
	}
	return s.amendParticipant(ctx, r, whom, "", func(p *Participant) error {
		p.Role = role
		return nil
	})
}
