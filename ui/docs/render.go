package docs

import (
	"bytes"
	"fmt"
	"html/template"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

// goldmark follows CommonMark, is kept well, needs nothing else, and leaves raw HTML out unless told otherwise.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
)

var (
	codeLink = regexp.MustCompile(`(?m)^\[.+\]\((signing/code/[\w.]+)\)$`)
	pageLink = regexp.MustCompile(`\]\(([\w-]+)\.md(#[\w-]+)?\)`)
)

// render turns a Markdown file into a page without navigation.
func render(name string) page {
	text := string(read(name + ".md"))
	first, _, _ := strings.Cut(text, "\n")
	text = codeLink.ReplaceAllStringFunc(text, func(link string) string {
		return codeBlock(codeLink.FindStringSubmatch(link)[1])
	})
	text = pageLink.ReplaceAllStringFunc(text, func(link string) string {
		m := pageLink.FindStringSubmatch(link)
		return "](" + address(m[1]) + m[2] + ")"
	})
	var body bytes.Buffer
	if err := markdown.Convert([]byte(text), &body); err != nil {
		panic(fmt.Sprintf("%s.md cannot be rendered: %v", name, err)) // the same for everybody: a test sees it
	}
	return page{Path: address(name), Title: strings.TrimPrefix(first, "# "), Body: template.HTML(body.String())}
}

// codeBlock returns a fenced block with a file of signing code.
func codeBlock(file string) string {
	// The Go file keeps itself out of this module with its first lines, which nobody else needs.
	source := strings.TrimPrefix(string(read(file)), "//go:build ignore\n\n")
	return "```" + strings.TrimPrefix(path.Ext(file), ".") + "\n" + source + "```"
}

// address is where a page is served.
func address(name string) string {
	if name == contents[0] {
		return "/docs/"
	}
	return "/docs/" + name
}
