package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"planga/chat"
)

// Gate tells who somebody is: [chat.Directory] does.
type Gate interface {
	Authenticate(now time.Time, c chat.Credential) (chat.Identity, error)
	App(id chat.AppID) (chat.App, bool)
}

// Files serves visitors' files:
//
//	POST /files?name=cat.jpg          with the visitor's token as the bearer and the bare content as the body
//	GET  /files/<id>/<name>?…         with what [chat.Uploads.Address] adds
//
// A page of 2018 has encrypted options in the place of a token; it adds the public id of their key as Planga-Public-Id.
//
// An upload is answered with 201 and {"id", "name", "type", "size", "width", "height", "url"}; the id goes into the attachments
// of a message. Type and size are what the server found; headers that say otherwise count for nothing. A refusal is answered
// with {"status", "reason", "message"}.
//
// The fields are set once, before the first request.
type Files struct {
	Uploads *chat.Uploads
	Gate    Gate
	URL     string                                           // how browsers reach this server
	Refused func(app chat.AppID, reason, key, origin string) // told of refusals, for the app's owner; nil tells nobody
	Now     func() time.Time                                 // the clock; [time.Now] in production
	Log     *slog.Logger

	taking uploadLimits
}

// FilesOf serves the files of a service that takes some, with its clock, log and statistics.
func FilesOf(d *chat.Directory, service *chat.Service, url string) *Files {
	return &Files{
		Uploads: service.Uploads, Gate: d, URL: url, Refused: service.Statistics.Refused, Now: service.Now, Log: service.Log,
	}
}

// Register adds the addresses to a mux.
func (f *Files) Register(mux *http.ServeMux) {
	mux.HandleFunc("OPTIONS /files", preflight)
	mux.HandleFunc("POST /files", f.serveUpload)
	mux.HandleFunc("GET /files/{id}/{name}", f.serveFile)
}

// preflight answers a browser that asks whether a page of another origin may upload. Which origins an app allows is not known before
// the token has been seen, so this says yes to all: it gives nothing away, because no cookie is ever looked at.
func preflight(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "POST")
	h.Set("Access-Control-Allow-Headers", "authorization, content-type, planga-public-id")
	h.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}

// allowOrigin lets the page that asks read the answer.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
}

// uploaded is the answer to an upload.
type uploaded struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	URL    string `json:"url"`
}

func (f *Files) serveUpload(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	who, err := f.admit(r)
	if err == nil {
		err = f.upload(w, r, who)
	}
	if err != nil {
		f.refuse(w, r, err)
	}
}

// admit returns whose request this is.
func (f *Files) admit(r *http.Request) (chat.Identity, error) {
	who, err := f.Gate.Authenticate(f.Now(), bearer(r))
	origin := r.Header.Get("Origin")
	if why, ok := chat.AsRefused(err); ok && why.App != 0 {
		f.tellRefused(why.App, why.Reason, why.KeyID, origin)
	}
	if err != nil {
		return who, err
	}
	if app, _ := f.Gate.App(who.App); !app.Welcomes(origin, r.Host, f.URL) {
		f.tellRefused(who.App, "The page's origin is not among the allowed origins.", who.Key, origin)
		return who, chat.Errorf(chat.Forbidden, "This page is not among the allowed origins of the app.")
	}
	return who, nil
}

func (f *Files) tellRefused(app chat.AppID, reason, key, origin string) {
	if f.Refused != nil {
		f.Refused(app, reason, key, origin)
	}
}

// publicIDHeader names the key of encrypted options, which do not name it themselves.
const publicIDHeader = "Planga-Public-Id"

// bearer returns what the request presents: a JWT, or encrypted options with the public id of their key beside them.
func bearer(r *http.Request) chat.Credential {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if id := r.Header.Get(publicIDHeader); id != "" {
		return chat.Credential{PublicID: id, EncryptedOptions: token}
	}
	return chat.Credential{Token: token}
}

func (f *Files) upload(w http.ResponseWriter, r *http.Request, who chat.Identity) error {
	done, err := f.taking.begin(f.Now(), who.App, who.User.ID)
	if err != nil {
		return err
	}
	defer done()
	body := &steady{from: r.Body, control: http.NewResponseController(w), until: time.Now().Add(longestUpload)}
	file, err := f.Uploads.Upload(r.Context(), chat.NewFile{
		App: who.App, Owner: who.User.ID, Name: r.URL.Query().Get("name"), Size: r.ContentLength, Body: body,
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(uploaded{ // an error means that the caller has gone
		ID: file.ID, Name: file.Name, Type: file.Type, Size: file.Size, Width: file.Width, Height: file.Height,
		URL: f.URL + f.Uploads.Address(file.Attachment),
	})
	return nil
}

// A slow client may take its time, but not for ever: an upload ends after longestUpload, or when nothing came for longestPause.
const (
	longestUpload = 10 * time.Minute
	longestPause  = 20 * time.Second
)

// steady is a request's body that must go on coming.
type steady struct {
	from    io.Reader
	control *http.ResponseController
	until   time.Time
}

func (s *steady) Read(p []byte) (int, error) {
	pause := time.Now().Add(longestPause)
	if pause.After(s.until) {
		pause = s.until
	}
	if err := s.control.SetReadDeadline(pause); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return s.from.Read(p)
}

// slowestDownload is how slowly a client may read, in bytes per second, after the first minute.
const slowestDownload = 16 << 10

func (f *Files) serveFile(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	file, content, expires, err := f.Uploads.Open(r.Context(), chat.Ticket{
		ID: r.PathValue("id"), Name: r.PathValue("name"), Expires: q.Get("expires"), Signature: q.Get("signature"),
	})
	if err != nil {
		f.refuse(w, r, err)
		return
	}
	defer content.Close()
	patience := time.Minute + time.Duration(file.Size/slowestDownload)*time.Second
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(patience)) // where there is no deadline, the server has its own way
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	describe(w.Header(), file, expires.Sub(f.Now()))
	http.ServeContent(w, r, "", time.Time{}, content)
}

// describe says what a file is, so that it is shown or saved, but never acts.
func describe(h http.Header, file chat.File, life time.Duration) {
	disposition := "attachment"
	if chat.InlineType(file.Type) {
		disposition = "inline"
	}
	h.Set("Content-Type", servedType(file.Type))
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": file.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // sites embed it, and the address is the permission
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, immutable, max-age="+strconv.Itoa(int(life.Seconds())))
	h.Set("ETag", `"`+file.Hash.String()+`"`)
}

// servedType is the type under which a file is served: markup, which could act, is bytes.
func servedType(found string) string {
	if found == "text/html" || found == "image/svg+xml" {
		return "application/octet-stream"
	}
	return found
}

// refuse answers with an error.
func (f *Files) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := chat.AsError(err)
	status, known := statuses[e.Code]
	switch {
	case errors.Is(err, chat.ErrFileType):
		status = http.StatusUnsupportedMediaType
	case e.Code == chat.TooLong:
		status = http.StatusRequestEntityTooLarge
	case !known:
		status = http.StatusInternalServerError
	}
	if status >= http.StatusInternalServerError && e.Code != chat.Busy {
		f.Log.Error("a file could not be served", "method", r.Method, "error", err)
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", seconds(e.RetryAfter))
	}
	answer(w, reply{Status: status, Reason: e.Code, Message: e.Message})
}
