package front

import (
	"crypto/subtle"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Health answers the questions of load balancers and supervisors.
type Health struct {
	// Check returns why the server cannot do its work, nil if it can.
	Check    func() error
	draining atomic.Bool
}

// Drain makes /readyz answer 503 from now on, so that no new visitor is sent here.
func (h *Health) Drain() { h.draining.Store(true) }

// Live serves /healthz: 200 while the server can store messages, else 503 with the reason.
func (h *Health) Live(w http.ResponseWriter, _ *http.Request) { answer(w, h.Check()) }

// Ready serves /readyz: 200 while new visitors are welcome.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
		return
	}
	h.Live(w, r)
}

func answer(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		http.Error(w, "storage is not available", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}

// Metrics serves Prometheus metrics to callers on this machine, and to those who bear the token if there is one: figures
// about an app's traffic are nobody else's business.
func Metrics(from prometheus.Gatherer, token string) http.Handler {
	metrics := promhttp.HandlerFor(from, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		allowed := token != "" && subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
		if !allowed && !onThisMachine(r) {
			http.Error(w, "Metrics are shown on this machine, or with the token of --metrics-token.", http.StatusForbidden)
			return
		}
		metrics.ServeHTTP(w, r)
	})
}
