package calls

import "github.com/prometheus/client_golang/prometheus"

// metrics of the call control; a nil registerer keeps them to ourselves.
type metrics struct {
	dispatch prometheus.Histogram
	overflow prometheus.Counter
	panics   prometheus.Counter
	failures *prometheus.CounterVec
	healed   *prometheus.CounterVec
	messages *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		dispatch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "accueil_dispatch_seconds", Help: "From when caller and agent could be joined to the command that rings the phone.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 2.5}}),
		overflow: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "accueil_call_events_dropped_total", Help: "Events dropped because a call's mailbox was full; the call is then compared with Asterisk."}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "accueil_call_panics_total", Help: "Calls sent to the safety net because our code broke on them."}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accueil_call_actions_failed_total", Help: "Commands to Asterisk that failed."}, []string{"action"}),
		healed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accueil_reconciled_total", Help: "What the comparison with Asterisk put right."}, []string{"what"}),
	}
	m.messages = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "accueil_recordings_total", Help: "Recordings of callers that ended: spoken, silent, or failed (could not be put away)."}, []string{"result"})
	if r != nil {
		r.MustRegister(m.dispatch, m.overflow, m.panics, m.failures, m.healed, m.messages)
	}
	return m
}

func (m *metrics) failed(a Action) { m.failures.WithLabelValues(actionName(a)).Inc() }
