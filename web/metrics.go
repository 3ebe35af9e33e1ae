package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"accueil/acd"
)

const namespace = "accueil_"

// family is one metric of the data set.
type family struct {
	name   string // as in acd, without namespace
	help   string
	labels []string
	histo  bool
}

// families are the counters of CONTRACT that live in the data set, so that they are the same on every
// node and no restart resets them. Labels stand in the order in which acd counts them.
var families = []family{
	{acd.MetricContacts, "Contacts that have ended.", []string{"entry", "queue", "reason", "outcome", "phase"}, false},
	{acd.MetricQueueEntered, "Legs that entered a queue.", []string{"queue", "reason"}, false},
	{acd.MetricAnswered, "Legs bridged to an agent, by their first queue.", []string{"queue", "reason"}, false},
	{acd.MetricAbandoned, "Legs whose caller left after entering a queue; short is at most 10 s from there.", []string{"queue", "reason", "short"}, false},
	{acd.MetricOffers, "Offers to agents, by how they ended.", []string{"queue", "ending"}, false},
	{acd.MetricAnomalies, "Facts that fitted no rule and were applied all the same.", []string{"kind"}, false},
	{acd.MetricSurvey, "Callers asked after their conversation, and their answers: kind is asked, csat, nps or comment.", []string{"queue", "kind", "score"}, false},
	{acd.MetricAnswerWait, "Wait from entering the queue to the bridge.", []string{"queue"}, true},
	{acd.MetricAbandonWait, "Wait from entering the queue to the caller's leaving.", []string{"queue"}, true},
	{acd.MetricTalk, "Conversations, holds included.", []string{"queue"}, true},
	{acd.MetricWrapup, "After-call work.", []string{"queue"}, true},
}

// collector exports the data set's counters, and what the board and the figures say at the instant of
// the scrape.
type collector struct {
	board    Board
	figures  Figures
	plan     func() *Plan
	counters Counters

	counts map[string]*prometheus.Desc // by family
	gauges struct{ waiting, oldest, agents, calls, answer, asa, abandon *prometheus.Desc }

	mu   sync.Mutex
	last []acd.Count // what the store said when it last answered
}

func newCollector(o Options) *collector {
	c := &collector{board: o.Board, figures: o.Figures, plan: o.Plan, counters: o.Counters, counts: map[string]*prometheus.Desc{}}
	for _, f := range families {
		c.counts[f.name] = prometheus.NewDesc(namespace+f.name, f.help, f.labels, nil)
	}
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+name, help, labels, nil)
	}
	c.gauges.waiting = gauge("waiting", "Legs that hold a place in the queue.", "queue")
	c.gauges.oldest = gauge("oldest_wait_seconds", "Longest present wait in the queue.", "queue")
	c.gauges.agents = gauge("agents", "Agents of the site, by state.", "state")
	c.gauges.calls = gauge("calls_active", "Contacts on the line.")
	c.gauges.answer = gauge("answer_ratio", "Answered today, of those who entered the queue less short abandonments.", "queue")
	c.gauges.asa = gauge("asa_seconds", "Mean wait of the calls answered today.", "queue")
	c.gauges.abandon = gauge("abandon_ratio", "Abandoned today beyond the short bound, of those who entered the queue less short abandonments.", "queue")
	return c
}

// Describe lists every metric.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, f := range families {
		out <- c.counts[f.name]
	}
	g := c.gauges
	for _, d := range []*prometheus.Desc{g.waiting, g.oldest, g.agents, g.calls, g.answer, g.asa, g.abandon} {
		out <- d
	}
}

// Collect reads everything anew. While the store is away, counters keep what it last said: a gap would
// look like a restart to every rate.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	c.collectGauges(out)
	ctx, cancel := context.WithTimeout(context.Background(), countersTime)
	defer cancel()
	counts, err := c.counters(ctx)
	c.mu.Lock()
	if err == nil {
		c.last = counts
	}
	counts = c.last
	c.mu.Unlock()
	s := newSheet(c.plan())
	for _, n := range counts {
		s.add(n)
	}
	s.emit(c.counts, out)
}

func (c *collector) collectGauges(out chan<- prometheus.Metric) {
	plan, now, legs := c.plan(), c.board.Now(), c.board.Legs()
	waiting, oldest := map[acd.QueueID]int{}, map[acd.QueueID]float64{}
	for id := range plan.Queues {
		waiting[id] = 0
	}
	for _, l := range legs {
		if l.Waiting() {
			waiting[l.Queue]++
			oldest[l.Queue] = max(oldest[l.Queue], l.Wait(now).Seconds())
		}
	}
	today := c.figures.TodayFigures(now)
	for q, n := range waiting {
		answer, asa, abandon := today(q)
		emit(out, c.gauges.waiting, float64(n), string(q))
		emit(out, c.gauges.oldest, oldest[q], string(q))
		emit(out, c.gauges.answer, answer, string(q))
		emit(out, c.gauges.asa, asa, string(q))
		emit(out, c.gauges.abandon, abandon, string(q))
	}
	states := map[acd.AgentState]int{}
	for _, a := range roster(c.board, plan) {
		states[a.State]++
	}
	for _, st := range acd.AgentStates {
		emit(out, c.gauges.agents, float64(states[st]), string(st))
	}
	emit(out, c.gauges.calls, float64(activeCalls(legs)))
}

// emit sends a gauge; one whose labels are no UTF-8 is left out rather than spoiling the scrape.
func emit(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	if m, err := prometheus.NewConstMetric(d, prometheus.GaugeValue, v, labels...); err == nil {
		out <- m
	}
}

// sheet sums counts into series, starting from the zeros of the site's queues: a rate needs the zero
// before the first event.
type sheet struct {
	series map[string]map[string]*series // by family, then by joined labels
}

type series struct {
	labels  []string
	n       int64
	buckets []int64 // one more than acd.Buckets: the last is above them all
	count   int64
	sum     int64 // milliseconds
}

func newSheet(plan *Plan) *sheet {
	s := &sheet{series: map[string]map[string]*series{}}
	for _, f := range families {
		s.series[f.name] = map[string]*series{}
		if f.histo {
			for q := range plan.Queues {
				s.of(f.name, []string{string(q)})
			}
		}
	}
	for q := range plan.Queues {
		for _, e := range acd.Endings {
			s.of(acd.MetricOffers, []string{string(q), string(e)})
		}
	}
	for r, reason := range plan.Reasons {
		if reason.Queue == "" {
			continue
		}
		q := string(reason.Queue)
		s.of(acd.MetricQueueEntered, []string{q, string(r)})
		s.of(acd.MetricAnswered, []string{q, string(r)})
		s.of(acd.MetricAbandoned, []string{q, string(r), "true"})
		s.of(acd.MetricAbandoned, []string{q, string(r), "false"})
		for _, e := range plan.Entries {
			s.of(acd.MetricContacts, []string{string(e), q, string(r), string(acd.Answered), string(acd.LegTalking)})
			s.of(acd.MetricContacts, []string{string(e), q, string(r), string(acd.Abandoned), string(acd.LegQueued)})
		}
	}
	return s
}

func (s *sheet) of(name string, labels []string) *series {
	key := strings.Join(labels, "\xff")
	v := s.series[name][key]
	if v == nil {
		v = &series{labels: labels, buckets: make([]int64, len(acd.Buckets)+1)}
		s.series[name][key] = v
	}
	return v
}

// add sums one counter. What is not in the table, or has other labels than the table, comes from a
// store that something else has written to; it is left out.
func (s *sheet) add(c acd.Count) {
	if c.N < 0 || slices.ContainsFunc(c.Labels, func(l string) bool { return !utf8.ValidString(l) }) {
		return
	}
	for _, f := range families {
		part, ok := strings.CutPrefix(c.Metric, f.name)
		switch {
		case !ok:
		case !f.histo && part == "" && len(c.Labels) == len(f.labels):
			s.of(f.name, c.Labels).n += c.N
			return
		case f.histo && part == "_bucket" && len(c.Labels) == len(f.labels)+1:
			if i, ok := bucketIndex(c.Labels[len(f.labels)]); ok {
				s.of(f.name, c.Labels[:len(f.labels):len(f.labels)]).buckets[i] += c.N
			}
			return
		case f.histo && part == "_count" && len(c.Labels) == len(f.labels):
			s.of(f.name, c.Labels).count += c.N
			return
		case f.histo && part == "_sum" && len(c.Labels) == len(f.labels):
			s.of(f.name, c.Labels).sum += c.N
			return
		}
	}
}

// bucketIndex finds the place of a bound among acd.Buckets.
func bucketIndex(le string) (int, bool) {
	if le == "+Inf" {
		return len(acd.Buckets), true
	}
	n, err := strconv.Atoi(le)
	if err != nil {
		return 0, false
	}
	return slices.BinarySearch(acd.Buckets, n)
}

func (s *sheet) emit(descs map[string]*prometheus.Desc, out chan<- prometheus.Metric) {
	for _, f := range families {
		for _, v := range s.series[f.name] {
			var m prometheus.Metric
			var err error
			if f.histo {
				m, err = v.histogram(descs[f.name])
			} else {
				m, err = prometheus.NewConstMetric(descs[f.name], prometheus.CounterValue, float64(v.n), v.labels...)
			}
			if err == nil {
				out <- m
			}
		}
	}
}

// histogram adds the lower buckets up: the data set raises one counter an observation.
func (v *series) histogram(d *prometheus.Desc) (prometheus.Metric, error) {
	cumulative := make(map[float64]uint64, len(acd.Buckets))
	var n int64
	for i, le := range acd.Buckets {
		n += v.buckets[i]
		cumulative[float64(le)] = uint64(n)
	}
	n += v.buckets[len(acd.Buckets)]
	// The buckets decide: count is another counter, and a scrape between two may see it one behind.
	return prometheus.NewConstHistogram(d, uint64(max(n, v.count)), float64(v.sum)/1000, cumulative, v.labels...)
}
