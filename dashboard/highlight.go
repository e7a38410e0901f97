package dashboard

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// piece is a stretch of code of one kind: "k" for a keyword, "s" for a string, "c" for a comment, "" for the rest.
type piece struct{ Kind, Text string }

// grammar is as much of a language as it takes to colour it.
type grammar struct {
	comments [][2]string // what begins one, and what ends it
	strings  []string    // what begins and ends one; longer marks first
	keywords []string
}

var (
	slashes = [][2]string{{"//", "\n"}, {"/*", "*/"}}
	hash    = [][2]string{{"#", "\n"}}
)

// grammars are the languages of the signing code, by id.
var grammars = map[string]grammar{
	"node":   {slashes, []string{"`", `"`, "'"}, strings.Fields("import export from function return const let new async await")},
	"php":    {append(slashes, hash...), []string{`"`, "'"}, strings.Fields("function return fn throw new string use echo")},
	"python": {hash, []string{`"""`, `"`, "'"}, strings.Fields("import from def return lambda as if for in")},
	"ruby":   {hash, []string{`"`, "'"}, strings.Fields("require def end return do if")},
	"go":     {slashes, []string{"`", `"`, "'"}, strings.Fields("package import func return if var const type struct map string error nil any")},
	"java": {slashes, []string{`"""`, `"`, "'"}, strings.Fields(
		"import package public private static final class void return new throws throw var byte int long try catch")},
	"csharp": {slashes, []string{`"`, "'"}, strings.Fields("using namespace public private static class string return new var byte int long throw")},
	"elixir": {hash, []string{`"""`, `"`}, strings.Fields("defmodule def defp do end fn alias import use")},
}

// highlight cuts code into pieces. Together they are the code, whatever it is.
func highlight(language, code string) []piece {
	g := grammars[language]
	var pieces []piece
	add := func(kind, text string) {
		if last := len(pieces) - 1; last >= 0 && pieces[last].Kind == kind {
			pieces[last].Text += text
		} else {
			pieces = append(pieces, piece{kind, text})
		}
	}
	for rest := code; rest != ""; {
		kind, n := g.next(rest)
		add(kind, rest[:n])
		rest = rest[n:]
	}
	return pieces
}

// coloured draws code. It is no template, because each space and line end counts.
func coloured(pieces []piece) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, p := range pieces {
			if p.Kind == "" {
				b.WriteString(templ.EscapeString(p.Text))
			} else {
				b.WriteString(`<span class="` + p.Kind + `">` + templ.EscapeString(p.Text) + `</span>`)
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// next tells kind and length of what code begins with.
func (g grammar) next(code string) (kind string, n int) {
	for _, c := range g.comments {
		if strings.HasPrefix(code, c[0]) {
			return "c", until(code, len(c[0]), c[1])
		}
	}
	for _, mark := range g.strings {
		if strings.HasPrefix(code, mark) {
			return "s", until(code, len(mark), mark)
		}
	}
	word := strings.IndexFunc(code, notInWord)
	if word < 0 {
		word = len(code)
	}
	if word == 0 {
		_, n := utf8.DecodeRuneInString(code)
		return "", n
	}
	if slices.Contains(g.keywords, code[:word]) {
		return "k", word
	}
	return "", word
}

// until returns the length of code up to and including end, looked for from from on. What a backslash precedes ends
// nothing; nor does a line's end belong to the comment it ends.
func until(code string, from int, end string) int {
	for i := from; i < len(code); i++ {
		switch {
		case code[i] == '\\' && end != "\n" && end != "*/":
			i++
		case !strings.HasPrefix(code[i:], end):
		case end == "\n":
			return i
		default:
			return i + len(end)
		}
	}
	return len(code)
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '$' && r != '@'
}
