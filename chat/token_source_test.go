package chat

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Comparing a secret with == takes longer the more of it is right (Chatwoot, July 2026). Whether one is there at all may be asked.
func TestNoSecretIsComparedWithEquals(t *testing.T) {
	secret := regexp.MustCompile(`(?i)(secret|private|signature|mac|digest|password)$`)
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range equalities(t, files, name, source, secret) {
			t.Errorf("%s: compare with crypto/subtle", at)
		}
	}
	planted := []byte("package x\nfunc f(a, b struct{ Secret string }) bool { return a.Secret == b.Secret }")
	if found := equalities(t, files, "planted.go", planted, secret); len(found) != 1 {
		t.Errorf("in the planted file %d comparisons were found, want 1", len(found))
	}
}

// equalities returns where something whose name matches is compared with anything but nil, "" and 0.
func equalities(t *testing.T, files *token.FileSet, name string, source []byte, secret *regexp.Regexp) (found []token.Position) {
	t.Helper()
	file, err := parser.ParseFile(files, name, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	named := func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.Ident:
			return secret.MatchString(x.Name)
		case *ast.SelectorExpr:
			return secret.MatchString(x.Sel.Name)
		}
		return false
	}
	absent := func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name == "nil"
		case *ast.BasicLit:
			return x.Value == `""`
		}
		return false
	}
	ast.Inspect(file, func(n ast.Node) bool {
		b, ok := n.(*ast.BinaryExpr)
		if ok && (b.Op == token.EQL || b.Op == token.NEQ) && (named(b.X) || named(b.Y)) && !absent(b.X) && !absent(b.Y) {
			found = append(found, files.Position(b.Pos()))
		}
		return true
	})
	return found
}
