package chat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/url"
	"strconv"
	"time"
)

// Whoever has a file's address may open the file until the address expires: after three to four quarters of a day. All
// addresses that are made of a file within a quarter of a day are the same, so that browsers need not fetch it again.
const (
	addressStep = 6 * time.Hour
	addressLife = 4 * addressStep
)

// Address returns where a file can be fetched from now on, as a path with a query. It is for those who may see the message
// that holds the file, or who uploaded it.
func (u *Uploads) Address(a Attachment) string {
	expires := strconv.FormatInt(u.Now().Truncate(addressStep).Add(addressLife).Unix(), 10)
	return "/files/" + url.PathEscape(a.ID) + "/" + url.PathEscape(a.Name) +
		"?expires=" + expires + "&signature=" + u.sign(a.ID, a.Name, expires)
}

// Ticket is what an address says.
type Ticket struct {
	ID, Name           string
	Expires, Signature string
}

// Open returns the file that an address of ours names, and its content, which the caller closes. expires tells when the
// address does. [Forbidden] for an address that is not ours or has expired; nothing is looked up for it. [NotFound] if the
// file, its app, or the last message that held it, is not there any more.
func (u *Uploads) Open(ctx context.Context, t Ticket) (f File, content io.ReadSeekCloser, expires time.Time, err error) {
	expires, err = u.check(t)
	if err != nil {
		return File{}, nil, expires, err
	}
	f, err = u.Files.File(ctx, t.ID)
	if err != nil {
		return File{}, nil, expires, err
	}
	if _, known := u.Apps.App(f.App); !known || f.letGo() {
		return File{}, nil, expires, Errorf(NotFound, "There is no such file.")
	}
	content, err = u.Contents.Open(f.Hash)
	return f, content, expires, err
}

// check returns when an address of ours expires.
func (u *Uploads) check(t Ticket) (time.Time, error) {
	refused := Errorf(Forbidden, "This link does not work (any more). Reload the conversation for a new one.")
	if !hmac.Equal([]byte(t.Signature), []byte(u.sign(t.ID, t.Name, t.Expires))) {
		return time.Time{}, refused
	}
	seconds, err := strconv.ParseInt(t.Expires, 10, 64)
	expires := time.Unix(seconds, 0)
	if err != nil || !u.Now().Before(expires) {
		return time.Time{}, refused
	}
	return expires, nil
}

// sign returns the signature of an address. The lengths keep its parts apart.
func (u *Uploads) sign(parts ...string) string {
	mac := hmac.New(sha256.New, u.Key)
	for _, part := range parts {
		mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		mac.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
