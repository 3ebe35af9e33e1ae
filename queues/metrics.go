package queues

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics of one Book. Sizes and states are read from it when they are scraped.
type metrics struct {
	registerer prometheus.Registerer
	registered []prometheus.Collector

	script        *prometheus.HistogramVec
	trips         *prometheus.CounterVec
	anomalies     *prometheus.CounterVec
	overflows     *prometheus.CounterVec
	conflicts     prometheus.Counter
	resyncs       prometheus.Counter
	entries       prometheus.Counter
	refused       prometheus.Counter
	badContent    prometheus.Counter
	spoolFailures prometheus.Counter
	dropped       prometheus.Counter
	leaps         prometheus.Counter
}

func newMetrics(b *Book, r prometheus.Registerer) *metrics {
	m := &metrics{registerer: r}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		m.register(c)
		return c
	}
	counters := func(name, help, label string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
		m.register(c)
		return c
	}
	gauge := func(name, help string, read func(Health) float64) {
		m.register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return read(b.Health()) }))
	}
	m.script = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "accueil_redis_script_seconds", Help: "Time of a script, its pipeline included.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .3},
	}, []string{"script"})
	m.register(m.script)
	m.trips = counters("accueil_redis_trips_total", "Times Redis was given up, by cause.", "cause")
	m.anomalies = counters("accueil_redis_left_out_total", "Facts that fitted nothing and were left out, by code.", "code")
	m.overflows = counters("accueil_log_overflows_total", "Backlogs of a reader replaced by a whole view.", "reader")
	m.conflicts = counter("accueil_redis_conflicts_total", "Changes evaluated anew because an entity had changed.")
	m.resyncs = counter("accueil_log_resyncs_total", "Times the whole view was read again.")
	m.entries = counter("accueil_log_entries_total", "Entries of the log told to readers.")
	m.refused = counter("accueil_redis_refused_total", "Changes that Redis refused for what it holds.")
	m.badContent = counter("accueil_redis_bad_content_total", "Images, entries and spool lines that are not ours.")
	m.spoolFailures = counter("accueil_spool_failures_total", "Failed writes of spool or fold.")
	m.dropped = counter("accueil_log_dropped_unread_total", "Entries of the log that were dropped before the history had read them.")
	m.leaps = counter("accueil_clock_leaps_total", "Times the clock of Redis was put forward or back by more than a second.")
	m.register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "accueil_clock_kept_seconds", Help: "How much the site's time is ahead of Redis's clock, so that no wait is falsified.",
	}, func() float64 { kept, _ := b.clock.keeps(); return kept.Seconds() }))
	m.register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "accueil_log_held_seconds", Help: "How much more of the log than usual is kept because the history has not read it.",
	}, func() float64 { return b.held().Seconds() }))
	yes := func(v bool) float64 {
		if v {
			return 1
		}
		return 0
	}
	gauge("accueil_redis_up", "1 while Redis answers and is in use.", func(h Health) float64 { return yes(h.Up) })
	gauge("accueil_degraded", "1 while this node goes on without Redis.", func(h Health) float64 { return yes(h.Degraded) })
	gauge("accueil_outbox_depth", "Changes of this node not answered yet.", func(h Health) float64 { return float64(h.Lag) })
	gauge("accueil_spool_records", "Facts that Redis does not hold.", func(h Health) float64 { return float64(h.SpoolRecords) })
	gauge("accueil_spool_bytes", "Size of the spool file.", func(h Health) float64 { return float64(h.SpoolBytes) })
	gauge("accueil_redis_memory_ratio", "Memory in use over maxmemory; 0 without a limit.", func(h Health) float64 { return h.MemoryRatio })
	gauge("accueil_redis_findings", "Settings of Redis that endanger calls.", func(h Health) float64 { return float64(len(h.Findings)) })
	return m
}

func (m *metrics) register(c prometheus.Collector) {
	if m.registerer == nil {
		return
	}
	if err := m.registerer.Register(c); err == nil {
		m.registered = append(m.registered, c)
	}
}

func (m *metrics) unregister() {
	for _, c := range m.registered {
		m.registerer.Unregister(c)
	}
}
