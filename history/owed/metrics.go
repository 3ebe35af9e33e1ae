package owed

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"accueil/acd"
	"accueil/history/ledger"
)

// scrapeLimit bounds the count of the tasks for one scrape.
const scrapeLimit = 2 * time.Second

// metrics of a Keeper. Tasks are counted in the database at each scrape.
type metrics struct {
	k                         *Keeper
	tasks, oldest, up, behind *prometheus.Desc
	skipped                   prometheus.Counter

	mu   sync.Mutex
	last []ledger.Group // what the database said when it last answered
}

func newMetrics(k *Keeper, r prometheus.Registerer) *metrics {
	m := &metrics{
		k:      k,
		tasks:  prometheus.NewDesc("accueil_tasks", "Tasks that are kept, by kind, state and queue.", []string{"kind", "state", "queue"}, nil),
		oldest: prometheus.NewDesc("accueil_tasks_oldest_seconds", "Age of the oldest task that nobody has taken.", []string{"kind", "queue"}, nil),
		up:     prometheus.NewDesc("accueil_history_up", "1 while the database is in use.", nil, nil),
		behind: prometheus.NewDesc("accueil_history_behind_entries", "Entries of the log that are not folded into the database yet.", nil, nil),
		skipped: prometheus.NewCounter(prometheus.CounterOpts{Name: "accueil_history_skipped_entries_total",
			Help: "Entries of the log that were dropped before they were folded: missed callers may be among them."}),
	}
	if r != nil {
		r.MustRegister(m, m.skipped)
	}
	return m
}

// Describe lists every metric.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.tasks, m.oldest, m.up, m.behind} {
		out <- d
	}
}

// Collect counts the tasks. While the database is away the counts are those it last gave: what is owed
// does not vanish with it.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	up := 0.0
	if l, err := m.k.Ledger(); err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
		groups, err := l.Groups(ctx)
		cancel()
		m.mu.Lock()
		if err == nil {
			m.last, up = groups, 1
		}
		m.mu.Unlock()
	}
	emit := func(d *prometheus.Desc, v float64, labels ...string) {
		if c, err := prometheus.NewConstMetric(d, prometheus.GaugeValue, v, labels...); err == nil {
			out <- c
		}
	}
	emit(m.up, up)
	emit(m.behind, float64(m.k.Behind()))
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.k.opt.Log.Now()
	type work struct {
		kind  acd.TaskKind
		queue acd.QueueID
	}
	oldest := map[work]float64{}
	for _, kind := range acd.TaskKinds { // an alert needs the zero
		oldest[work{kind, ""}] = 0
	}
	for _, g := range m.last {
		emit(m.tasks, float64(g.N), string(g.Kind), string(g.State), string(g.Queue))
		if g.State == acd.TaskOpen {
			oldest[work{g.Kind, g.Queue}] = max(0, now.Sub(g.Oldest).Seconds())
		}
	}
	for w, age := range oldest {
		emit(m.oldest, age, string(w.kind), string(w.queue))
	}
}
