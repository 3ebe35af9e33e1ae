package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/sim"
	"accueil/routing/trace"
)

// pastCalls writes four days of two kinds of calls and three agents, one of whom serves one kind only.
func pastCalls(t *testing.T) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("day,arrival_s,ivr_s,wait_s,outcome,service_s,type,priority,agent,caller\n")
	for _, day := range []int{1, 2, 15, 16} {
		at := 8 * 3600.0
		for range 150 {
			at += 45 * r.ExpFloat64()
			kind, wait, service := []string{"PS", "IN"}[r.IntN(2)], int(40*r.ExpFloat64()), int(1+110*r.ExpFloat64())
			switch {
			case r.IntN(10) == 0:
				fmt.Fprintf(&b, "%d,%d,5,%d,HANG,0,%s,0,,\n", day, int(at), wait+1, kind)
			case kind == "PS":
				fmt.Fprintf(&b, "%d,%d,5,%d,AGENT,%d,PS,0,a%d,\n", day, int(at), wait, service, 1+r.IntN(3))
			default:
				fmt.Fprintf(&b, "%d,%d,5,%d,AGENT,%d,IN,0,a%d,\n", day, int(at), wait, service, 1+r.IntN(2))
			}
		}
	}
	path := filepath.Join(t.TempDir(), "calls.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAMonthIsReplayedUnderEveryWay(t *testing.T) {
	t.Parallel()
	m, err := readMonth(pastCalls(t), trace.DutyGap)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.agents) != 3 || len(m.kinds) != 2 {
		t.Fatalf("%d agents, kinds %v", len(m.agents), m.kinds)
	}
	rules := m.rules(routing.Policy{}, false)
	if n := len(rules.Agents["a3"].Skills); n != 1 {
		t.Errorf("a3 serves one kind and has %d skills", n)
	}
	if n := len(m.rules(routing.Policy{}, true).Agents["a3"].Skills); n != 2 {
		t.Errorf("in the bound a3 has %d skills", n)
	}
	src, err := m.source(15, 31)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []way{{"fair", rules, nil}, {"model", rules, m.appQueue(false)}, {"penalties", rules, m.appQueue(true)}} {
		p, err := play(t.Context(), src, w, upTo(2))
		if err != nil {
			t.Fatal(err)
		}
		if queued, ends := p.mean("queued"), p.mean("answered")+p.mean("abandoned"); queued != 150 || ends != queued {
			t.Errorf("%s: %v calls a day entered a queue, %v left it", w.name, queued, ends)
		}
		if p.mean("qs_20") <= 0 || p.mean("occupancy") <= 0 {
			t.Errorf("%s: %+v", w.name, p.Figures)
		}
	}
}

// TestPenaltiesPreferWhoKnowsLess is what the third way means.
func TestPenaltiesPreferWhoKnowsLess(t *testing.T) {
	t.Parallel()
	m, err := readMonth(pastCalls(t), trace.DutyGap)
	if err != nil {
		t.Fatal(err)
	}
	midnight := acd.At(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	d := &sim.Day{Agents: []sim.Agent{{ID: "a1"}, {ID: "a3"}}, Contacts: []sim.Contact{{Queue: "ps", Enqueued: midnight}}}
	for penalties, want := range map[bool]int{false: 0, true: 1} {
		q := m.appQueue(penalties)(d)
		for i := range d.Agents {
			q.Agent(i, acd.AgentReady, midnight+acd.Instant(i), midnight)
		}
		q.Wait(0, "ps", midnight)
		if _, agent, ok := q.Pick(midnight); !ok || agent != want {
			t.Errorf("penalties %t: agent %d is rung, want %d", penalties, agent, want)
		}
	}
}

func TestTheReportSaysWhereTheDataComeFrom(t *testing.T) {
	t.Parallel()
	p := func(name string) played { return played{Name: name} }
	r := &traceReport{Seeds: 1, Second: []played{p("best policy"), p("model of app_queue")}}
	r.goals()
	var b strings.Builder
	if err := r.text(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Technion", "Anonymous Bank", "NOT reached"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in: %s", want, b.String())
		}
	}
}

func TestAFigureThatIsWrongIsShown(t *testing.T) {
	t.Parallel()
	exact := 0.5
	r := theoryReport{Checks: []theoryRow{{Case: "M/M/1", Figure: "P(wait)", Ours: 0.7, Half: 0.01, Exact: &exact}}, Contacts: 1, CPU: 1}
	var b strings.Builder
	if err := r.text(&b); err != nil || !strings.Contains(b.String(), "DOES NOT HOLD") {
		t.Errorf("%v: %s", err, b.String())
	}
	if err := run(t.Context(), []string{"nothing"}); err == nil {
		t.Error("a part that does not exist is measured")
	}
}

// TestTheRealMonth replays one day and seed of the month that ACCUEIL_TRACE names: the file is not part
// of this project.
func TestTheRealMonth(t *testing.T) {
	t.Parallel()
	path := os.Getenv("ACCUEIL_TRACE")
	if path == "" {
		t.Skip("ACCUEIL_TRACE names no file of past calls: the real month is not replayed")
	}
	m, err := readMonth(path, trace.DutyGap)
	if err != nil {
		t.Fatal(err)
	}
	src, err := m.source(1, 7)
	if err != nil {
		t.Fatal(err)
	}
	fair, err := play(t.Context(), src, way{"fair", m.rules(routing.Policy{}, false), nil}, upTo(2))
	if err != nil {
		t.Fatal(err)
	}
	bound, err := play(t.Context(), src, way{"bound", m.rules(routing.Policy{}, true), nil}, upTo(2))
	if err != nil {
		t.Fatal(err)
	}
	if bound.mean("asa") > fair.mean("asa")+1 {
		t.Errorf("ASA %.1f s where everybody has every skill, %.1f s otherwise", bound.mean("asa"), fair.mean("asa"))
	}
}
