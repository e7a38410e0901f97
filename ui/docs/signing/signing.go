// Package signing holds working code that signs a chat token in the languages that sites are written in. The
// dashboard shows it filled in with an app's own ids, the documentation shows it as it is, and the tests run it:
// what people copy is what was tried.
//
// Each file uses its language's standard library only, reads the secret from PLANGA_SECRET, and prints a token when
// it is run.
package signing

import (
	"embed"
	"fmt"
	"strings"
	"unicode"
)

//go:embed code
var code embed.FS

// Language is one language that a token can be signed in.
type Language struct {
	ID   string // for addresses and [Render]: "node"
	Name string // for people: "Node"
	File string // the name to save the code under
	Try  string // the command that prints a token
}

// Languages returns all languages, the most asked-for first.
func Languages() []Language {
	return []Language{
		{"node", "Node", "token.mjs", "node token.mjs"},
		{"php", "PHP", "token.php", "php token.php"},
		{"python", "Python", "token.py", "python3 token.py"},
		{"ruby", "Ruby", "token.rb", "ruby token.rb"},
		{"go", "Go", "token.go", "go run token.go"},
		{"java", "Java", "ChatToken.java", "java ChatToken.java"},
		{"csharp", "C#", "Program.cs", "dotnet run"},
		{"elixir", "Elixir", "token.exs", "elixir token.exs"},
	}
}

// Vars is what the code is filled in with. An empty field keeps the example's value.
type Vars struct {
	PublicID     string // of the key that signs
	UserID       string
	UserName     string
	Conversation string
}

// example is what the files say, and so what is replaced.
var example = Vars{PublicID: "pk_example", UserID: "8812", UserName: "Jonas Lindqvist", Conversation: "bike-4120"}

// Render returns the code in a language, filled in. It is an error if there is no such language, or if a value has
// characters that would need escaping in one of the languages: letters, digits, spaces and -_.:@ do not.
func Render(id string, v Vars) (string, error) {
	for _, l := range Languages() {
		if l.ID == id {
			return l.render(v)
		}
	}
	return "", fmt.Errorf("signing code: no language %q", id)
}

func (l Language) render(v Vars) (string, error) {
	text, err := code.ReadFile("code/" + l.File)
	if err != nil {
		return "", fmt.Errorf("signing code: %w", err)
	}
	var pairs []string
	for _, p := range [][2]string{
		{example.PublicID, v.PublicID}, {example.UserID, v.UserID},
		{example.UserName, v.UserName}, {example.Conversation, v.Conversation},
	} {
		if strings.ContainsFunc(p[1], needsEscaping) {
			return "", fmt.Errorf("signing code: %q cannot be filled in", p[1])
		}
		if p[1] != "" {
			pairs = append(pairs, p[0], p[1])
		}
	}
	// The Go file keeps itself out of this module with its first lines, which nobody else needs.
	source := strings.TrimPrefix(string(text), "//go:build ignore\n\n")
	return strings.NewReplacer(pairs...).Replace(source), nil
}

func needsEscaping(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_.:@", r)
}
