package bench

import (
	"fmt"
	"io"
	"time"
)

// Print writes the result as a person reads it.
func (r Result) Print(w io.Writer) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-22s "+format+"\n", append([]any{name}, args...)...)
	}
	line("connections", "%d in %s (%.0f/s)", r.Connections, r.Connecting.Round(time.Millisecond), float64(r.Connections)/r.Connecting.Seconds())
	if r.ServerCPU >= 0 {
		line("CPU to connect, join", "%.3f ms each, on the server", r.ConnectCPU*1000)
		line("memory", "%.1f KiB a connection, on the server", r.IdleBytes/1024)
	}
	if r.Posted > 0 {
		line("posted", "%d in %s", r.Posted, r.Elapsed.Round(time.Millisecond))
		line("acknowledged", "%d (%.0f/s), each stored on disk first", r.Acked, float64(r.Acked)/r.Elapsed.Seconds())
		line("  p50, p99, max", "%s", latencyLine(r.Ack.P50, r.Ack.P99, r.Ack.Max))
		line("delivered", "%d of %d (%.0f/s)", r.Delivered, r.Expected, float64(r.Delivered)/r.Elapsed.Seconds())
		line("  p50, p99, max", "%s", latencyLine(r.Delivery.P50, r.Delivery.P99, r.Delivery.Max))
	}
	if r.ServerCPU >= 0 {
		line("server CPU", "%.2f s%s", r.ServerCPU, r.perMessage())
	} else {
		line("server CPU", "unknown: /metrics is shown to loopback, or with --metrics-token")
	}
	line("client CPU", "%.2f s", r.ClientCPU)
	if r.Refused > 0 {
		line("refused", "%d, the first: %s", r.Refused, r.FirstRefusal)
	}
}

func (r Result) perMessage() string {
	if r.Acked == 0 {
		return ""
	}
	text := fmt.Sprintf(", %.1f s per 100,000 messages", r.ServerCPU/float64(r.Acked)*1e5)
	if r.Delivered > 0 {
		text += fmt.Sprintf(", %.2f s per million deliveries", r.ServerCPU/float64(r.Delivered)*1e6)
	}
	return text
}

func latencyLine(p50, p99, most time.Duration) string {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return fmt.Sprintf("%.2f, %.2f, %.1f ms after it was due", ms(p50), ms(p99), ms(most))
}
