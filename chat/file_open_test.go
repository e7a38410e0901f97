package chat_test

import (
	"strconv"
	"testing"
	"time"

	"planga/chat"
)

func TestTheFileOfADeletedMessageCannotBeOpenedAnyMore(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(t, "a.txt", []byte("a"))
	first, second := d.say(t, room, f.Attachment), d.say(t, room, f.Attachment)
	address := ticket(t, d.Address(f.Attachment))
	d.erase(t, first.ID)
	if got := string(d.read(t, f)); got != "a" {
		t.Errorf("while another message holds it: got %q", got)
	}
	d.erase(t, second.ID)
	if _, _, _, err := d.Open(t.Context(), address); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("by the address from before: got %v", err)
	}
}

func TestOnlyOurUnexpiredAddressesOpen(t *testing.T) {
	d := newDesk(t)
	f, other := d.uploaded(t, "cat.txt", []byte("a")), d.uploaded(t, "cat.txt", []byte("b"))
	address := d.Address(f.Attachment)
	good, swapped := ticket(t, address), ticket(t, d.Address(other.Attachment))
	foreign := &chat.Uploads{Key: make([]byte, 32), Now: d.Now}
	flip := func(s string) string { return s[:5] + string(rune('A'+(s[5]+1)%26)) + s[6:] }
	later := strconv.FormatInt(d.now.Add(48*time.Hour).Unix(), 10)
	for name, bad := range map[string]chat.Ticket{
		"no signature":             {ID: good.ID, Name: good.Name, Expires: good.Expires},
		"a changed signature":      {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: flip(good.Signature)},
		"half a signature":         {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: good.Signature[:22]},
		"padding":                  {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: good.Signature + "="},
		"a line break":             {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: good.Signature + "\n"},
		"a later end":              {ID: good.ID, Name: good.Name, Expires: later, Signature: good.Signature},
		"another name":             {ID: good.ID, Name: "cat.exe", Expires: good.Expires, Signature: good.Signature},
		"the signature of another": {ID: good.ID, Name: good.Name, Expires: good.Expires, Signature: swapped.Signature},
		"moved between the parts":  {ID: good.ID + good.Name[:1], Name: good.Name[1:], Expires: good.Expires, Signature: good.Signature},
		"another server's":         ticket(t, foreign.Address(f.Attachment)),
		"nothing":                  {},
	} {
		if _, _, _, err := d.Open(t.Context(), bad); chat.CodeOf(err) != chat.Forbidden {
			t.Errorf("%s: got %v", name, err)
		}
	}
	made := d.now
	for _, after := range []time.Duration{0, 18*time.Hour - time.Second} {
		d.now = made.Add(after)
		_, content, expires, err := d.Open(t.Context(), good)
		if err != nil {
			t.Fatalf("after %s: %v", after, err)
		}
		content.Close()
		if left := expires.Sub(d.now); left <= 0 || left > 24*time.Hour {
			t.Errorf("after %s, %s are left", after, left)
		}
	}
	d.now = made.Add(24 * time.Hour)
	if _, _, _, err := d.Open(t.Context(), good); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("after a day: got %v", err)
	}
}

func TestAddressesStayTheSameForBrowsersToCache(t *testing.T) {
	d := newDesk(t)
	a := chat.Attachment{ID: "f", Name: "Grüße & Küsse/%2f?#.txt"}
	d.now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	first := d.Address(a)
	d.now = d.now.Add(6*time.Hour - time.Second)
	if again := d.Address(a); again != first {
		t.Errorf("got %q, then %q", first, again)
	}
	if got := ticket(t, first); got.Name != a.Name || got.ID != "f" {
		t.Errorf("%q is read as %+v", first, got)
	}
	d.now = d.now.Add(time.Second)
	if again := d.Address(a); again == first {
		t.Error("the address never changes")
	}
}

func TestFilesOfADeletedAppAreClosed(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(t, "a.txt", []byte("a"))
	directory := d.Apps.(*chat.Directory)
	if err := directory.Apply(t.Context(), chat.App{ID: 1, Revision: 2, Deleted: true}); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := d.Open(t.Context(), ticket(t, d.Address(f.Attachment))); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("got %v", err)
	}
}
