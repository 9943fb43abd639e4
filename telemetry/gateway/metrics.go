package gateway

import "github.com/prometheus/client_golang/prometheus"

// metrics are the gateway's numbers. Labels are reasons from this package's own
// code, never names, devices, encounters or values.
type metrics struct {
	registry       *prometheus.Registry
	offers         *prometheus.CounterVec
	signIns        *prometheus.CounterVec
	refused        *prometheus.CounterVec
	frames         prometheus.Counter
	filled         prometheus.Counter
	lost           prometheus.Counter
	dropped        *prometheus.CounterVec
	delay          prometheus.Histogram
	viewers        prometheus.Gauge
	viewersDropped *prometheus.CounterVec
	unaudited      prometheus.Counter
	panics         prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "fieldkit", Subsystem: "gateway", Name: name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	by := func(name, help, label string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "fieldkit", Subsystem: "gateway", Name: name, Help: help}, []string{label})
		m.registry.MustRegister(c)
		return c
	}
	m.offers = by("offers_total", "Offers of vehicles by outcome.", "outcome")
	m.signIns = by("sign_ins_total", "Sign-ins by outcome.", "outcome")
	m.refused = by("requests_refused_total", "Requests refused by reason.", "reason")
	m.frames = counter("frames_total", "Live frames taken.")
	m.filled = counter("frames_filled_total", "Frames filled from the record.")
	m.lost = counter("frames_lost_total", "Frames that did not come live.")
	m.dropped = by("frames_dropped_total", "Frames not shown by reason.", "reason")
	m.viewersDropped = by("viewers_dropped_total", "Viewers ended by reason.", "reason")
	m.unaudited = counter("audit_failures_total", "Watchings that could not be written to the audit log.")
	m.panics = counter("panics_total", "Parts that failed and were ended.")
	m.viewers = prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "fieldkit", Subsystem: "gateway", Name: "viewers", Help: "Pages open."})
	m.delay = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "fieldkit", Subsystem: "gateway", Name: "frame_delay_seconds",
		Help:    "How much later a frame came than the fastest of its half minute.",
		Buckets: []float64{.01, .02, .05, .1, .15, .2, .3, .5, 1, 2, 5, 10, 30}})
	m.registry.MustRegister(m.viewers, m.delay)
	return m
}
