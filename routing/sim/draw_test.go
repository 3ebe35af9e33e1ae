package sim_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/sim"
	"accueil/routing/trace"
)

func TestDistributionsHaveTheirMoments(t *testing.T) {
	t.Parallel()
	const mean, n = 100 * time.Second, 200_000
	for _, d := range []sim.Dist{
		{Shape: sim.Constant, Mean: mean},
		{Shape: sim.Exponential, Mean: mean, SD: mean},
		{Shape: sim.Lognormal, Mean: mean, SD: 60 * time.Second},
		{Shape: sim.Gamma, Mean: mean, SD: 40 * time.Second},
		{Shape: sim.Gamma, Mean: mean, SD: 150 * time.Second}, // shape below 1
	} {
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		r := sim.Stream(7, string(d.Shape))
		var sum, squares float64
		for range n {
			v := d.Draw(r).Seconds()
			sum += v
			squares += v * v
		}
		m := sum / n
		sd := math.Sqrt(max(0, squares/n-m*m))
		want := d.SD.Seconds()
		if math.Abs(m-100) > 5*max(want, 1e-9)/math.Sqrt(n)+1e-6 || math.Abs(sd-want) > 0.03*want+1e-3 {
			t.Errorf("%s: mean %.2f, standard deviation %.2f, want 100 and %.0f", d.Shape, m, sd, want)
		}
	}
}

func TestEmpiricalDrawsWhatWasSeen(t *testing.T) {
	t.Parallel()
	d := sim.Dist{Shape: sim.Empirical, Values: []time.Duration{time.Second, time.Second, 4 * time.Second}}
	r := sim.Stream(1, "x")
	seen := map[time.Duration]int{}
	for range 30_000 {
		seen[d.Draw(r)]++
	}
	if len(seen) != 2 || seen[time.Second] < 19_500 || seen[time.Second] > 20_500 || d.Expected() != 2*time.Second {
		t.Errorf("%v, expected %s", seen, d.Expected())
	}
}

func TestFaultyDistributionsSaySo(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]sim.Dist{
		"mean":               {Shape: sim.Exponential},
		"standard deviation": {Shape: sim.Gamma, Mean: time.Second},
		"one value":          {Shape: sim.Empirical},
		"negative":           {Shape: sim.Constant, Mean: -1},
		"poisson":            {Shape: "poisson", Mean: 1},
	} {
		if err := d.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want a word of %q", d, err, want)
		}
	}
}

var reasons = routing.Rules{
	Queues:  map[acd.QueueID]routing.Queue{"q": waits},
	Reasons: map[acd.ReasonID]routing.Reason{"a": {Queue: "q", Points: 3}, "b": {Queue: "q"}},
}

func flow(reason acd.ReasonID, calls float64) sim.Flow {
	return sim.Flow{Reason: reason, Arrivals: []sim.Rate{{From: 8 * time.Hour, To: 9 * time.Hour, Calls: calls}}, Handling: sim.Dist{Shape: sim.Exponential, Mean: time.Minute}}
}

func TestAPlanExpectsWhatItSays(t *testing.T) {
	t.Parallel()
	p := sim.Plan{Midnight: midnight, Variation: 0.1, Flows: []sim.Flow{flow("a", 50), flow("b", 20)}}
	n := map[acd.ReasonID]float64{}
	const days = 400
	for seed := range uint64(days) {
		d, err := p.Days(seed, reasons)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range d[0].Contacts {
			n[c.Reason]++
			if c.Enqueued < at(8*3600) || c.Enqueued >= at(9*3600) || c.Patience != sim.Patient || c.Queue != "q" || c.Reason == "a" && c.Points != 3 {
				t.Fatalf("contact %d: %+v", i, c)
			}
		}
	}
	// Poisson counts, and the volume of a day: 4 standard errors.
	if a, b := n["a"]/days, n["b"]/days; math.Abs(a-50) > 4*math.Sqrt((50.0+25)/days) || math.Abs(b-20) > 4*math.Sqrt((20.0+4)/days) {
		t.Errorf("%.2f and %.2f calls a day, want 50 and 20", a, b)
	}
	if _, err := (sim.Plan{Flows: []sim.Flow{flow("nobody", 1)}}).Days(1, reasons); err == nil {
		t.Error("a reason that the rules do not have is accepted")
	}
}

// TestOneChangeLeavesAllOtherChanceAlone is what comparing two plans rests on.
func TestOneChangeLeavesAllOtherChanceAlone(t *testing.T) {
	t.Parallel()
	of := func(p sim.Plan, reason acd.ReasonID) []sim.Contact {
		days, err := p.Days(3, reasons)
		if err != nil {
			t.Fatal(err)
		}
		var out []sim.Contact
		for _, c := range days[0].Contacts {
			if c.Reason == reason {
				out = append(out, c)
			}
		}
		return out
	}
	one := sim.Plan{Midnight: midnight, Flows: []sim.Flow{flow("a", 50), flow("b", 20)}}
	other := sim.Plan{Midnight: midnight, Flows: []sim.Flow{flow("a", 80), flow("b", 20)}, Shifts: []sim.Shift{{Agent: "x", From: 0, To: time.Hour}}}
	if !reflect.DeepEqual(of(one, "b"), of(other, "b")) {
		t.Error("more callers of one reason changed those of another")
	}
	if len(of(one, "a")) == len(of(other, "a")) {
		t.Error("nothing was changed")
	}
}

// TestSurvival is the product of Kaplan and Meier by hand: of 5 callers one gives up after 10 s (4/5
// stay); one is served at 15 s; of the 3 left one gives up after 20 s (2/3 of 4/5); two are served later.
func TestSurvival(t *testing.T) {
	t.Parallel()
	s := sim.Survive([]sim.Wait{{seconds(10), true}, {seconds(15), false}, {seconds(20), true}, {seconds(20), false}, {seconds(35), false}})
	for wait, want := range map[float64]float64{0: 1, 9: 1, 10: 0.8, 19: 0.8, 20: 0.8 * 2 / 3, 500: 0.8 * 2 / 3} {
		if got := s.Left(seconds(wait)); math.Abs(got-want) > 1e-12 {
			t.Errorf("after %v s %.4f are left, want %.4f", wait, got, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	const n = 100_000
	var ten, twenty int
	var beyond float64
	for range n {
		switch d := s.Draw(r); {
		case d == seconds(10):
			ten++
		case d == seconds(20):
			twenty++
		default:
			beyond += (d - seconds(20)).Seconds()
		}
	}
	tail := float64(n - ten - twenty)
	if math.Abs(float64(ten)/n-0.2) > 0.006 || math.Abs(float64(twenty)/n-0.8/3) > 0.006 || math.Abs(beyond/tail-50) > 1 {
		t.Errorf("%d, %d, mean of the tail %.1f: want 20 %%, 26.7 %% and 50 s (all time waited over all who gave up)", ten, twenty, beyond/tail)
	}
	if d := sim.Survive([]sim.Wait{{seconds(5), false}}).Draw(r); d != sim.Patient {
		t.Errorf("nobody ever gave up, and one does after %s", d)
	}
}

const past = `day,arrival_s,ivr_s,wait_s,outcome,service_s,type,agent
1,100,10,0,AGENT,60,PS,w1
1,130,10,40,AGENT,30,PS,w1
1,140,5,20,HANG,0,PS,
1,150,5,0,HANG,0,PS,
2,200,10,0,AGENT,90,PS,w2
`

func TestReplayKeepsWhatTheFileKnows(t *testing.T) {
	t.Parallel()
	calls, err := trace.Read(strings.NewReader(past))
	if err != nil {
		t.Fatal(err)
	}
	r, err := sim.NewReplay(calls)
	if err != nil {
		t.Fatal(err)
	}
	r.Midnight, r.Shifts = midnight, sim.DutyOf(trace.Agents(calls, 0))
	r.Reason = func(string) acd.ReasonID { return "a" }
	days, err := r.Days(1, reasons)
	if err != nil {
		t.Fatal(err)
	}
	if len(days) != 2 || len(days[0].Contacts) != 3 || len(days[1].Contacts) != 1 {
		t.Fatalf("%d days: who left in the menu is not played, each day by itself", len(days))
	}
	first := days[0].Contacts[0]
	if first.Enqueued < at(110) || first.Enqueued >= at(111) || first.Service != time.Minute || first.Enqueued.Sub(first.Arrived) != 10*time.Second {
		t.Errorf("first contact: %+v", first)
	}
	// Who gave up is given the length of one of the conversations of his type.
	for _, c := range days[0].Contacts {
		if c.Service != 30*time.Second && c.Service != time.Minute && c.Service != 90*time.Second {
			t.Errorf("a conversation of %s is in no row", c.Service)
		}
	}
	want := []sim.Head{{At: at(110), Group: 0, Count: 1}, {At: at(210), Group: 0, Count: 0}}
	if got := days[0]; len(got.Agents) != 1 || got.Agents[0].ID != "w1" || !reflect.DeepEqual(got.Heads, want) {
		t.Errorf("agents %v, heads %v", got.Agents, got.Heads)
	}
	if _, err := sim.NewReplay(nil); err == nil {
		t.Error("a file without calls can be replayed")
	}
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	// Mean 3, standard deviation 1.5811, Student's quantile for 4 degrees of freedom 2.7764.
	if i := sim.Estimate([]float64{1, 2, 3, 4, 5}); i.Mean != 3 || math.Abs(i.Half-1.9632) > 1e-3 || i.N != 5 {
		t.Errorf("%+v", i)
	}
	if i := sim.Estimate([]float64{7}); i.Mean != 7 || !math.IsNaN(i.Half) {
		t.Errorf("one observation has no interval: %+v", i)
	}
	// Quantiles of Student's distribution as tables give them.
	for n, want := range map[int]float64{2: 12.706, 11: 2.2281, 31: 2.0423, 121: 1.9799} {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i % 2)
		}
		var squares, mean float64
		for _, v := range values {
			mean += v / float64(n)
		}
		for _, v := range values {
			squares += (v - mean) * (v - mean)
		}
		se := math.Sqrt(squares / float64(n-1) / float64(n))
		if got := sim.Estimate(values).Half / se; math.Abs(got-want) > 0.001 {
			t.Errorf("%d observations: quantile %.4f, want %.4f", n, got, want)
		}
	}
	// 3 of 10 and 5 of 30: 8 of 40, not the mean of 0.3 and 0.167.
	if r := sim.Ratio([]float64{3, 5}, []float64{10, 30}); r.Mean != 0.2 {
		t.Errorf("%+v", r)
	}
}
