package chat

import (
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

// reading is one look at the claims of a verified credential; it gathers the identity they speak of.
type reading struct {
	now      time.Time
	app      *App
	sealed   bool // encrypted options
	claims   map[string]json.RawMessage
	identity Identity
}

// claimCheck reads one claim. raw is nil where the claim is absent or null.
type claimCheck struct {
	jwt    string // the claim's name in a JWT; "" if JWTs have no such claim
	sealed string // its name in encrypted options; "" if they have no such claim
	read   func(r *reading, raw json.RawMessage) *Refused
}

// expiryCheck is the first of the checks, and the only one that requests to the API of 2018 share.
var expiryCheck = claimCheck{"exp", "exp", (*reading).expiry}

// claimChecks are made in this order. Authentication stops at the first refusal; the token tester makes them all.
var claimChecks = []claimCheck{
	expiryCheck,
	{"nbf", "", (*reading).notBefore},
	{"iat", "", (*reading).issuedAt},
	{"aud", "", (*reading).audience},
	{"sub", "current_user_id", (*reading).subject},
	{"name", "current_user_name", (*reading).name},
	{"conversation_id", "conversation_id", (*reading).conversations},
	{"role", "current_user_role", (*reading).role},
	{"avatar", "", (*reading).avatar},
	{"locale", "", (*reading).locale},
	{"", "other_users", (*reading).others},
}

// reading begins to read what the key vouched for. Claims that cannot be read at all fail the first check.
func (h *holding) reading(now time.Time, claims []byte, sealed bool) *reading {
	fields, _ := jsonObject(claims)
	return &reading{now: now, app: h.app, sealed: sealed, claims: fields, identity: Identity{
		App: h.app.ID, Key: h.id, Encrypted: sealed,
	}}
}

// name returns what the claim is called in this kind of credential, "" if it has no such claim.
func (c *claimCheck) name(sealed bool) string {
	if sealed {
		return c.sealed
	}
	return c.jwt
}

// run makes one check.
func (r *reading) run(c *claimCheck) *Refused {
	if r.claims == nil {
		return badClaims
	}
	name := c.name(r.sealed)
	if name == "" {
		return nil
	}
	raw := r.claims[name]
	if string(raw) == "null" {
		raw = nil
	}
	flaw := c.read(r, raw)
	if flaw == nil {
		return nil
	}
	named := *flaw
	named.Claim = name
	return &named
}

func flaw(reason, mend string) *Refused { return &Refused{Reason: reason, Mend: mend} }

func (r *reading) expiry(raw json.RawMessage) *Refused {
	if raw == nil {
		if r.sealed && r.app.Clients2018 {
			return nil
		}
		return flaw("The token does not say when it expires.", "Set exp to at most 24 hours from now, in seconds since 1970.")
	}
	exp, ok := numericDate(raw)
	switch {
	case !ok:
		return flaw("exp is not a number of seconds since 1970.", "Set exp to a JSON number, without quotes, such as now + 3600.")
	case !r.now.Before(exp.Add(ClockSkew)):
		return flaw("The token has expired.", "Sign a fresh token for each page, for an hour; compare the clocks if it was fresh.")
	case exp.After(r.now.Add(MaxTokenLife + ClockSkew)):
		return flaw("The token expires more than 24 hours from now.", "Set exp in seconds, not milliseconds, to at most 24 hours from now.")
	}
	r.identity.Expires = exp
	return nil
}

func (r *reading) notBefore(raw json.RawMessage) *Refused {
	return r.past(raw, "The token is not valid yet.", "Leave nbf out, or compare the clocks.")
}

func (r *reading) issuedAt(raw json.RawMessage) *Refused {
	return r.past(raw, "The token was signed in the future.", "Set iat to now, in seconds since 1970, and compare the clocks.")
}

// past refuses a time that is still to come.
func (r *reading) past(raw json.RawMessage, reason, mend string) *Refused {
	if raw == nil {
		return nil
	}
	t, ok := numericDate(raw)
	switch {
	case !ok:
		return flaw("The time is not a number of seconds since 1970.", "Use a JSON number, without quotes.")
	case t.After(r.now.Add(ClockSkew)):
		return flaw(reason, mend)
	}
	return nil
}

// numericDate decodes a time in seconds since 1970 (RFC 7519 section 2) that a time.Time can hold.
func numericDate(raw json.RawMessage) (time.Time, bool) {
	var seconds float64
	if json.Unmarshal(raw, &seconds) != nil || seconds < 0 || seconds > 1e15 {
		return time.Time{}, false
	}
	whole := int64(seconds)
	return time.Unix(whole, int64((seconds-float64(whole))*1e9)), true
}

func (r *reading) audience(raw json.RawMessage) *Refused {
	if raw == nil {
		return nil
	}
	list, ok := oneOrMany(raw)
	for _, item := range list {
		aud, fits := jsonText(item)
		if ok && fits && aud == "planga" {
			return nil
		}
	}
	return flaw("The token is meant for another audience.", `Set aud to "planga", or leave it out.`)
}

func (r *reading) subject(raw json.RawMessage) *Refused {
	id, ok := identifier(raw)
	if !ok || UserID(id).Check() != nil {
		return flaw("The user id is not a printable string of 1 to 255 bytes, or a whole number.",
			"Set it to the id that your site knows the user by.")
	}
	r.identity.User.ID = UserID(id)
	return nil
}

func (r *reading) name(raw json.RawMessage) *Refused {
	given, ok := jsonText(raw)
	name := tidyName(given)
	if !ok || name == "" {
		return flaw("The user has no name.", "Set it to what the others shall see, as a string.")
	}
	r.identity.User.Name = name
	return nil
}

func (r *reading) conversations(raw json.RawMessage) *Refused {
	if raw == nil && !r.sealed {
		return nil
	}
	list, ok := oneOrMany(raw)
	if !ok || r.sealed && (len(list) != 1 || raw[0] == '[') {
		return flaw("The conversation id is not a string.", "Set it to your own name for the conversation.")
	}
	if len(list) > MaxConversations {
		return flaw("The token names more than 100 conversations.", "Name the one that the page opens; those the user is in already need not be named.")
	}
	for _, item := range list {
		id, ok := identifier(item)
		if !ok || ConversationID(id).Check() != nil {
			return flaw("A conversation id is not a printable string of 1 to 255 bytes, or a whole number.",
				"Set it to your own name for the conversation.")
		}
		if !r.identity.Admits(ConversationID(id)) {
			r.identity.Conversations = append(r.identity.Conversations, ConversationID(id))
		}
	}
	return nil
}

func (r *reading) role(raw json.RawMessage) *Refused {
	if raw == nil {
		return nil
	}
	given, ok := jsonText(raw)
	role := Role(given)
	if !ok || role.Check() != nil {
		return flaw(`The role is none of "", "moderator" and "reader".`, "Leave it out for ordinary users.")
	}
	r.identity.Role = &role
	return nil
}

func (r *reading) avatar(raw json.RawMessage) *Refused {
	if raw == nil {
		return nil
	}
	address, ok := jsonText(raw)
	if !ok || address != "" && !avatarAddress(address) {
		return flaw("The avatar is not an https address.", "Set it to a whole address that begins with https://, or leave it out.")
	}
	r.identity.User.Avatar = address
	return nil
}

func (r *reading) locale(raw json.RawMessage) *Refused {
	if raw == nil {
		return nil
	}
	tag, ok := jsonText(raw)
	tag = strings.ReplaceAll(tag, "_", "-")
	if !ok || !languageTag(tag) {
		return flaw("The locale is not a language tag.", `Set it to a tag such as "nl" or "pt-BR", or leave it out.`)
	}
	r.identity.Locale = tag
	return nil
}

// others reads the further people of the conversation. They come along without a role.
func (r *reading) others(raw json.RawMessage) *Refused {
	if raw == nil {
		return nil
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) > MaxOthers {
		return flaw("The other users are not a list of at most 100 objects with id and name.", "List each as {id, name}.")
	}
	for _, o := range list {
		id, ok := identifier(o["id"])
		given, named := jsonText(o["name"])
		u := User{ID: UserID(id), Name: tidyName(given)}
		if !ok || !named || u.ID.Check() != nil || u.Name == "" {
			return flaw("One of the other users has no proper id or name.", "List each as {id, name}.")
		}
		if u.ID != r.identity.User.ID && !slices.ContainsFunc(r.identity.Others, func(o User) bool { return o.ID == u.ID }) {
			r.identity.Others = append(r.identity.Others, u)
		}
	}
	return nil
}
