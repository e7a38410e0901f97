package chat_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"planga/chat"
)

func TestFileNamesAreCleaned(t *testing.T) {
	for given, want := range map[string]string{
		"cat.jpg":                            "cat.jpg",
		"Grüße 🐈.jpg":                        "Grüße 🐈.jpg",
		"":                                   "file",
		"...":                                "file",
		"../../etc/passwd":                   "passwd",
		`C:\Users\ann\cat.jpg`:               "cat.jpg",
		"..":                                 "file",
		"/":                                  "file",
		".htaccess":                          "htaccess",
		"cat.jpg. . ":                        "cat.jpg",
		"a\x00b.txt":                         "ab.txt",
		"a\r\nSet-Cookie: x.txt":             "a  Set-Cookie_ x.txt",
		"invoice\u202egpj.exe":               "invoicegpj.exe",
		"\u2066cat\u2069.jpg":                "cat.jpg",
		"\ufeffcat.jpg":                      "cat.jpg",
		"a\u00a0b\tc.txt":                    "a b c.txt",
		"\xff\xfecat.jpg":                    "cat.jpg",
		`<img src=x onerror="alert(1)">.png`: "_img src=x onerror=_alert(1)__.png",
		"a:b|c?d*e":                          "a_b_c_d_e",
		"%2e%2e%2fx":                         "%2e%2e%2fx", // a name is decoded once, before it comes here
	} {
		if got := chat.CleanFileName(given); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}

func TestLongFileNamesKeepTheirExtension(t *testing.T) {
	got := chat.CleanFileName(strings.Repeat("ü", 300) + ".docx")
	if len(got) > chat.MaxFileName || len(got) < chat.MaxFileName-1 || !strings.HasSuffix(got, "ü.docx") {
		t.Errorf("got %d bytes: %q", len(got), got)
	}
	got = chat.CleanFileName("a." + strings.Repeat("b", 300))
	if len(got) != chat.MaxFileName {
		t.Errorf("got %d bytes: %q", len(got), got)
	}
}

func FuzzCleanFileName(f *testing.F) {
	for _, s := range []string{"cat.jpg", "../x", "a\x00\u202e", strings.Repeat("🐈", 70) + ".png", ".", "a. ./", strings.Repeat(". ", 200) + "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, given string) {
		got := chat.CleanFileName(given)
		switch {
		case got == "" || len(got) > chat.MaxFileName || !utf8.ValidString(got):
			t.Errorf("%q became %q", given, got)
		case strings.ContainsAny(got, `/\<>:"|?*`) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }):
			t.Errorf("%q became %q, which is not clean", given, got)
		case strings.Trim(got, ". ") != got:
			t.Errorf("%q became %q, which is hidden or not to be seen whole", given, got)
		case chat.CleanFileName(got) != got:
			t.Errorf("%q became %q, and that %q", given, got, chat.CleanFileName(got))
		}
	})
}
