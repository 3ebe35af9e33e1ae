package planning

import (
	"cmp"
	"math"
	"slices"
	"time"

	"accueil/acd"
	"accueil/history"
	"accueil/routing/sim"
)

// SimInterval is an estimate over the seeds with its 95 % confidence interval; low and high are null
// with one seed.
type SimInterval struct {
	Mean float64  `json:"mean"`
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
	N    int      `json:"seeds"`
}

func simInterval(i sim.Interval) SimInterval {
	out := SimInterval{Mean: i.Mean, N: i.N}
	if !math.IsNaN(i.Half) {
		low, high := i.Low(), i.High()
		out.Low, out.High = &low, &high
	}
	return out
}

// half is half the width; 0 without an interval.
func (i SimInterval) half() float64 {
	if i.High == nil {
		return 0
	}
	return *i.High - i.Mean
}

// certain reports whether the interval leaves 0 out: the difference is more than chance.
func (i SimInterval) certain() bool { return i.Low != nil && (*i.Low > 0 || *i.High < 0) }

// SimFigure is one figure: a formula of the history's under its own name, or a count for a day.
type SimFigure struct {
	Key  string `json:"key"`
	Unit string `json:"unit"` // percent, seconds, a_day, hours_a_day
	SimInterval
}

// SimGroup is one row of a division.
type SimGroup struct {
	Key     string      `json:"key"`
	Figures []SimFigure `json:"figures"`
}

// Figure returns the figure of that key; false when nothing defines it here.
func (g SimGroup) Figure(key string) (SimFigure, bool) {
	i := slices.IndexFunc(g.Figures, func(f SimFigure) bool { return f.Key == key })
	if i < 0 {
		return SimFigure{}, false
	}
	return g.Figures[i], true
}

// Units of what is not a formula of the history's.
const (
	unitADay  = "a_day"
	unitHours = "hours_a_day"
)

// Counts for a day.
const (
	simContacts  = "contacts"
	simQueued    = "queued"
	simAnswered  = "answered"
	simAbandoned = "abandoned"
	simOverflow  = "overflow" // sent elsewhere from the queue
	simRefused   = "refused"  // that no queue took
	simAtWork    = "at_work"  // hours
)

// simKeys are the figures of a simulation, in the order in which they are shown. Those that carry a
// threshold follow their formula's name.
var simKeys = []string{simContacts, simQueued, simAnswered, simAbandoned, simOverflow, simRefused, simAtWork,
	"decroche_net", "decroche_gross", "abandon_net", "abandon_gross", "qs", "asa", "asa_p50", "asa_p90", "asa_p95", "asa_p99", "asa_max",
	"asa_line", "abandon_delay", "longest_wait", "aht", "acw", "occupancy"}

// simValue is a figure of one seed.
type simValue struct {
	unit     string
	value    float64
	num, den float64 // where it is a ratio
	ratio    bool
	scale    float64 // of the ratio
}

// simRow is the figures of a group in one seed; a figure that nothing defines is absent.
type simRow map[string]simValue

// SimSample is what one seed gave: the figures of all its days together, by division and key.
type SimSample map[simDivision]map[string]simRow

// simDivision is a way to divide the figures.
type simDivision string

// The divisions.
const (
	simTotal    simDivision = "total"
	simReasons  simDivision = "reason"
	simAgents   simDivision = "agent"
	simHalfHour simDivision = "half_hour"
)

var simDivisions = []simDivision{simTotal, simReasons, simAgents, simHalfHour}

// SimThresholds are the reader's choices, as for any report.
type SimThresholds struct {
	ShortAbandon time.Duration
	ServiceLevel []time.Duration
	TZ           *time.Location
}

// MeasureRuns computes the figures of the days of one seed with the formulas of the history: a
// simulated contact is counted as a real one would be.
func MeasureRuns(days []*sim.Day, runs []sim.Run, th SimThresholds) (SimSample, error) {
	var records []history.Record
	var spans []history.Span
	for i, d := range days {
		records, spans = simRecords(records, d, runs[i]), simSpans(spans, d, runs[i])
	}
	params := history.Params{ShortAbandon: th.ShortAbandon, ServiceLevel: th.ServiceLevel, TZ: th.TZ}
	out, n := SimSample{}, float64(len(days))
	for by, division := range map[history.By]simDivision{history.ByReason: simReasons, history.ByHalfHour: simHalfHour} {
		params.By = by
		report, err := history.NewReport(records, spans, params)
		if err != nil {
			return nil, err
		}
		out[division] = map[string]simRow{}
		for _, g := range report.Groups {
			key := g.Key
			if t, err := time.Parse(time.RFC3339, key); err == nil {
				key = t.Format("15:04")
			}
			out[division][key] = simFigures(g, n)
		}
		out[simTotal] = map[string]simRow{"": simFigures(report.Total, n)}
	}
	var err error
	out[simAgents], err = simAgentRows(records, spans, params, n)
	return out, err
}

// simFigures takes the figures of a group of a report; counts are for a day.
func simFigures(g history.Group, days float64) simRow {
	row := simRow{}
	c := g.Counts
	for key, count := range map[string]int{simContacts: c.Received, simQueued: c.Q, simAnswered: c.A, simAbandoned: c.B, simOverflow: c.O, simRefused: c.D + c.T} {
		row[key] = simValue{unit: unitADay, value: float64(count) / days}
	}
	for _, f := range g.Figures {
		if f.Value == nil {
			continue
		}
		v := simValue{unit: f.Unit, value: *f.Value}
		if f.Num != nil && *f.Den > 0 {
			v.num, v.den, v.ratio, v.scale = *f.Num, *f.Den, true, 1
			if f.Unit == history.UnitPercent {
				v.scale = 100
			}
		}
		row[f.Key] = v
	}
	return row
}

// simAgentRows gives each agent's figures.
func simAgentRows(records []history.Record, spans []history.Span, p history.Params, days float64) (map[string]simRow, error) {
	p.By = history.ByNone
	own := map[acd.AgentID][]history.Span{}
	var end acd.Instant
	for _, s := range spans {
		own[s.Agent] = append(own[s.Agent], s)
		end = max(end, s.To)
	}
	for _, r := range records {
		end = max(end, r.Ended)
	}
	out := map[string]simRow{}
	for _, t := range history.AgentTimes(records, spans, 0, end+1, end+1) {
		report, err := history.NewReport(nil, own[t.Agent], p)
		if err != nil {
			return nil, err
		}
		row := simFigures(report.Total, days)
		out[string(t.Agent)] = simRow{
			simAnswered: {unit: unitADay, value: float64(t.Calls) / days},
			simAtWork:   {unit: unitHours, value: t.Login.Hours() / days},
		}
		if v, ok := row["occupancy"]; ok {
			out[string(t.Agent)]["occupancy"] = v
		}
	}
	return out, nil
}

// simRecords adds the records that the system would keep of these contacts.
func simRecords(out []history.Record, d *sim.Day, run sim.Run) []history.Record {
	out = slices.Grow(out, len(run.Results))
	for i, r := range run.Results {
		c := &d.Contacts[i]
		rec := history.Record{
			Reason: c.Reason, Arrived: c.Arrived, LeftMenu: c.Enqueued, Points: c.Points, Offers: int(r.Offers),
			Ended: r.Ended, Outcome: r.Outcome, Phase: acd.LegMenu,
		}
		if r.Queue != "" {
			rec.Queue, rec.FirstQueue, rec.Enqueued, rec.Dequeued, rec.Phase = r.Queue, c.Queue, c.Enqueued, r.Left, acd.LegQueued
		}
		if r.Outcome == acd.Answered {
			rec.Agent, rec.Bridged, rec.Phase = d.Agents[r.Agent].ID, r.Left, acd.LegTalking
			if !r.Rested.Never() {
				rec.ACWBegan, rec.ACWEnded = r.Ended, r.Rested
			}
		}
		out = append(out, rec)
	}
	return out
}

func simSpans(out []history.Span, d *sim.Day, run sim.Run) []history.Span {
	out = slices.Grow(out, len(run.Spans))
	for _, s := range run.Spans {
		out = append(out, history.Span{Agent: d.Agents[s.Agent].ID, State: s.State, From: s.From, To: s.To})
	}
	return out
}

// simSummary gives the groups of a division over all seeds.
func simSummary(samples []SimSample, division simDivision) []SimGroup {
	var out []SimGroup
	for _, key := range simGroupKeys(division, samples) {
		g := SimGroup{Key: key}
		for _, name := range simFigureKeys(division, key, samples) {
			if f, ok := simEstimate(name, simSeries(samples, division, key, name)); ok {
				g.Figures = append(g.Figures, f)
			}
		}
		out = append(out, g)
	}
	return out
}

// simGroupKeys are the groups of a division in any of the samples, sorted.
func simGroupKeys(division simDivision, samples ...[]SimSample) []string {
	seen := map[string]bool{}
	for _, list := range samples {
		for _, s := range list {
			for key := range s[division] {
				seen[key] = true
			}
		}
	}
	return sortedKeys(seen)
}

// simFigureKeys are the figures that the group has in any of the samples, in the order of simKeys.
func simFigureKeys(division simDivision, group string, samples ...[]SimSample) []string {
	seen := map[string]bool{}
	for _, list := range samples {
		for _, s := range list {
			for name := range s[division][group] {
				if simRank(name) >= 0 {
					seen[name] = true
				}
			}
		}
	}
	names := sortedKeys(seen)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(simRank(a), simRank(b)) })
	return names
}

// simRank is the place of a figure in simKeys, its threshold aside; -1 for one that is not shown.
func simRank(name string) int {
	if i := slices.Index(simKeys, name); i >= 0 {
		return i
	}
	formula, _, _ := cutThreshold(name)
	if formula == "" {
		return -1
	}
	return slices.Index(simKeys, formula)
}

// cutThreshold takes the threshold off the key of a figure: qs_20 is qs at 20.
func cutThreshold(name string) (formula, threshold string, ok bool) {
	for i := range len(name) - 1 {
		if name[i] == '_' && name[i+1] >= '0' && name[i+1] <= '9' {
			return name[:i], name[i+1:], true
		}
	}
	return "", "", false
}

// simSeries is a figure of a group in each of the samples; zero values stand where it is not defined,
// and for a ratio these add nothing.
func simSeries(samples []SimSample, division simDivision, group, name string) []simValue {
	out := make([]simValue, len(samples))
	for i, s := range samples {
		out[i] = s[division][group][name]
	}
	return out
}

// simEstimate joins a figure's values of all seeds: a ratio from the sums, anything else by its mean.
func simEstimate(name string, values []simValue) (SimFigure, bool) {
	f := SimFigure{Key: name}
	scale, ratio := 1.0, false
	var nums, dens, plain []float64
	for _, v := range values {
		nums, dens = append(nums, v.num), append(dens, v.den)
		if v.unit == "" {
			continue
		}
		f.Unit = v.unit
		plain = append(plain, v.value)
		if v.ratio {
			ratio, scale = true, v.scale
		}
	}
	switch {
	case ratio:
		f.SimInterval = simInterval(times(sim.Ratio(nums, dens), scale))
	case f.Unit == unitADay || f.Unit == unitHours:
		// A group without any contact on a day had none of them.
		for len(plain) < len(values) {
			plain = append(plain, 0)
		}
		f.SimInterval = simInterval(sim.Estimate(plain))
	case len(plain) > 0:
		f.SimInterval = simInterval(sim.Estimate(plain))
	default:
		return f, false
	}
	return f, true
}

// simDifference joins the differences of a figure, seed by seed.
func simDifference(name string, a, b []simValue) (SimFigure, bool) {
	f := SimFigure{Key: name}
	scale, ratio, count := 1.0, false, false
	var numsA, densA, numsB, densB, plainA, plainB []float64
	for i := range a {
		unit := cmp.Or(a[i].unit, b[i].unit)
		if unit == "" {
			continue
		}
		f.Unit = unit
		count = unit == unitADay || unit == unitHours
		numsA, densA = append(numsA, a[i].num), append(densA, a[i].den)
		numsB, densB = append(numsB, b[i].num), append(densB, b[i].den)
		if v := cmp.Or(a[i].scale, b[i].scale); v != 0 {
			ratio, scale = true, v
		}
		if count || a[i].unit != "" && b[i].unit != "" {
			plainA, plainB = append(plainA, a[i].value), append(plainB, b[i].value)
		}
	}
	switch {
	case ratio:
		if sum(densA) == 0 || sum(densB) == 0 {
			return f, false
		}
		f.SimInterval = simInterval(times(sim.RatioDifference(numsA, densA, numsB, densB), scale))
	case len(plainA) > 0:
		f.SimInterval = simInterval(sim.Difference(plainA, plainB))
	default:
		return f, false
	}
	return f, true
}

func times(i sim.Interval, scale float64) sim.Interval {
	return sim.Interval{Mean: scale * i.Mean, Half: scale * i.Half, N: i.N}
}

func sum(values []float64) float64 {
	var s float64
	for _, v := range values {
		s += v
	}
	return s
}

// JoinSamples gives the figures of the whole over the seeds of the samples.
func JoinSamples(samples []SimSample) SimGroup { return simSummary(samples, simTotal)[0] }
