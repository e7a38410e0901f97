package live

import "planga/chat"

// wireBeings are presences in the shape of Phoenix Presence: by user id, each with the metas of its connections.
type wireBeings map[chat.UserID]*wireMetas

type wireMetas struct {
	Metas []wireMeta `json:"metas"`
}

type wireMeta struct {
	Ref      string `json:"phx_ref"`
	OnlineAt int64  `json:"online_at"` // unix seconds
}

type wireDiff struct {
	Joins  wireBeings `json:"joins"`
	Leaves wireBeings `json:"leaves"`
}

func (all wireBeings) put(b being) {
	u := all[b.user]
	if u == nil {
		u = new(wireMetas)
		all[b.user] = u
	}
	u.Metas = append(u.Metas, wireMeta{b.ref, b.online})
}
