package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"accueil/acd"
	"accueil/app/planning"
	"accueil/routing"
	"accueil/routing/sim"
	"accueil/routing/trace"
)

// month is a file of past calls, ready to be played under any way of routing. Who may serve what and who
// was there is worked out by package trace.
type month struct {
	calls  []trace.Call
	agents []trace.Agent
	kinds  []string
}

// way is one way of routing the month.
type way struct {
	name  string
	rules routing.Rules
	model func(*sim.Day) sim.Router // nil: the engine under the rules
}

// serviceLevel is the threshold of the goals.
const serviceLevel = 20 * time.Second

// The goals of the best way (the wait that 95 % of those answered do not exceed is compared with the
// model of the queue application, too).
const (
	goalLevel   = 76.0 // percent
	goalAbandon = 7.7  // percent
	goalP95     = 116.0
)

// rules are the month's: a queue for each type, and agents who have the skill of each type that they
// served, all at one level: who knows least has least to spare.
func (m month) rules(policy routing.Policy, everySkill bool) routing.Rules {
	r := routing.Rules{Queues: map[acd.QueueID]routing.Queue{}, Agents: map[acd.AgentID]routing.Member{}, Reasons: map[acd.ReasonID]routing.Reason{}}
	for _, k := range m.kinds {
		r.Skills = append(r.Skills, skillOf(k))
		r.Queues[acd.QueueID(k)] = routing.Queue{Steps: []routing.Step{{Require: string(skillOf(k)) + " >= 1"}}, Fallback: "elsewhere", WhenUnstaffed: routing.UnstaffedWait, Policy: policy}
		r.Reasons[acd.ReasonID(k)] = routing.Reason{Queue: acd.QueueID(k)}
	}
	for _, a := range m.agents {
		skills := map[acd.SkillID]int{}
		for _, k := range m.kinds {
			if everySkill || a.Serves(strings.ToUpper(k)) {
				skills[skillOf(k)] = 5
			}
		}
		r.Agents[acd.AgentID(a.ID)] = routing.Member{Skills: skills}
	}
	return r
}

// skillOf names the skill for a type; the type's own name may be a word of the language of requirements.
func skillOf(kind string) acd.SkillID { return acd.SkillID("type_" + kind) }

// appQueue is the model of the queue application on the month. With penalties, who knows fewer types is
// rung first, so that those who know more are kept for them.
func (m month) appQueue(penalties bool) func(*sim.Day) sim.Router {
	agents := map[acd.AgentID]trace.Agent{}
	for _, a := range m.agents {
		agents[acd.AgentID(a.ID)] = a
	}
	return func(d *sim.Day) sim.Router {
		return sim.NewAppQueue(d, func(agent int, queue acd.QueueID) (int, bool) {
			a, penalty := agents[d.Agents[agent].ID], 0
			for _, k := range m.kinds {
				if penalties && a.Serves(strings.ToUpper(k)) {
					penalty++
				}
			}
			return penalty, a.Serves(strings.ToUpper(string(queue)))
		})
	}
}

// source replays some days of the month.
func (m month) source(from, to int) (sim.Source, error) {
	var calls []trace.Call
	for _, c := range m.calls {
		if c.Day >= from && c.Day <= to {
			calls = append(calls, c)
		}
	}
	r, err := sim.NewReplay(calls)
	if err != nil {
		return nil, err
	}
	r.Midnight = acd.At(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	r.Reason = func(kind string) acd.ReasonID { return acd.ReasonID(strings.ToLower(kind)) }
	r.Shifts = sim.DutyOf(m.agents)
	return r, nil
}

// played is a way's figures over some seeds.
type played struct {
	Name    string            `json:"way"`
	Figures planning.SimGroup `json:"figures"`
}

// mean is the figure of that key.
func (p played) mean(key string) float64 {
	f, _ := p.Figures.Figure(key)
	return f.Mean
}

// play plays a way on the days of a source, two seeds at once.
func play(ctx context.Context, src sim.Source, w way, seeds []uint64) (played, error) {
	samples, errs := make([]planning.SimSample, len(seeds)), make([]error, len(seeds))
	var all sync.WaitGroup
	turns := make(chan struct{}, 2)
	for i, seed := range seeds {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if ctx.Err() == nil {
				samples[i], errs[i] = playSeed(src, w, seed)
			}
		})
	}
	all.Wait()
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return played{}, err
	}
	return played{w.name, planning.JoinSamples(samples)}, nil
}

func playSeed(src sim.Source, w way, seed uint64) (planning.SimSample, error) {
	days, err := src.Days(seed, w.rules)
	if err != nil {
		return nil, err
	}
	runs := make([]sim.Run, len(days))
	for i, d := range days {
		var router sim.Router
		if w.model != nil {
			router = w.model(d)
		} else if router, err = sim.NewEngine(w.rules, d); err != nil {
			return nil, err
		}
		runs[i] = sim.Simulate(d, w.rules, router)
	}
	return planning.MeasureRuns(days, runs, planning.SimThresholds{ShortAbandon: 10 * time.Second, ServiceLevel: []time.Duration{serviceLevel}, TZ: time.UTC})
}

// traceReport is the ways side by side, on the days on which the weights were not chosen.
type traceReport struct {
	Seeds  int      `json:"seeds"`
	Gap    string   `json:"duty_gap"`
	Chosen string   `json:"chosen"`
	Goals  string   `json:"goals"`
	First  []played `json:"first_half"`
	Second []played `json:"second_half"`
	Whole  []played `json:"month"`
}

// half is the last day of the first half of the month.
const half = 14

func tracePart(ctx context.Context, args []string) (report, bool, error) {
	flags := flag.NewFlagSet("trace", flag.ContinueOnError)
	path := flags.String("trace", os.Getenv("ACCUEIL_TRACE"), "file of past calls")
	seeds := flags.Int("seeds", 10, "how often the month is played")
	gap := flags.Duration("gap", trace.DutyGap, "a longer gap between two calls of an agent is a break")
	quick := flags.Bool("quick", false, "two seeds, few policies")
	if err := flags.Parse(args); err != nil {
		return nil, false, err
	}
	if *path == "" {
		return nil, false, errors.New("set ACCUEIL_TRACE to a file of past calls, or give --trace (docs/simulation.md)")
	}
	m, err := readMonth(*path, *gap)
	if err != nil {
		return nil, false, err
	}
	if *quick {
		*seeds = 2
	}
	r := &traceReport{Seeds: *seeds, Gap: gap.String()}
	if err := r.measure(ctx, m, *quick); err != nil {
		return nil, false, err
	}
	return r, true, nil
}

func readMonth(path string, gap time.Duration) (month, error) {
	f, err := os.Open(path)
	if err != nil {
		return month{}, fmt.Errorf("open the past calls: %w", err)
	}
	defer f.Close()
	m := month{}
	if m.calls, err = trace.Read(f); err != nil {
		return m, err
	}
	m.agents = trace.Agents(m.calls, gap)
	for _, c := range m.calls {
		if k := strings.ToLower(c.Type); c.InQueue() && !slices.Contains(m.kinds, k) {
			m.kinds = append(m.kinds, k)
		}
	}
	slices.Sort(m.kinds)
	return m, nil
}

func (r *traceReport) measure(ctx context.Context, m month, quick bool) error {
	first, err := m.source(1, half)
	if err != nil {
		return err
	}
	model := way{"model of app_queue", m.rules(routing.Policy{}, false), m.appQueue(false)}
	best, err := r.choose(ctx, m, first, model, quick)
	if err != nil {
		return err
	}
	ways := []way{
		{"plain score (fair)", m.rules(routing.Policy{Preset: routing.FairOrder}, false), nil},
		model,
		{"the same with penalties", m.rules(routing.Policy{}, false), m.appQueue(true)},
		{"service_level_first", m.rules(routing.Policy{Preset: routing.ServiceLevelFirst, ServiceLevel: serviceLevel}, false), nil},
		{"best policy", m.rules(best, false), nil},
		{"bound: every agent has every skill, fair", m.rules(routing.Policy{Preset: routing.FairOrder}, true), nil},
		{"bound with the best policy", m.rules(best, true), nil},
	}
	for _, part := range []struct {
		from, to int
		into     *[]played
	}{{1, half, &r.First}, {half + 1, 31, &r.Second}, {1, 31, &r.Whole}} {
		src, err := m.source(part.from, part.to)
		if err != nil {
			return err
		}
		for _, w := range ways {
			fmt.Fprintf(os.Stderr, "days %d to %d: %s\n", part.from, part.to, w.name)
			p, err := play(ctx, src, w, upTo(r.Seeds))
			if err != nil {
				return err
			}
			*part.into = append(*part.into, p)
		}
	}
	r.goals()
	return nil
}

// choose finds the weights by age on the first half of the month: of those that keep the waits of the
// queue application (95th percentile) and the goal of abandonment, and whose service level is within
// closeEnough of the highest, the one with the shortest waits. The highest alone would be a matter of
// chance, and of the load of these two weeks.
func (r *traceReport) choose(ctx context.Context, m month, first sim.Source, model way, quick bool) (routing.Policy, error) {
	seeds := upTo(min(r.Seeds, 3))
	limit, err := play(ctx, first, model, seeds)
	if err != nil {
		return routing.Policy{}, err
	}
	type candidate struct {
		bands []routing.AgeBand
		played
	}
	var good []candidate
	highest := 0.0
	for i, bands := range candidates(quick) {
		policy := routing.Policy{Weights: &routing.Weights{Ages: bands}}
		p, err := play(ctx, first, way{rules: m.rules(policy, false)}, seeds)
		if err != nil {
			return routing.Policy{}, err
		}
		fmt.Fprintf(os.Stderr, "candidate %d, %s: service level %.2f %%, abandonment %.2f %%, p95 %.1f s (at most %.1f s), p99 %.1f s\n",
			i+1, bandsText(bands), p.mean("qs_20"), p.mean("abandon_gross"), p.mean("asa_p95"), limit.mean("asa_p95"), p.mean("asa_p99"))
		if p.mean("asa_p95") <= limit.mean("asa_p95") && p.mean("abandon_gross") <= goalAbandon {
			good = append(good, candidate{bands, p})
			highest = max(highest, p.mean("qs_20"))
		}
	}
	good = slices.DeleteFunc(good, func(c candidate) bool { return c.mean("qs_20") < highest-closeEnough })
	if len(good) == 0 {
		return routing.Policy{}, errors.New("no candidate keeps the waits of the queue application")
	}
	best := slices.MinFunc(good, func(a, b candidate) int { return cmp.Compare(a.mean("asa_p95"), b.mean("asa_p95")) })
	r.Chosen = bandsText(best.bands)
	return routing.Policy{Weights: &routing.Weights{Ages: best.bands}}, nil
}

// closeEnough is how many points of service level are given for shorter waits.
const closeEnough = 1.0

// candidates are weights by age: most points for who can still be answered in time, then fewer, then
// none. Either in two bands, or falling so fast that who has waited longer comes later: the fewest
// callers then wait very long, and those do.
func candidates(quick bool) [][]routing.AgeBand {
	var out [][]routing.AgeBand
	add := func(bands ...routing.AgeBand) {
		if !quick || bands[0].Points == acd.MaxPoints {
			out = append(out, bands)
		}
	}
	for _, fresh := range []int{6, acd.MaxPoints} {
		for _, then := range []int{1, 3, 5} {
			for _, end := range []time.Duration{105 * time.Second, 150 * time.Second} {
				add(routing.AgeBand{From: 0, Points: fresh}, routing.AgeBand{From: serviceLevel, Points: then}, routing.AgeBand{From: end, Points: 0})
			}
		}
	}
	for _, end := range []time.Duration{100 * time.Second, 140 * time.Second, 200 * time.Second, 300 * time.Second} {
		bands := []routing.AgeBand{{From: 0, Points: acd.MaxPoints}}
		step := (end - serviceLevel) / 4
		for k := range 5 {
			bands = append(bands, routing.AgeBand{From: serviceLevel + time.Duration(k)*step, Points: 8 - 2*k})
		}
		add(bands...)
	}
	return out
}

func bandsText(bands []routing.AgeBand) string {
	var parts []string
	for _, b := range bands {
		parts = append(parts, fmt.Sprintf("from %s %d points", b.From, b.Points))
	}
	return strings.Join(parts, ", ")
}

func upTo(n int) []uint64 {
	var out []uint64
	for i := range n {
		out = append(out, uint64(i+1))
	}
	return out
}

// goals says which goals the best policy reaches on the second half of the month.
func (r *traceReport) goals() {
	i := slices.IndexFunc(r.Second, func(p played) bool { return p.Name == "best policy" })
	k := slices.IndexFunc(r.Second, func(p played) bool { return p.Name == "model of app_queue" })
	best, model := r.Second[i], r.Second[k]
	say := func(what string, reached bool) {
		word := "reached"
		if !reached {
			word = "NOT reached"
		}
		r.Goals += fmt.Sprintf("%s: %s\n", what, word)
	}
	level, abandon, p95 := best.mean("qs_20"), best.mean("abandon_gross"), best.mean("asa_p95")
	say(fmt.Sprintf("service level %.1f %%, goal at least %.0f %%", level, goalLevel), level >= goalLevel)
	say(fmt.Sprintf("abandonment %.2f %% of all callers, goal at most %.1f %%", abandon, goalAbandon), abandon <= goalAbandon)
	say(fmt.Sprintf("p95 %.0f s, goal no worse than the model's %.0f s", p95, model.mean("asa_p95")), p95 <= model.mean("asa_p95"))
	say(fmt.Sprintf("p95 %.0f s, goal at most %.0f s", p95, goalP95), p95 <= goalP95)
}

func (r *traceReport) text(w io.Writer) error {
	fmt.Fprintln(w, "Data: \"Anonymous Bank\" call centre, February 1999, published by the Technion (A. Mandelbaum and colleagues, Service Enterprise Engineering).")
	fmt.Fprintf(w, "%d seeds; ± is half of the 95 %% interval; agents' breaks: gaps of more than %s.\nChosen on days 1 to %d: %s.\n", r.Seeds, r.Gap, half, r.Chosen)
	for _, part := range []struct {
		title string
		rows  []played
	}{{"second half of the month (days 15 to 28)", r.Second}, {"first half (weights chosen here)", r.First}, {"whole month", r.Whole}} {
		fmt.Fprintf(w, "\n%s\n", part.title)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "way\tservice level 20 s\tabandonment\tabandonment, all\tASA s\tp95 s\tp99 s\tlongest s\toccupancy")
		for _, p := range part.rows {
			cells := []string{p.Name}
			for _, key := range []string{"qs_20", "abandon_net", "abandon_gross", "asa", "asa_p95", "asa_p99", "longest_wait", "occupancy"} {
				f, _ := p.Figures.Figure(key)
				digits := 1
				if strings.HasPrefix(key, "abandon") {
					digits = 2
				}
				cells = append(cells, strconv.FormatFloat(f.Mean, 'f', digits, 64)+halfText(f, digits))
			}
			fmt.Fprintln(t, strings.Join(cells, "\t"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\nGoals of the best policy, on the second half:\n%s", r.Goals)
	return err
}

func halfText(f planning.SimFigure, digits int) string {
	if f.High == nil {
		return ""
	}
	return " ± " + strconv.FormatFloat(*f.High-f.Mean, 'f', digits, 64)
}
