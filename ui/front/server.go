package front

import (
	"log/slog"
	"net/http"
	"time"
)

// Server returns the HTTP server with its limits: a header is read within 10 s and is at most 64 KiB, an idle connection is
// kept for 2 minutes. Long-polls and event streams write for longer than any fixed bound, so handlers set their own.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
