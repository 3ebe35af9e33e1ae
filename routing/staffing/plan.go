package staffing

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Row is one half hour of a plan.
type Row struct {
	Demand
	Outcome
	Erlangs   float64
	Scheduled int    // people on the rota, shrinkage added
	Peak      bool   // among the half hours that need most
	Warning   string // what the figures of this row do not say; "" for nothing
}

// Solver finds the outcome of a half hour.
type Solver func(Demand) (Outcome, error)

// Aim is the solver that looks for the fewest agents which meet a target by a model.
func Aim(m Model, t Target, patience time.Duration) Solver {
	return func(d Demand) (Outcome, error) { return Least(m, d.load(patience), t) }
}

// Given is the solver for a number of agents that is given.
func Given(m Model, agents int, patience, within time.Duration) Solver {
	return func(d Demand) (Outcome, error) { return m(d.load(patience), agents, within) }
}

func (d Demand) load(patience time.Duration) Load {
	return Load{Rate: d.rate(), Handling: d.Handling, Patience: patience}
}

// Plan solves each demand. Shrinkage is the share of paid time that people are not at their phones.
func Plan(demands []Demand, solve Solver, shrinkage float64) ([]Row, error) {
	if !(shrinkage >= 0 && shrinkage < 1) {
		return nil, fmt.Errorf("shrinkage %g is not from 0 to below 1", shrinkage)
	}
	rows := make([]Row, 0, len(demands))
	for _, d := range demands {
		if err := d.Validate(); err != nil {
			return nil, fmt.Errorf("%s %s: %w", Clock(d.Start), d.Reason, err)
		}
		o, err := solve(d)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", Clock(d.Start), d.Reason, err)
		}
		r := Row{Demand: d, Outcome: o, Erlangs: d.load(0).Erlangs(), Scheduled: Scheduled(o.Agents, shrinkage)}
		if !o.Stable {
			r.Warning = fmt.Sprintf("Erlang C has no solution: %.1f erlangs of work for %d agents; the queue would grow without end. Erlang A, which lets callers hang up, has one", r.Erlangs, o.Agents)
		}
		rows = append(rows, r)
	}
	markPeaks(rows)
	return rows, nil
}

// peakShare is how close to the busiest half hour of its reason a half hour must come to be a peak.
const peakShare = 0.9

// markPeaks marks, for each reason, the half hours whose work is at least peakShare of the greatest.
func markPeaks(rows []Row) {
	most := map[string]float64{}
	for _, r := range rows {
		most[r.Reason] = math.Max(most[r.Reason], r.Erlangs)
	}
	for i := range rows {
		rows[i].Peak = rows[i].Erlangs > 0 && rows[i].Erlangs >= peakShare*most[rows[i].Reason]
	}
}

// Total is a plan in a few figures.
type Total struct {
	Calls      float64
	Most       int           // agents in the half hour that needs most, all reasons together
	MostAt     time.Duration // the first such half hour
	AgentHours float64       // at their phones
	RotaHours  float64       // on the rota
	Answered   float64       // share of all calls
	Abandon    float64
	Unsolved   int // half hours without a steady state; their calls are in no share
}

// Sum adds the rows of a plan up; shares are weighted by calls.
func Sum(rows []Row) Total {
	var t Total
	solved := 0.0
	at := map[time.Duration]int{}
	for _, r := range rows {
		t.Calls += r.Calls
		t.AgentHours += float64(r.Agents) * HalfHour.Hours()
		t.RotaHours += float64(r.Scheduled) * HalfHour.Hours()
		at[r.Start] += r.Agents
		if !r.Stable {
			t.Unsolved++
			continue
		}
		solved += r.Calls
		t.Abandon += r.Abandon * r.Calls
	}
	starts := make([]time.Duration, 0, len(at))
	for s := range at {
		starts = append(starts, s)
	}
	slices.Sort(starts)
	for _, s := range starts {
		if at[s] > t.Most {
			t.Most, t.MostAt = at[s], s
		}
	}
	if solved > 0 {
		t.Abandon /= solved
		t.Answered = 1 - t.Abandon
	}
	return t
}
