package staffing_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/routing/staffing"
)

// near holds a figure to the decimals that a source gives.
func near(t *testing.T, what string, got, want float64, decimals int) {
	t.Helper()
	if math.Abs(got-want) > 0.5000001*math.Pow10(-decimals) {
		t.Errorf("%s: %.*f, want %.*f", what, decimals+2, got, decimals, want)
	}
}

func outcome(t *testing.T, m staffing.Model, l staffing.Load, n int, within time.Duration) staffing.Outcome {
	t.Helper()
	o, err := m(l, n, within)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// twelveAndAHalf is the load of KPI.md: 300 calls an hour of 150 s.
var twelveAndAHalf = staffing.Load{Rate: 300.0 / 3600, Handling: 150 * time.Second, Patience: 120 * time.Second}

func TestValuesOfKPI(t *testing.T) {
	t.Parallel()
	near(t, "erlangs", twelveAndAHalf.Erlangs(), 12.5, 12)
	for _, c := range []struct {
		n             int
		pw, sl20, asa float64
	}{{15, .4013, .7125, 24.08}, {16, .2641, .8344, 11.32}} {
		o := outcome(t, staffing.ErlangC, twelveAndAHalf, c.n, 20*time.Second)
		near(t, "Erlang C wait", o.Wait, c.pw, 4)
		near(t, "Erlang C service level", o.ServiceLevel, c.sl20, 4)
		near(t, "Erlang C ASA", o.ASA.Seconds(), c.asa, 2)
		if !o.Stable || o.Abandon != 0 || o.Occupancy != 12.5/float64(c.n) {
			t.Errorf("%+v", o)
		}
	}
	for _, c := range []struct {
		n           int
		pw, abandon float64
	}{{12, .5664, .1388}, {15, .2633, .0461}} {
		o := outcome(t, staffing.ErlangA, twelveAndAHalf, c.n, 20*time.Second)
		near(t, "Erlang A wait", o.Wait, c.pw, 4)
		near(t, "Erlang A abandon", o.Abandon, c.abandon, 4)
	}
	if o := outcome(t, staffing.ErlangC, twelveAndAHalf, 12, 20*time.Second); o.Stable || o.ASA != staffing.NoEnd || o.Wait != 1 || o.ServiceLevel != 0 {
		t.Errorf("12 agents for 12.5 erlangs without abandonment: %+v", o)
	}
}

// The M/M/12 of the University of Montreal's contact-centre library, in minutes.
func TestValuesOfMontreal(t *testing.T) {
	t.Parallel()
	l := staffing.Load{Rate: 4.2 / 60, Handling: 2 * time.Minute, Patience: time.Minute}
	c := outcome(t, staffing.ErlangC, l, 12, 20*time.Second)
	near(t, "P(wait)", c.Wait, .18389, 5)
	near(t, "E[W] in minutes", c.ASA.Minutes(), .10216, 5)
	a := outcome(t, staffing.ErlangA, l, 12, 20*time.Second)
	near(t, "P(wait) with patience", a.Wait, .12737, 5)
	near(t, "P(abandon) in percent", 100*a.Abandon, 2.968, 3)
}

// chain solves the birth-death chain of M/M/n+M by walking its states, and follows one caller through
// the queue by small steps of time: slow, and sharing nothing with what it judges.
func chain(l staffing.Load, n int, within time.Duration) (wait, abandon, level, asa float64) {
	lambda, mu, theta := l.Rate, 1/l.Handling.Seconds(), 0.0
	if l.Patience > 0 {
		theta = 1 / l.Patience.Seconds()
	}
	const states = 1500
	p := make([]float64, states)
	p[0] = 1
	sum := 1.0
	for j := 1; j < states; j++ {
		death := mu*float64(min(j, n)) + theta*float64(max(0, j-n))
		p[j] = p[j-1] * lambda / death
		sum += p[j]
	}
	var queue float64
	for j := range p {
		p[j] /= sum
		if j >= n {
			wait += p[j]
			queue += p[j] * float64(j-n)
		}
	}
	abandon = theta * queue / lambda
	// ahead[k]: probability that a caller still waits with k others in front of him, after t.
	const longest = 150
	ahead := make([]float64, longest)
	for k := range ahead {
		ahead[k] = p[n+k]
	}
	const step = 0.005
	var servedInTime, served, servedWait float64
	for i := 0; float64(i)*step < 1200; i++ {
		at := float64(i) * step
		out := ahead[0] * float64(n) * mu * step
		if at < within.Seconds() {
			servedInTime += out
		}
		served += out
		servedWait += out * (at + step/2)
		for k := range ahead {
			leaves := float64(n)*mu + theta*float64(k+1)
			next := 0.0
			if k+1 < longest {
				next = ahead[k+1] * (float64(n)*mu + theta*float64(k+1)) * step
			}
			ahead[k] += next - ahead[k]*leaves*step
		}
		if i%2000 == 0 && at > within.Seconds() {
			left := 0.0
			for _, x := range ahead {
				left += x
			}
			if left < 1e-9 {
				break
			}
		}
	}
	return wait, abandon, 1 - wait + servedInTime, servedWait / (1 - wait + served)
}

func TestAgainstABirthDeathChain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		calls              float64 // an hour
		handling, patience time.Duration
		n                  int
		within             time.Duration
	}{
		{300, 150 * time.Second, 120 * time.Second, 12, 20 * time.Second},
		{300, 150 * time.Second, 120 * time.Second, 15, 60 * time.Second},
		{300, 150 * time.Second, 120 * time.Second, 5, 60 * time.Second},
		{40, 180 * time.Second, 30 * time.Second, 1, 10 * time.Second},
		{100, 90 * time.Second, 300 * time.Second, 4, 30 * time.Second},
		{300, 150 * time.Second, 0, 15, 20 * time.Second},
		{60, 120 * time.Second, 0, 3, 45 * time.Second},
	} {
		l := staffing.Load{Rate: c.calls / 3600, Handling: c.handling, Patience: c.patience}
		m := staffing.Model(staffing.ErlangA)
		if c.patience == 0 {
			m = staffing.ErlangC
		}
		o := outcome(t, m, l, c.n, c.within)
		wait, abandon, level, asa := chain(l, c.n, c.within)
		for _, f := range []struct {
			name      string
			got, want float64
			within    float64
		}{{"wait", o.Wait, wait, 1e-9}, {"abandon", o.Abandon, abandon, 1e-9}, {"service level", o.ServiceLevel, level, 5e-4}, {"ASA", o.ASA.Seconds(), asa, 2e-3 * (1 + asa)}} {
			if math.Abs(f.got-f.want) > f.within {
				t.Errorf("%+v: %s %.6f, the chain says %.6f", c, f.name, f.got, f.want)
			}
		}
	}
}

// loads draws a load and a number of agents around it.
func loads(t *rapid.T) (staffing.Load, int) {
	l := staffing.Load{
		Handling: time.Duration(rapid.Int64Range(1, 3600).Draw(t, "handling")) * time.Second,
		Patience: time.Duration(rapid.Int64Range(1, 36_000).Draw(t, "patience")) * time.Second,
	}
	erlangs := math.Exp(rapid.Float64Range(-5, 7).Draw(t, "log erlangs"))
	l.Rate = min(1000, erlangs/l.Handling.Seconds())
	n := int(l.Erlangs()*rapid.Float64Range(0.2, 2).Draw(t, "agents per erlang")) + 1
	return l, n
}

func TestFiguresAreSaneAndImproveWithEachAgent(t *testing.T) {
	t.Parallel()
	const slack = 1e-9
	rapid.Check(t, func(t *rapid.T) {
		l, n := loads(t)
		within := time.Duration(rapid.Int64Range(0, 300).Draw(t, "within")) * time.Second
		for name, m := range map[string]staffing.Model{"C": staffing.ErlangC, "A": staffing.ErlangA} {
			var was staffing.Outcome
			for i := range 3 {
				o, err := m(l, n+i, within)
				if err != nil {
					t.Fatal(err)
				}
				for what, share := range map[string]float64{"wait": o.Wait, "level": o.ServiceLevel, "abandon": o.Abandon, "occupancy": o.Occupancy} {
					if !(share >= -slack && share <= 1+slack) {
						t.Fatalf("Erlang %s %+v %d: %s is %g", name, l, n+i, what, share)
					}
				}
				if o.ServiceLevel < 1-o.Wait-slack || o.ServiceLevel > o.Answered()+slack || o.ASA < 0 {
					t.Fatalf("Erlang %s %+v: %+v", name, l, o)
				}
				if i > 0 && (o.Wait > was.Wait+slack || o.ServiceLevel < was.ServiceLevel-slack || o.Abandon > was.Abandon+slack ||
					o.Occupancy > was.Occupancy+slack || o.ASA-time.Microsecond > was.ASA || was.Stable && !o.Stable) {
					t.Fatalf("Erlang %s %+v: one agent more makes %+v of %+v", name, l, o, was)
				}
				was = o
			}
		}
	})
}

// Patience without end is Erlang C; none at all is a loss system; conservation of callers throughout.
func TestLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, n := loads(t)
		l.Patience = staffing.MaxPatience
		c, _ := staffing.ErlangC(l, n, 20*time.Second)
		if float64(n) > 1.3*l.Erlangs() && l.Handling < time.Minute {
			a, _ := staffing.ErlangA(l, n, 20*time.Second)
			if math.Abs(a.Wait-c.Wait) > 0.01 || math.Abs(a.ServiceLevel-c.ServiceLevel) > 0.01 {
				t.Fatalf("%+v, %d agents: patient callers %+v, Erlang C %+v", l, n, a, c)
			}
		}
		l.Patience = time.Nanosecond
		loss, err := staffing.ErlangA(l, n, 20*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		b := 1.0
		for k := 1; k <= n; k++ {
			b = l.Erlangs() * b / (float64(k) + l.Erlangs()*b)
		}
		if math.Abs(loss.Abandon-b) > 1e-6 || loss.ASA > time.Microsecond {
			t.Fatalf("%+v, %d agents: without patience %+v, Erlang B %g", l, n, loss, b)
		}
	})
}

func TestThousandsOfAgents(t *testing.T) {
	t.Parallel()
	// Square-root staffing: n = a + β√a. As a grows the probability of waiting in Erlang C tends to
	// 1/(1 + √(2π) β Φ(β) exp(β²/2)) (Halfin and Whitt, 1981).
	a, b := 10_000.0, 1.0
	l := staffing.Load{Rate: a / 150, Handling: 150 * time.Second, Patience: 120 * time.Second}
	n := int(a + b*math.Sqrt(a))
	o := outcome(t, staffing.ErlangC, l, n, 20*time.Second)
	phi := 0.5 * math.Erfc(-b/math.Sqrt2)
	want := 1 / (1 + math.Sqrt(2*math.Pi)*b*phi*math.Exp(b*b/2))
	if math.Abs(o.Wait-want) > 0.005 {
		t.Errorf("wait %.4f, the limit is %.4f", o.Wait, want)
	}
	// Overloaded by a half: nearly all agents are always busy, and who cannot be served hangs up.
	o = outcome(t, staffing.ErlangA, l, int(a/1.5), 20*time.Second)
	if math.Abs(o.Abandon-1.0/3) > 1e-3 || o.Wait < 0.9999 || o.Occupancy < 0.9999 {
		t.Errorf("%+v", o)
	}
	// In the fluid limit everyone waits until the share who still does matches the agents:
	// exp(-w/patience) = 2/3.
	if fluid := 120 * math.Log(1.5); math.Abs(o.ASA.Seconds()-fluid) > 0.5 {
		t.Errorf("ASA %s, the fluid limit is %.1f s", o.ASA, fluid)
	}
	for _, n := range []int{1, staffing.MaxAgents} {
		if o := outcome(t, staffing.ErlangA, l, n, time.Hour); math.IsNaN(o.Abandon + o.ServiceLevel + o.Occupancy) {
			t.Errorf("%d agents: %+v", n, o)
		}
	}
}

func TestWhatCannotBeComputedIsRefused(t *testing.T) {
	t.Parallel()
	good := twelveAndAHalf
	for name, c := range map[string]struct {
		l staffing.Load
		n int
	}{
		"negative rate": {staffing.Load{Rate: -1, Handling: 1}, 1}, "no number": {staffing.Load{Rate: math.NaN(), Handling: 1}, 1},
		"endless rate": {staffing.Load{Rate: math.Inf(1), Handling: 1}, 1}, "no handling": {staffing.Load{Rate: 1}, 1},
		"negative patience": {staffing.Load{Rate: 1, Handling: 1, Patience: -1}, 1},
		"no agent":          {good, 0}, "too many": {good, staffing.MaxAgents + 1},
	} {
		for _, m := range []staffing.Model{staffing.ErlangC, staffing.ErlangA} {
			if o, err := m(c.l, c.n, 0); err == nil {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
	good.Patience = 0
	if _, err := staffing.ErlangA(good, 12, 0); err == nil {
		t.Error("Erlang A without patience")
	}
	if o := outcome(t, staffing.ErlangC, staffing.Load{Handling: 1}, 1, 0); o.Wait != 0 || o.ServiceLevel != 1 {
		t.Errorf("no callers: %+v", o)
	}
}
