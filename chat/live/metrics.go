package live

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the counters of a [Server]; it is a collector that main registers.
type Metrics struct {
	Connections prometheus.Gauge
	Rooms       prometheus.Gauge
	Posts       prometheus.Histogram   // seconds until a message was on disk
	Deliveries  prometheus.Counter     // events queued to channels
	Healed      prometheus.Counter     // rooms in which lost events were read from the store
	Refusals    *prometheus.CounterVec // by code
	Handshakes  *prometheus.CounterVec // refused ones, by reason: credential, origin, too_many
}

var _ prometheus.Collector = (*Metrics)(nil)

// NewMetrics returns counters at zero.
func NewMetrics() *Metrics {
	return &Metrics{
		Connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "planga_chat_connections", Help: "Connections with a verified credential."}),
		Rooms: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "planga_chat_rooms", Help: "Conversations that this node follows."}),
		Posts: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "planga_chat_post_seconds", Help: "How long it took until a message was on disk.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5}}),
		Deliveries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "planga_chat_deliveries_total", Help: "Events queued to channels."}),
		Healed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "planga_chat_healed_total", Help: "Times that lost events of a conversation were read from the store."}),
		Refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "planga_chat_refusals_total", Help: "Joins and events answered with an error, by code."}, []string{"code"}),
		Handshakes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "planga_chat_handshakes_refused_total", Help: "Connections refused, by reason."}, []string{"reason"}),
	}
}

func (m *Metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.Connections, m.Rooms, m.Posts, m.Deliveries, m.Healed, m.Refusals, m.Handshakes}
}

// Describe implements [prometheus.Collector].
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.all() {
		c.Describe(to)
	}
}

// Collect implements [prometheus.Collector].
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.all() {
		c.Collect(to)
	}
}
