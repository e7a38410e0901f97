package chat

// MessageFor returns m as somebody with that role may see it: deleted content nobody sees, hidden content only moderators.
func MessageFor(m Message, viewer Role) Message {
	if m.DeletedAt.IsZero() && (m.HiddenAt.IsZero() || viewer == Moderator) {
		return m
	}
	m.Body, m.Mentions, m.Attachments, m.Reactions = "", nil, nil, nil
	return m
}

// MessagesFor applies [MessageFor] to all of ms, in place.
func MessagesFor(ms []Message, viewer Role) []Message {
	for i := range ms {
		ms[i] = MessageFor(ms[i], viewer)
	}
	return ms
}
