package front

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
)

// Profile serves Go's profiles on a loopback address of its own, never beside the public pages, and returns what ends it.
func Profile(listen string, log *slog.Logger) (end func() error, err error) {
	addr, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("profiles cannot be served on %q: %w", listen, err)
	}
	if !addr.IP.IsLoopback() {
		return nil, fmt.Errorf("profiles show the inside of the server: write --pprof 127.0.0.1:6060, not %q", listen)
	}
	listener, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("profiles cannot be served: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := Server(mux, log)
	go func() { _ = server.Serve(listener) }()
	return server.Close, nil
}
