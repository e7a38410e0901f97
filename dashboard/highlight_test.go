package dashboard

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"planga/ui/docs/signing"
)

func together(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestColouredCodeIsTheCodeItself(t *testing.T) {
	for _, l := range signing.Languages() {
		code, err := signing.Render(l.ID, signing.Vars{PublicID: "pk_a"})
		if err != nil {
			t.Fatal(err)
		}
		pieces := highlight(l.ID, code)
		if diff := cmp.Diff(code, together(pieces)); diff != "" {
			t.Errorf("%s: %s", l.Name, diff)
		}
		kinds := map[string]bool{}
		for _, p := range pieces {
			kinds[p.Kind] = true
		}
		if !kinds["k"] || !kinds["s"] {
			t.Errorf("%s has no colour: %v", l.Name, kinds)
		}
	}
}

func TestStringsCommentsAndKeywordsAreToldApart(t *testing.T) {
	got := highlight("node", `const a = "x\"// y"; // const`+"\nreturning")
	want := []piece{{"k", "const"}, {"", " a = "}, {"s", `"x\"// y"`}, {"", "; "}, {"c", "// const"}, {"", "\nreturning"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzHighlight(f *testing.F) {
	f.Add("python", `"""a""" # b`)
	f.Add("php", "'\\")
	f.Add("", "\xff")
	f.Fuzz(func(t *testing.T, language, code string) {
		if got := together(highlight(language, code)); got != code {
			t.Errorf("%q became %q", code, got)
		}
	})
}
