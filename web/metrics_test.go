package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"accueil/acd"
)

// contract are the metrics of CONTRACT that this package exports, with type and labels.
var contract = map[string]string{
	"accueil_contacts_total":       "COUNTER entry,outcome,phase,queue,reason",
	"accueil_queue_entered_total":  "COUNTER queue,reason",
	"accueil_answered_total":       "COUNTER queue,reason",
	"accueil_abandoned_total":      "COUNTER queue,reason,short",
	"accueil_offers_total":         "COUNTER ending,queue",
	"accueil_anomalies_total":      "COUNTER kind",
	"accueil_answer_wait_seconds":  "HISTOGRAM queue",
	"accueil_abandon_wait_seconds": "HISTOGRAM queue",
	"accueil_talk_seconds":         "HISTOGRAM queue",
	"accueil_wrapup_seconds":       "HISTOGRAM queue",
	"accueil_waiting":              "GAUGE queue",
	"accueil_oldest_wait_seconds":  "GAUGE queue",
	"accueil_agents":               "GAUGE state",
	"accueil_calls_active":         "GAUGE ",
	"accueil_answer_ratio":         "GAUGE queue",
	"accueil_asa_seconds":          "GAUGE queue",
	"accueil_abandon_ratio":        "GAUGE queue",
}

func TestMetricsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	h.counts = append(h.counts, acd.Count{Metric: acd.MetricAnomalies, Labels: []string{"leg_queued_bridged"}, N: 1})
	families, err := h.server.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range families {
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		slices.Sort(labels)
		got[f.GetName()] = f.GetType().String() + " " + strings.Join(labels, ",")
		if f.GetType().String() == "HISTOGRAM" {
			var bounds []int
			for _, b := range f.GetMetric()[0].GetHistogram().GetBucket() {
				bounds = append(bounds, int(b.GetUpperBound()))
			}
			if fmt.Sprint(bounds) != "[5 10 15 20 30 45 60 90 120 180 300 600]" {
				t.Errorf("%s: buckets %v", f.GetName(), bounds)
			}
		}
	}
	for name, want := range contract {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	for name := range got {
		if _, ok := contract[name]; !ok {
			t.Errorf("%s is not in the contract", name)
		}
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestCountersAndGauges(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.today = map[acd.QueueID][3]float64{"rdv": {0.875, 31.5, 0.05}}
	page := h.get("/metrics", "").body
	for _, line := range []string{ // zeros are there before the first call
		`accueil_answered_total{queue="rdv",reason="rdv.imagerie"} 0`,
		`accueil_answer_wait_seconds_count{queue="accueil"} 0`,
		`accueil_offers_total{ending="no_answer",queue="rdv"} 0`,
		`accueil_waiting{queue="rdv"} 0`,
		`accueil_agents{state="offline"} 3`,
		`accueil_asa_seconds{queue="accueil"} NaN`,
		`accueil_contacts_total{entry="3000",outcome="answered",phase="talking",queue="rdv",reason="rdv.imagerie"} 0`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("missing %s", line)
		}
	}
	h.scene()
	h.end("c1/1", acd.Answered)
	page = h.get("/metrics", "").body
	want := []string{
		`accueil_contacts_total{entry="3000",outcome="answered",phase="talking",queue="rdv",reason="rdv.imagerie"} 1`,
		`accueil_queue_entered_total{queue="rdv",reason="rdv.imagerie"} 2`,
		`accueil_answered_total{queue="rdv",reason="rdv.imagerie"} 1`,
		`accueil_answer_wait_seconds_bucket{queue="rdv",le="5"} 0`,
		`accueil_answer_wait_seconds_bucket{queue="rdv",le="10"} 1`,
		`accueil_answer_wait_seconds_bucket{queue="rdv",le="600"} 1`,
		`accueil_answer_wait_seconds_bucket{queue="rdv",le="+Inf"} 1`,
		`accueil_answer_wait_seconds_sum{queue="rdv"} 7`,
		`accueil_talk_seconds_sum{queue="rdv"} 3`,
		`accueil_offers_total{ending="accepted",queue="rdv"} 1`,
		`accueil_waiting{queue="rdv"} 1`,
		`accueil_oldest_wait_seconds{queue="rdv"} 3`,
		`accueil_agents{state="wrapup"} 1`,
		`accueil_agents{state="ready"} 1`,
		`accueil_calls_active 2`,
		`accueil_answer_ratio{queue="rdv"} 0.875`,
		`accueil_asa_seconds{queue="rdv"} 31.5`,
		`accueil_abandon_ratio{queue="rdv"} 0.05`,
	}
	for _, line := range want {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("missing %s", line)
		}
	}
	// While the store is away, counters stand still; they do not vanish or start again.
	h.mu.Lock()
	h.storeUp = false
	h.mu.Unlock()
	page = h.get("/metrics", "").body
	for _, line := range want {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("missing while the store is away: %s", line)
		}
	}
}

// What a store holds is not trusted.
func TestStrangeCountersSpoilNothing(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.counts = []acd.Count{
		{Metric: acd.MetricAnswered, Labels: []string{"rdv"}, N: 1},
		{Metric: acd.MetricAnswered, Labels: []string{"rdv", "\xff"}, N: 1},
		{Metric: acd.MetricAnswered, Labels: []string{"rdv", "x"}, N: -4},
		{Metric: acd.MetricAnswered, Labels: []string{"rdv", "x"}, N: 2},
		{Metric: acd.MetricAnswered, Labels: []string{"rdv", "x"}, N: 3},
		{Metric: acd.MetricAnswerWait + "_bucket", Labels: []string{"rdv", "7"}, N: 1},
		{Metric: acd.MetricAnswerWait + "_bucket", Labels: []string{"rdv", "x"}, N: 1},
		{Metric: acd.MetricAnswerWait + "_bucket", Labels: []string{"rdv", "+Inf"}, N: 1},
		{Metric: "made_up", Labels: nil, N: 1}, {Metric: "", N: 1},
	}
	families, err := h.server.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(families) == 0 {
		t.Fatal("nothing gathered")
	}
	page := h.get("/metrics", "").body
	for _, line := range []string{`accueil_answered_total{queue="rdv",reason="x"} 5`, `accueil_answer_wait_seconds_count{queue="rdv"} 1`, `accueil_answer_wait_seconds_bucket{queue="rdv",le="600"} 0`} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("missing %s", line)
		}
	}
}

func TestMetricsRegisterOnce(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	if _, err := New(h.server.Options); err == nil {
		t.Error("the same metrics were registered twice")
	}
	o := h.server.Options
	o.Registry = prometheus.NewRegistry()
	if _, err := New(o); err != nil {
		t.Error(err)
	}
	if families, err := o.Registry.Gather(); err != nil || len(families) == 0 {
		t.Errorf("%d families, %v", len(families), err)
	}
}
