package e2e

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"accueil/acd"
	"accueil/phones"
)

// scrape reads /metrics as Prometheus does.
func scrape(ctx context.Context, t *testing.T, h *Hospital) map[string]*dto.MetricFamily {
	t.Helper()
	req := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/metrics", nil))
	res := must[*http.Response](t)(http.DefaultClient.Do(req))
	defer res.Body.Close()
	text := must[[]byte](t)(io.ReadAll(res.Body))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return must[map[string]*dto.MetricFamily](t)(parser.TextToMetricFamilies(strings.NewReader(string(text))))
}

// series finds a metric by its labels, "name=value" each.
func series(t *testing.T, all map[string]*dto.MetricFamily, name string, labels ...string) *dto.Metric {
	t.Helper()
	f := all[name]
	if f == nil {
		t.Fatalf("there is no metric %s", name)
	}
	for _, m := range f.Metric {
		n := 0
		for _, l := range m.Label {
			for _, want := range labels {
				if want == l.GetName()+"="+l.GetValue() {
					n++
				}
			}
		}
		if n == len(labels) && n == len(m.Label) {
			return m
		}
	}
	t.Errorf("%s has no series %v", name, labels)
	return &dto.Metric{}
}

func value(m *dto.Metric) float64 {
	switch {
	case m.Counter != nil:
		return m.Counter.GetValue()
	case m.Gauge != nil:
		return m.Gauge.GetValue()
	}
	return math.NaN()
}

// total sums a family: what is in no other series must be zero.
func total(all map[string]*dto.MetricFamily, name string) (sum float64) {
	for _, m := range all[name].GetMetric() {
		sum += value(m)
	}
	return sum
}

// summed adds up the series that have these labels.
func summed(all map[string]*dto.MetricFamily, name string, labels ...string) (sum float64) {
	for _, m := range all[name].GetMetric() {
		n := 0
		for _, l := range m.Label {
			if slices.Contains(labels, l.GetName()+"="+l.GetValue()) {
				n++
			}
		}
		if n == len(labels) {
			sum += value(m)
		}
	}
	return sum
}

// aContact is what the test reads of a live contact.
type aContact struct {
	State acd.LegState `json:"state"`
	Legs  []struct {
		State  acd.LegState `json:"state"`
		Entry  acd.EntryID  `json:"entry"`
		Queue  acd.QueueID  `json:"queue"`
		Reason acd.ReasonID `json:"reason"`
		Agent  acd.AgentID  `json:"agent"`
	} `json:"legs"`
}

// is reports whether there is this one leg.
func (c aContact) is(state acd.LegState, agent acd.AgentID) bool {
	if c.State != state || len(c.Legs) != 1 {
		return false
	}
	l := c.Legs[0]
	return l.State == state && l.Entry == "3100" && l.Queue == "essai" && l.Reason == "essai" && l.Agent == agent
}

func liveContacts(ctx context.Context, t *testing.T, h *Hospital) (out []aContact) {
	t.Helper()
	get(ctx, t, h, "/v1/contacts", &out)
	return out
}

// agentSays checks the state that the API gives of an agent, once the log has it.
func agentSays(ctx context.Context, t *testing.T, h *Hospital, id acd.AgentID, state acd.AgentState) {
	t.Helper()
	waitAgent(ctx, t, h, id, state)
	var all []struct {
		Agent acd.AgentID    `json:"agent"`
		State acd.AgentState `json:"state"`
	}
	get(ctx, t, h, "/v1/agents", &all)
	for _, a := range all {
		if a.Agent == id {
			if a.State != state {
				t.Errorf("GET /v1/agents: %s is %s, want %s", id, a.State, state)
			}
			return
		}
	}
	t.Errorf("GET /v1/agents does not know %s", id)
}

// TestFigures places SCENARIOS A16 (one answered after a wait of 3 s, one abandoned, one told that
// nobody is there) and checks every figure that comes of it, exactly. While they last, it reads the
// states of CONTRACT from the API.
func TestFigures(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, also(quick("wrapup: 10s"), "personne", "3102", "when_unstaffed: dissuade", `steps: [{require: "rdv >= 5"}, {after: 1s}]`))
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))

	refused := c.patient(ctx, "3102")
	c.ends(ctx, refused, acd.Dissuaded, acd.LegMenu, string(acd.RefusedUnstaffed))

	waits := c.queued(ctx, "3100")
	contacts := liveContacts(ctx, t, s.h)
	if len(contacts) != 1 || !contacts[0].is(acd.LegQueued, "") {
		t.Errorf("GET /v1/contacts: %+v", contacts)
	}
	var queues []struct {
		Queue   acd.QueueID `json:"queue"`
		Waiting int         `json:"waiting"`
	}
	get(ctx, t, s.h, "/v1/queues", &queues)
	for _, q := range queues {
		if want := map[acd.QueueID]int{"essai": 1}[q.Queue]; q.Waiting != want {
			t.Errorf("GET /v1/queues: %+v", q)
		}
	}
	if len(queues) != len(s.h.Site.Queues) {
		t.Errorf("%d queues", len(queues))
	}
	if m := scrape(ctx, t, s.h); value(series(t, m, "accueil_waiting", "queue=essai")) != 1 || value(series(t, m, "accueil_calls_active")) != 1 {
		t.Error("the gauges do not show who waits")
	}
	after(ctx, 3*time.Second) // the wait that is measured
	c.sits(ctx, phone, "a18", nil)
	at := nextCall(ctx, t, phone)
	if err := at.Ring(); err != nil {
		t.Fatal(err)
	}
	agentSays(ctx, t, s.h, "a18", acd.AgentOffered)
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, waits, at)
	agentSays(ctx, t, s.h, "a18", acd.AgentBusy)
	if l := liveContacts(ctx, t, s.h); len(l) != 1 || !l[0].is(acd.LegTalking, "a18") {
		t.Errorf("GET /v1/contacts: %+v", l)
	}

	leaves := c.queued(ctx, "3100")
	after(ctx, 2*time.Second)
	c.hangup(ctx, leaves.Call)
	c.ends(ctx, leaves, acd.Abandoned, acd.LegQueued, "")
	c.hangup(ctx, at)
	answered := image(c.ends(ctx, waits, acd.Answered, acd.LegTalking, ""), waits.contact)
	abandoned := c.leg(leaves)
	agentSays(ctx, t, s.h, "a18", acd.AgentWrapup)
	c.state(ctx, "a18", acd.AgentReady)
	c.waitAgent(ctx, "a18", acd.AgentReady)

	m := scrape(ctx, t, s.h)
	for _, want := range []struct {
		name   string
		labels []string
		value  float64
		all    float64 // the sum of the family; -1 where other series count too
	}{
		{"accueil_contacts_total", []string{"entry=3100", "queue=essai", "reason=essai", "outcome=answered", "phase=talking"}, 1, 3},
		{"accueil_contacts_total", []string{"entry=3100", "queue=essai", "reason=essai", "outcome=abandoned", "phase=queued"}, 1, 3},
		{"accueil_contacts_total", []string{"entry=3102", "queue=personne", "reason=personne", "outcome=dissuaded", "phase=menu"}, 1, 3},
		{"accueil_queue_entered_total", []string{"queue=essai", "reason=essai"}, 2, 2},
		{"accueil_answered_total", []string{"queue=essai", "reason=essai"}, 1, 1},
		{"accueil_abandoned_total", []string{"queue=essai", "reason=essai", "short=true"}, 1, 1},
		{"accueil_abandoned_total", []string{"queue=essai", "reason=essai", "short=false"}, 0, 1},
		{"accueil_offers_total", []string{"queue=essai", "ending=accepted"}, 1, 1},
		{"accueil_offers_total", []string{"queue=essai", "ending=no_answer"}, 0, 1},
		{"accueil_waiting", []string{"queue=essai"}, 0, 0},
		{"accueil_oldest_wait_seconds", []string{"queue=essai"}, 0, 0},
		{"accueil_agents", []string{"state=ready"}, 1, 20},
		{"accueil_agents", []string{"state=offline"}, 19, 20},
		{"accueil_calls_active", nil, 0, 0},
		{"accueil_answer_ratio", []string{"queue=essai"}, 1, -1}, // A / (Q - Bs): the one abandonment was short
		{"accueil_abandon_ratio", []string{"queue=essai"}, 0, -1},
		{"accueil_asa_seconds", []string{"queue=essai"}, answered.Wait(0).Seconds(), -1},
		{"accueil_ari_up", nil, 1, -1},
		{"accueil_redis_up", nil, 1, -1},
		{"accueil_degraded", nil, 0, -1},
	} {
		if got := value(series(t, m, want.name, want.labels...)); math.Abs(got-want.value) > 1e-9 {
			t.Errorf("%s%v is %v, want %v", want.name, want.labels, got, want.value)
		}
		if got := total(m, want.name); want.all >= 0 && got != want.all {
			t.Errorf("%s sums to %v, want %v", want.name, got, want.all)
		}
	}
	if n := total(m, "accueil_anomalies_total"); n != 0 {
		t.Errorf("%v anomalies", n)
	}
	for name, wait := range map[string]time.Duration{
		"accueil_answer_wait_seconds":  answered.Wait(0),
		"accueil_abandon_wait_seconds": abandoned.Wait(0),
		"accueil_talk_seconds":         answered.Talk(0),
	} {
		h := series(t, m, name, "queue=essai").Histogram
		if h.GetSampleCount() != 1 || math.Abs(h.GetSampleSum()-wait.Seconds()) > 1e-6 {
			t.Errorf("%s: %d samples of %v, want one of %v", name, h.GetSampleCount(), h.GetSampleSum(), wait.Seconds())
		}
		if n := len(h.Bucket); n < 12 || h.Bucket[0].GetUpperBound() != 5 || h.Bucket[11].GetUpperBound() != 600 {
			t.Errorf("%s has other buckets than CONTRACT: %v", name, h.Bucket)
		}
		for _, b := range h.Bucket {
			if in := wait.Seconds() <= b.GetUpperBound(); in != (b.GetCumulativeCount() == 1) {
				t.Errorf("%s: bucket %v counts %d", name, b.GetUpperBound(), b.GetCumulativeCount())
			}
		}
	}
	if h := series(t, m, "accueil_wrapup_seconds", "queue=essai").Histogram; h.GetSampleCount() != 1 {
		t.Errorf("accueil_wrapup_seconds: %d samples", h.GetSampleCount())
	}
	if w := answered.Wait(0); w < 3*time.Second {
		t.Errorf("the wait was %v", w)
	}

	var report struct {
		Total struct {
			Counts struct {
				Received int `json:"received"`
				H, Q, A  int
				B, Bs, D int
			} `json:"counts"`
			Figures []struct {
				Key     string   `json:"key"`
				Value   *float64 `json:"value"`
				Formula string   `json:"formula"`
			} `json:"figures"`
		} `json:"total"`
	}
	within(ctx, t, "all are in the figures", func() (string, bool) { // which fold the log by themselves
		get(ctx, t, s.h, "/v1/kpis", &report)
		return fmt.Sprint(report.Total.Counts.Received), report.Total.Counts.Received >= 3
	})
	if n := report.Total.Counts; n.Received != 3 || n.H != 3 || n.Q != 2 || n.A != 1 || n.B != 1 || n.Bs != 1 || n.D != 1 {
		t.Errorf("figures %+v", n)
	}
	for _, f := range report.Total.Figures {
		if f.Formula == "" {
			t.Errorf("figure %s has no formula", f.Key)
		}
	}
	get(ctx, t, s.h, "/v1/kpis?short_abandon_s=1", &report)
	if n := report.Total.Counts; n.Bs != 0 || n.B != 1 {
		t.Errorf("with another bound: %+v", n)
	}
	nothingLeft(ctx, t, s.h)
}
