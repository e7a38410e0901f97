package chat

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // so that sizes of pictures can be told
	_ "image/jpeg"
	_ "image/png"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	_ "golang.org/x/image/webp"
)

// ErrFileType is the cause of a refusal that concerns the type of a file.
var ErrFileType = errors.New("type of file")

// MaxPixels is the largest picture, in pixels. A browser needs four bytes for each, however small the file is.
const MaxPixels = 50_000_000

// fileType is what is known of a media type.
type fileType struct {
	name       string   // of its media type
	picture    bool     // pages show it, and its size in pixels can be told
	byDefault  bool     // taken where an app does not say otherwise
	extensions []string // that fit it, the usual one first; none if any fits
}

// fileTypes are all types that are told apart. What pages show is raster pictures only: everything else may act.
var fileTypes = []fileType{
	{"image/jpeg", true, true, []string{"jpg", "jpeg", "jfif", "pjpeg"}},
	{"image/png", true, true, []string{"png"}},
	{"image/gif", true, true, []string{"gif"}},
	{"image/webp", true, true, []string{"webp"}},
	{"image/avif", false, true, []string{"avif"}},
	{"image/heic", false, true, []string{"heic", "heif"}},
	{"application/pdf", false, true, []string{"pdf"}},
	{"text/plain", false, true, []string{"txt", "csv", "tsv", "log", "md", "json", "yaml", "yml", "srt", "vtt"}},
	{"application/zip", false, true, []string{"zip"}},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", false, true, []string{"docx"}},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false, true, []string{"xlsx"}},
	{"application/vnd.openxmlformats-officedocument.presentationml.presentation", false, true, []string{"pptx"}},
	{"application/vnd.oasis.opendocument.text", false, true, []string{"odt"}},
	{"application/vnd.oasis.opendocument.spreadsheet", false, true, []string{"ods"}},
	{"application/vnd.oasis.opendocument.presentation", false, true, []string{"odp"}},
	{"audio/mpeg", false, true, []string{"mp3"}},
	{"audio/mp4", false, true, []string{"m4a"}},
	{"audio/ogg", false, true, []string{"ogg", "oga", "opus"}},
	{"audio/wave", false, true, []string{"wav"}},
	{"video/mp4", false, true, []string{"mp4", "m4v"}},
	{"video/quicktime", false, true, []string{"mov", "qt"}},
	{"video/webm", false, true, []string{"webm"}},
	{"image/svg+xml", false, false, []string{"svg"}},
	{"text/html", false, false, []string{"html", "htm", "xhtml", "xml"}},
	{unknownType, false, false, nil},
}

// unknownType is the type of everything that is not known, programs among it.
const unknownType = "application/octet-stream"

// DefaultFileTypes returns the types that an app takes where it does not say otherwise: no markup, which could act in the
// place of a page, and no programs.
func DefaultFileTypes() []string {
	var names []string
	for _, t := range fileTypes {
		if t.byDefault {
			names = append(names, t.name)
		}
	}
	return names
}

// InlineType reports whether a page may show a file of this type; any other is for saving only.
func InlineType(name string) bool { return typeNamed(name).picture }

// typeNamed returns what is known of a media type. Those not in the table are [unknownType].
func typeNamed(name string) fileType {
	i := slices.IndexFunc(fileTypes, func(t fileType) bool { return t.name == name })
	if i < 0 {
		i = len(fileTypes) - 1
	}
	return fileTypes[i]
}

// sniffLength is how many bytes tell the type of a file.
const sniffLength = 512

// sniff tells the type of a file from its first bytes. What the sender calls it counts only for office documents,
// which are ZIP archives by their bytes, and never makes a page show it.
func sniff(head []byte, name string) fileType {
	found, _, _ := mime.ParseMediaType(http.DetectContentType(head))
	switch {
	case found == "text/html", found == "text/xml", found == "text/plain":
		return sniffText(head)
	case found == "application/zip":
		return sniffArchive(name)
	case found == "application/ogg":
		found = "audio/ogg"
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		found = brands[string(head[8:12])]
	case bytes.HasPrefix(head, []byte("\xff\xfb")), bytes.HasPrefix(head, []byte("\xff\xf3")), bytes.HasPrefix(head, []byte("\xff\xf2")):
		found = "audio/mpeg" // frames without a tag before them
	}
	if t := typeNamed(found); t.name != unknownType || !startsInWords(head) {
		return t
	}
	return sniffText(head)
}

// startsInWords reports whether the bytes are text that merely begins with the signature of something else: a bitmap's is
// "BM", a font's "OTTO".
func startsInWords(head []byte) bool {
	const signature = 4
	if len(head) <= signature || bytes.ContainsFunc(head[:signature], func(r rune) bool { return r < ' ' || r > '~' }) {
		return false
	}
	return strings.HasPrefix(http.DetectContentType(head[signature:]), "text/")
}

// sniffText tells text from markup, whether or not it begins with a byte order mark and in which UTF it is.
func sniffText(head []byte) fileType {
	text := bytes.ToLower(bytes.ReplaceAll(head, []byte{0}, nil))
	text = bytes.TrimLeftFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\ufeff' || r == utf8.RuneError
	})
	switch {
	case !bytes.HasPrefix(text, []byte("<")):
		return typeNamed("text/plain")
	case bytes.Contains(text, []byte("<svg")), bytes.Contains(text, []byte("<!doctype svg")):
		return typeNamed("image/svg+xml")
	}
	return typeNamed("text/html")
}

// sniffArchive tells office documents from other ZIP archives by the name.
func sniffArchive(name string) fileType {
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	for _, t := range fileTypes {
		if strings.HasPrefix(t.name, "application/vnd.") && slices.Contains(t.extensions, extension) {
			return t
		}
	}
	return typeNamed("application/zip")
}

// brands are the types of the ISO base media file format (ISO/IEC 14496-12 section 4.3) by their major brand.
var brands = map[string]string{
	"avif": "image/avif", "avis": "image/avif",
	"heic": "image/heic", "heix": "image/heic", "mif1": "image/heic", "msf1": "image/heic",
	"M4A ": "audio/mp4", "M4B ": "audio/mp4", "qt  ": "video/quicktime",
	"isom": "video/mp4", "iso2": "video/mp4", "iso4": "video/mp4", "iso5": "video/mp4", "iso6": "video/mp4",
	"mp41": "video/mp4", "mp42": "video/mp4", "avc1": "video/mp4", "dash": "video/mp4", "M4V ": "video/mp4", "MSNV": "video/mp4",
}

// pictureSize returns the size of a picture in pixels, from its header alone: no pixel is decoded.
func pictureSize(r io.Reader, t fileType) (width, height int, err error) {
	config, format, err := image.DecodeConfig(r)
	switch {
	case err != nil || "image/"+format != t.name || config.Width <= 0 || config.Height <= 0:
		return 0, 0, &Error{Code: Invalid, Message: "This picture is damaged.", Cause: fmt.Errorf("%w: %v", ErrFileType, err)}
	case config.Width > MaxPixels/config.Height:
		return 0, 0, Errorf(TooLong, "This picture has %d × %d pixels, more than %d million.", config.Width, config.Height, MaxPixels/1_000_000)
	}
	return config.Width, config.Height, nil
}
