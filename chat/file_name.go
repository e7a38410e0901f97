package chat

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFileName is the longest file name, in bytes: what common file systems allow.
const MaxFileName = 255

// CleanFileName returns a name that is safe to show, to put into a header and to save under: one path element of
// printable UTF-8 that is not hidden and has no characters with a meaning to a shell, a file system or the direction of
// text, at most [MaxFileName] bytes of it. Whatever is left of nothing is called "file". Cleaning twice changes nothing more.
func CleanFileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(nameRune, strings.ToValidUTF8(name, ""))
	name = strings.Trim(name, ". ")
	if name == "" {
		return "file"
	}
	return shorten(name, "")
}

// nameRune is what stands for r in a clean name; -1 for nothing.
func nameRune(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	case unicode.IsSpace(r):
		return ' '
	case !unicode.IsPrint(r):
		return -1
	}
	return r
}

// nameForType returns a clean name that ends in one of the extensions of a type: the first of them is added where it ends in
// another, so that what is saved under it opens as what it is. Types without extensions leave the name as it is.
func nameForType(name string, extensions []string) string {
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if len(extensions) == 0 || slices.Contains(extensions, extension) {
		return name
	}
	return shorten(name, "."+extensions[0])
}

// shorten returns name with the ending, leaving out as much before its own extension as is too much.
func shorten(name, ending string) string {
	if len(name)+len(ending) <= MaxFileName {
		return name + ending
	}
	if extension := path.Ext(name); ending == "" && len(extension) <= 16 {
		name, ending = strings.TrimSuffix(name, extension), extension
	}
	cut := MaxFileName - len(ending)
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return strings.TrimRight(name[:cut], ". ") + ending
}
