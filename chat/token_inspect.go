package chat

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FindingState is the outcome of one check of the token tester.
type FindingState string

// The outcomes. A check is skipped when an earlier failure leaves nothing to look at.
const (
	FindingOK      FindingState = "ok"
	FindingFailed  FindingState = "failed"
	FindingSkipped FindingState = "skipped"
)

// Finding is one line of the token tester. Its sentences hold values of the token, which the tester's user pasted, but
// never a secret.
type Finding struct {
	Check string // "form", "kid", "signature", or the name of a claim
	State FindingState
	Text  string // what was found
	Mend  string // what to do about it; "" unless it failed
}

// InspectToken checks a JWT, or encrypted options, the way [Directory.Authenticate] does, but says everything that is
// wrong with it to the app's owner. A key of another app is unknown here. Encrypted options do not name their key, so
// every key of the app is tried.
func InspectToken(d *Directory, app AppID, token string, now time.Time) []Finding {
	token = strings.TrimSpace(token)
	sealed := strings.Count(token, ".") == 4
	held, claims, found, flaw := d.inspectSeal(app, token, sealed)
	if flaw != nil {
		found = append(found, failed(flaw.Claim, flaw))
		return append(found, skipClaims(sealed)...)
	}
	r := held.reading(now, claims, sealed)
	if r.claims == nil {
		return append(append(found, failed("form", badClaims)), skipClaims(sealed)...)
	}
	for i := range claimChecks {
		if f, ok := r.inspect(&claimChecks[i]); ok {
			found = append(found, f)
		}
	}
	return found
}

// Passed reports whether no check failed.
func Passed(found []Finding) bool {
	return !slices.ContainsFunc(found, func(f Finding) bool { return f.State != FindingOK })
}

// inspectSeal checks form, key and signature, and returns what was in order up to the first flaw.
func (d *Directory) inspectSeal(app AppID, token string, sealed bool) (*holding, []byte, []Finding, *Refused) {
	if sealed {
		return d.inspectOptions(app, token)
	}
	if token == "" {
		return nil, nil, nil, noCredential
	}
	parts, flaw := splitToken(token, 3)
	if flaw != nil {
		return nil, nil, nil, flaw
	}
	kid, flaw := signedHeader(parts[0])
	if flaw != nil {
		return nil, nil, nil, flaw
	}
	found := []Finding{{Check: "form", State: FindingOK, Text: "JWT, HS256."}}
	held, known := d.holding(kid)
	if !known || held.app.ID != app {
		return nil, nil, found, unknownKey
	}
	claims, flaw := held.verify(token)
	if flaw != nil && flaw.Claim == "signature" {
		found = append(found, Finding{Check: "kid", State: FindingOK, Text: kid + ", active."})
		return nil, nil, found, d.guess(held, token)
	}
	if flaw != nil {
		return nil, nil, found, flaw
	}
	return held, claims, append(found,
		Finding{Check: "kid", State: FindingOK, Text: kid + ", active."},
		Finding{Check: "signature", State: FindingOK, Text: "Fits the key's secret."}), nil
}

// inspectOptions looks for the key of the app that decrypts the options.
func (d *Directory) inspectOptions(app AppID, token string) (*holding, []byte, []Finding, *Refused) {
	parts, flaw := splitToken(token, 5)
	if flaw == nil {
		flaw = sealedHeader(parts)
	}
	if flaw != nil {
		return nil, nil, nil, flaw
	}
	found := []Finding{{Check: "form", State: FindingOK, Text: "Encrypted options."}}
	for _, held := range d.holdings(app) {
		claims, flaw := held.decrypt(token)
		if flaw == nil {
			return held, claims, append(found, Finding{Check: "signature", State: FindingOK,
				Text: "Decrypted with the private key of " + held.id + "."}), nil
		}
	}
	return nil, nil, found, badSeal
}

// holdings returns the keys of an app.
func (d *Directory) holdings(app AppID) []*holding {
	a, ok := d.App(app)
	if !ok {
		return nil
	}
	var list []*holding
	for _, k := range a.Keys {
		if held, ok := d.holding(k.PublicID); ok && held.app.ID == app {
			list = append(list, held)
		}
	}
	return list
}

// guess tries the usual mistakes with secrets, so that the owner need not guess.
func (d *Directory) guess(held *holding, token string) *Refused {
	signedWith := func(secret []byte) bool {
		if len(secret) < minSecret {
			return false
		}
		other := &holding{app: held.app, active: true, secret: secret}
		_, flaw := other.verify(token)
		return flaw == nil
	}
	bare := strings.TrimPrefix(string(held.secret), "sk_")
	decoded, _ := base64.RawURLEncoding.DecodeString(bare)
	because := func(mend string) *Refused {
		return &Refused{Claim: "signature", Reason: badSignature.Reason, Mend: mend}
	}
	switch {
	case signedWith([]byte(bare)):
		return because("It was signed with the secret without its sk_ at the beginning. Use the whole secret.")
	case signedWith(decoded):
		return because("It was signed with the decoded secret. Use the secret as text, as it was shown.")
	case signedWith([]byte(string(held.secret) + "\n")):
		return because("It was signed with the secret and a line break behind it. Remove the line break.")
	}
	for _, other := range d.holdings(held.app.ID) {
		if other != held && signedWith(other.secret) {
			return because("It was signed with the secret of " + other.id + ", but kid says " + held.id + ". Use one key for both.")
		}
	}
	return badSignature
}

// inspect makes one check of a claim; ok is false where there is nothing worth a line.
func (r *reading) inspect(c *claimCheck) (f Finding, ok bool) {
	name := c.name(r.sealed)
	if name == "" {
		return Finding{}, false
	}
	if flaw := r.run(c); flaw != nil {
		f = failed(name, flaw)
		f.Text = strings.TrimSpace(f.Text + " " + r.timing(name))
		return f, true
	}
	said := r.said(name)
	return Finding{Check: name, State: FindingOK, Text: said}, said != ""
}

// said tells what an accepted claim says, "" if the claim is absent and nothing follows from that.
func (r *reading) said(name string) string {
	id := r.identity
	switch name {
	case "exp":
		if id.Expires.IsZero() {
			return "Never expires; allowed because pages of 2018 are served."
		}
		return "Valid until " + clock(id.Expires) + ", for " + span(id.Expires.Sub(r.now)) + " more."
	case "sub", "current_user_id":
		return fmt.Sprintf("User %q.", id.User.ID)
	case "name", "current_user_name":
		return fmt.Sprintf("Shown as %q.", id.User.Name)
	case "conversation_id":
		if len(id.Conversations) == 0 {
			return "Absent: only conversations that the user is in already."
		}
		return fmt.Sprintf("Opens %q.", id.Conversations)
	case "role", "current_user_role":
		if id.Role == nil {
			return "Absent: the role stays as it is."
		}
		return fmt.Sprintf("The role becomes %q.", *id.Role)
	}
	if r.claims[name] == nil {
		return ""
	}
	return "In order."
}

// timing compares the clocks where a claim about time has failed.
func (r *reading) timing(name string) string {
	if name != "exp" && name != "nbf" && name != "iat" {
		return ""
	}
	at, ok := numericDate(r.claims[name])
	if !ok {
		return ""
	}
	side, apart := "from now", at.Sub(r.now)
	if apart < 0 {
		side, apart = "ago", -apart
	}
	return fmt.Sprintf("It says %s, %s %s; the clock here reads %s.", clock(at), span(apart), side, clock(r.now))
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// span writes a duration the way people say it: "4 min 12 s".
func span(d time.Duration) string {
	d = d.Round(time.Second)
	days, h, m, s := d/(24*time.Hour), d/time.Hour%24, d/time.Minute%60, d/time.Second%60
	switch {
	case d >= 24*time.Hour:
		return fmt.Sprintf("%d d %d h", days, h)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", h, m)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", m, s)
	}
	return fmt.Sprintf("%d s", s)
}

func failed(check string, r *Refused) Finding {
	return Finding{Check: check, State: FindingFailed, Text: r.Reason, Mend: r.Mend}
}

// skipClaims tells that the main claims were not looked at, because nothing vouches for them.
func skipClaims(sealed bool) []Finding {
	var list []Finding
	for _, c := range claimChecks {
		name := c.name(sealed)
		switch c.jwt {
		case "exp", "sub", "name", "conversation_id":
			list = append(list, Finding{Check: name, State: FindingSkipped,
				Text: "Not looked at, because the token is refused above."})
		}
	}
	return list
}
