package dashboard

import (
	"context"
	"strings"
	"testing"

	"planga/chat"
)

func TestAPasswordFitsItsOwnHashOnly(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "four random bicycle words")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %q", hash)
	}
	for password, want := range map[string]bool{
		"four random bicycle words": true, "four random bicycle word": false, "Four random bicycle words": false, "": false,
		"four random bicycle words\x00": false, "four random bicycle words" + strings.Repeat(" ", 2000): false,
	} {
		got, err := p.Check(t.Context(), password, hash)
		if err != nil || got != want {
			t.Errorf("%.40q: got %v, %v; want %v", password, got, err, want)
		}
	}
	again, err := p.Hash(t.Context(), "four random bicycle words")
	if err != nil || again == hash {
		t.Errorf("two hashes of one password are equal (%v)", err)
	}
}

func TestAPasswordFitsFromEveryKeyboard(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "caf\u00e9 bicycle words")
	if err != nil {
		t.Fatal(err)
	}
	if fits, err := p.Check(t.Context(), "cafe\u0301 bicycle words", hash); err != nil || !fits {
		t.Errorf("the same letters in two parts do not fit: %v, %v", fits, err)
	}
	if fits, err := p.Check(t.Context(), "cafe bicycle words", hash); err != nil || fits {
		t.Errorf("a letter without its accent fits: %v, %v", fits, err)
	}
}

func TestALongPasswordDoesNotFitItsOwnBeginning(t *testing.T) {
	p := NewPasswords()
	long := strings.Repeat("a", maxPassword)
	hash, err := p.Hash(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	if fits, err := p.Check(t.Context(), long+"b", hash); err != nil || fits {
		t.Errorf("a longer password fits: %v, %v", fits, err)
	}
}

func TestAnUnknownAccountNeverFits(t *testing.T) {
	p := NewPasswords()
	for _, password := range []string{"", "x", string(make([]byte, 32))} {
		if fits, err := p.Check(t.Context(), password, ""); err != nil || fits {
			t.Errorf("%q fits an unknown account: %v, %v", password, fits, err)
		}
	}
}

// An unknown account costs the same hash as a known one: both wait for the same slots.
func TestKnownAndUnknownAccountsWaitForTheSameWork(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "four random bicycle words")
	if err != nil {
		t.Fatal(err)
	}
	for range hashAtOnce {
		p.slots <- struct{}{}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, kept := range []string{hash, ""} {
		if _, err := p.Check(gone, "x", kept); err != context.Canceled {
			t.Errorf("with %.10q: got %v, want to wait for a slot", kept, err)
		}
	}
	for range hashQueue {
		p.places <- struct{}{}
	}
	for _, kept := range []string{hash, ""} {
		if _, err := p.Check(t.Context(), "x", kept); chat.CodeOf(err) != chat.Busy {
			t.Errorf("with %.10q: got %v, want busy", kept, err)
		}
	}
}

func TestPasswordsThatAreGuessedFirstAreRefused(t *testing.T) {
	const email = "sana.kaya@wheelhouse.example"
	for _, password := range []string{
		"", "short", "123456789", "1234567890", "0987654321", "1111111111", "password123", "Password123!", "passwordpassword",
		"qwertyuiop", "!!bicycle1", "sana.kaya@wheelhouse.example", "sana.kaya1", "Sana.Kaya2026", "four\x00random words", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6",
		"correct horse battery staple", strings.Repeat("ab", 600),
	} {
		if err := CheckPassword(password, email); chat.CodeOf(err) != chat.Invalid {
			t.Errorf("%.40q: got %v, want a refusal", password, err)
		}
	}
	for _, password := range []string{"four random bicycle words", "zq8!fkwP2m", "päßwört ünd sö", "8217364509", strings.Repeat("ab", 500)} {
		if err := CheckPassword(password, email); err != nil {
			t.Errorf("%.40q: got %v, want it taken", password, err)
		}
	}
}
