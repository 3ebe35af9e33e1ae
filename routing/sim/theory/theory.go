// Package theory holds contact centres of which the exact figures, or figures that others have published,
// are known, and plays them with the simulation: the same code and the same routing engine that answers
// a planner's question must give these values.
package theory

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/sim"
)

// Check is one figure of ours beside the value that it must have.
type Check struct {
	Case, Figure string
	Ours         sim.Interval
	// Exact is what a formula gives; without one (NaN) the figure must lie from Low to High, the published
	// 95 % interval.
	Exact, Low, High float64
}

// strict widens our own 95 % interval to one of 99.9 %: of the many figures here one in twenty would
// otherwise miss a true value by chance.
const strict = 3.29 / 1.96

// Holds reports whether the figure is what it must be.
func (c Check) Holds() bool {
	if math.IsNaN(c.Exact) {
		return c.Low <= c.Ours.Mean && c.Ours.Mean <= c.High
	}
	return math.Abs(c.Ours.Mean-c.Exact) <= strict*c.Ours.Half
}

// Single is a queue with one kind of caller and one kind of agent: M/M/c, and M/M/c+M with patience.
type Single struct {
	Name     string
	Lambda   float64 // callers a minute
	Mu       float64 // conversations that an agent finishes in a minute
	Agents   int
	Patience float64 // mean, in minutes; 0 for endless
	Known    func() []Known
}

// Known is a figure's exact value.
type Known struct {
	Figure string
	Value  float64
}

// The figures of a Single.
const (
	PWait    = "P(wait)"
	MeanWait = "E[wait], min"
	PAbandon = "P(abandon)"
)

// Singles are the queues with one kind of caller.
var Singles = []Single{
	{Name: "M/M/12", Lambda: 4.2, Mu: 0.5, Agents: 12, Known: func() []Known {
		return []Known{{PWait, 0.18389}, {MeanWait, 0.10216}}
	}},
	{Name: "M/M/12+M", Lambda: 4.2, Mu: 0.5, Agents: 12, Patience: 1, Known: func() []Known {
		return []Known{{PWait, 0.12737}, {PAbandon, 0.02968}}
	}},
	{Name: "M/M/50", Lambda: 22.5, Mu: 0.5, Agents: 50, Known: func() []Known {
		c := ErlangC(50, 45)
		return []Known{{PWait, c}, {MeanWait, c / (50*0.5 - 22.5)}}
	}},
}

// ErlangC is the chance to wait when load erlangs are offered to so many agents and nobody gives up.
func ErlangC(agents int, load float64) float64 {
	blocked := 1.0 // Erlang B by its recursion
	for n := 1; n <= agents; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	n := float64(agents)
	return blocked / (1 - load/n*(1-blocked))
}

// warmUp is how many contacts of each run are played before counting: it begins with everyone free.
const warmUp = 2000

// Run plays so many runs of so many contacts each.
func (s Single) Run(runs, contacts int) ([]Check, error) {
	rules := routing.Rules{
		Queues: map[acd.QueueID]routing.Queue{"q": {Steps: []routing.Step{{}}, WhenUnstaffed: routing.UnstaffedWait}},
		Agents: map[acd.AgentID]routing.Member{},
	}
	agents := crew(rules.Agents, "a", s.Agents, 0, nil)
	var n, waited, waits, lost []float64
	for seed := range uint64(runs) {
		day := &sim.Day{Agents: agents, Groups: 1, Heads: []sim.Head{{At: 1, Count: s.Agents}}}
		arrivals, service, patience := sim.Stream(seed, s.Name+" arrivals"), sim.Stream(seed, s.Name+" service"), sim.Stream(seed, s.Name+" patience")
		at := 0.0
		for range warmUp + contacts {
			at += arrivals.ExpFloat64() / s.Lambda
			c := sim.Contact{Queue: "q", Enqueued: instant(at), Service: minutes(service.ExpFloat64() / s.Mu), Patience: sim.Patient}
			if s.Patience > 0 {
				c.Patience = minutes(patience.ExpFloat64() * s.Patience)
			}
			day.Contacts = append(day.Contacts, c)
		}
		run, err := play(day, rules)
		if err != nil {
			return nil, err
		}
		var w, sum, gone float64
		for i, r := range run.Results[warmUp:] {
			wait := r.Left.Sub(day.Contacts[warmUp+i].Enqueued)
			if wait > 0 {
				w++
			}
			sum += wait.Minutes()
			if r.Outcome == acd.Abandoned {
				gone++
			}
		}
		n, waited, waits, lost = append(n, float64(contacts)), append(waited, w), append(waits, sum), append(lost, gone)
	}
	ours := map[string][]float64{PWait: waited, MeanWait: waits, PAbandon: lost}
	var out []Check
	for _, k := range s.Known() {
		out = append(out, Check{Case: s.Name, Figure: k.Figure, Ours: sim.Ratio(ours[k.Figure], n), Exact: k.Value})
	}
	return out, nil
}

// SimpleMSK is the example of that name of the contact-centre library of the University of Montreal
// (ContactCenters, by E. Buist and P. L'Ecuyer): three kinds of callers, two groups of agents, three
// periods of two hours, and days that are busier and quieter than each other. It returns the figures
// with the 95 % intervals that the library's guide gives for 1,000 days.
func SimpleMSK(days int) ([]Check, error) {
	rules := routing.Rules{
		Skills: []acd.SkillID{"g0", "g1"},
		Queues: map[acd.QueueID]routing.Queue{
			"type0": queue("g0 >= 1"), "type1": queue("g0 >= 1", "g1 >= 1"), "type2": queue("g1 >= 1"),
		},
		Agents: map[acd.AgentID]routing.Member{},
	}
	staff := [2][3]int{{12, 18, 9}, {15, 20, 11}}
	agents := crew(rules.Agents, "a", 18, 0, map[acd.SkillID]int{"g0": 1})
	agents = append(agents, crew(rules.Agents, "b", 20, 1, map[acd.SkillID]int{"g1": 1})...)

	var answered, abandoned, good, judged, busy, present []float64
	for seed := range uint64(days) {
		day := &sim.Day{Agents: agents, Groups: 2}
		for period := range 3 {
			for g := range 2 {
				day.Heads = append(day.Heads, sim.Head{At: instant(float64(period) * mskPeriod), Group: g, Count: staff[g][period]})
			}
		}
		mskContacts(day, seed)
		run, err := play(day, rules)
		if err != nil {
			return nil, err
		}
		var a, b, in, late float64
		for i, r := range run.Results {
			wait := r.Left.Sub(day.Contacts[i].Enqueued)
			switch {
			case r.Outcome == acd.Answered:
				a++
				if wait < mskThreshold {
					in++
				}
			case r.Outcome == acd.Abandoned:
				b++
				if wait >= mskThreshold {
					late++
				}
			}
		}
		var work, there float64
		for _, s := range run.Spans {
			if day.Agents[s.Agent].Group != 0 {
				continue
			}
			there += s.To.Sub(s.From).Minutes()
			if s.State == acd.AgentBusy {
				work += s.To.Sub(s.From).Minutes()
			}
		}
		answered, abandoned = append(answered, a), append(abandoned, b)
		good, judged = append(good, in), append(judged, a+late)
		busy, present = append(busy, work), append(present, there)
	}
	none := math.NaN()
	const name = "SimpleMSK"
	return []Check{
		{name, "answered a day", sim.Estimate(answered), none, 4270, 4324},
		{name, "abandoned a day", sim.Estimate(abandoned), none, 876, 945},
		{name, "service level", sim.Ratio(good, judged), none, 0.494, 0.509},
		{name, "occupancy of group 0", sim.Ratio(busy, present), none, 0.877, 0.884},
	}, nil
}

const (
	mskPeriod    = 120.0 // minutes
	mskShape     = 28.7  // of the gamma distribution of a day's volume, with mean 1
	mskThreshold = 20 * time.Second
)

// mskContacts draws the callers of a day: rates by period, service and patience by the period of the
// arrival.
func mskContacts(day *sim.Day, seed uint64) {
	rates := [3][3]float64{{4.2, 5.3, 3.2}, {5.1, 4.3, 4.8}, {6.3, 5.2, 4.8}}
	serviceRate, patienceRate := [3]float64{0.5, 0.6, 0.4}, [3]float64{0.3, 0.4, 0.2}
	volume := sim.Dist{Shape: sim.Gamma, Mean: time.Hour, SD: time.Duration(float64(time.Hour) / math.Sqrt(mskShape))}.
		Draw(sim.Stream(seed, "volume")).Hours()
	for kind := range 3 {
		use := func(what string) *rand.Rand { return sim.Stream(seed, fmt.Sprintf("%s %d", what, kind)) }
		arrivals, service, patience := use("arrivals"), use("service"), use("patience")
		for period := range 3 {
			start := float64(period) * mskPeriod
			mean := 1 / (rates[kind][period] * volume)
			for at := start + mean*arrivals.ExpFloat64(); at < start+mskPeriod; at += mean * arrivals.ExpFloat64() {
				day.Contacts = append(day.Contacts, sim.Contact{
					Queue: acd.QueueID(fmt.Sprintf("type%d", kind)), Enqueued: instant(at),
					Service:  minutes(service.ExpFloat64() / serviceRate[period]),
					Patience: minutes(patience.ExpFloat64() / patienceRate[period]),
				})
			}
		}
	}
	day.Sort()
}

// queue admits agents by these requirements, all from the beginning, the first one first.
func queue(require ...string) routing.Queue {
	q := routing.Queue{WhenUnstaffed: routing.UnstaffedWait, Fallback: "nowhere"}
	for _, r := range require {
		q.Steps = append(q.Steps, routing.Step{Require: r})
	}
	return q
}

// crew makes so many agents of a group.
func crew(members map[acd.AgentID]routing.Member, prefix string, n, group int, skills map[acd.SkillID]int) []sim.Agent {
	var out []sim.Agent
	for i := range n {
		id := acd.AgentID(fmt.Sprintf("%s%02d", prefix, i))
		members[id] = routing.Member{Skills: skills}
		out = append(out, sim.Agent{ID: id, Group: group})
	}
	return out
}

func play(day *sim.Day, rules routing.Rules) (sim.Run, error) {
	router, err := sim.NewEngine(rules, day)
	if err != nil {
		return sim.Run{}, err
	}
	return sim.Simulate(day, rules, router), nil
}

// beginning is where the clock of these days stands at minute 0: an instant of zero means never.
const beginning acd.Instant = 1

func minutes(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }

func instant(minute float64) acd.Instant { return beginning.Add(minutes(minute)) }
