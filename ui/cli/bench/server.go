package bench

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what the server's metrics say of its process.
type usage struct {
	cpu      float64 // seconds
	resident float64 // bytes
}

// serverUsage reads the two figures from the server's /metrics, which it shows to loopback or with a token.
func serverUsage(ctx context.Context, base, metricsToken string) (usage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/metrics", nil)
	if err != nil {
		return usage{}, err
	}
	if metricsToken != "" {
		req.Header.Set("Authorization", "Bearer "+metricsToken)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return usage{}, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return usage{}, fmt.Errorf("/metrics answers %s", res.Status)
	}
	var u usage
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		switch name {
		case "process_cpu_seconds_total":
			u.cpu, _ = strconv.ParseFloat(value, 64)
		case "process_resident_memory_bytes":
			u.resident, _ = strconv.ParseFloat(value, 64)
		}
	}
	return u, lines.Err()
}

// ownCPU is the CPU time of this process so far.
func ownCPU() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
