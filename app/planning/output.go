package planning

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"accueil/history"
)

// Simulation is what a simulation found.
type Simulation struct {
	Notes          []string           `json:"supposed"` // what the figures rest on
	Seeds          int                `json:"seeds"`
	FirstSeed      uint64             `json:"first_seed"`
	ShortAbandon   float64            `json:"short_abandon_s"`
	ServiceLevel   []float64          `json:"service_level_s"`
	FormulaVersion int                `json:"formula_version"`
	Sides          []SimulationSide   `json:"sides"`
	Difference     *SimulationFigures `json:"difference,omitempty"` // the second side less the first, seed by seed
	Formulas       []history.Formula  `json:"formulas"`

	contacts int
	took     time.Duration
}

// SimulationSide is one of the plans that were played.
type SimulationSide struct {
	Name string `json:"name"`
	SimulationFigures
}

// SimulationFigures are the figures by division.
type SimulationFigures struct {
	Total     SimGroup   `json:"total"`
	Reasons   []SimGroup `json:"by_reason"`
	Agents    []SimGroup `json:"by_agent"`
	HalfHours []SimGroup `json:"by_half_hour"`
}

// groups gives the groups of a division.
func (f SimulationFigures) groups(d simDivision) []SimGroup {
	switch d {
	case simReasons:
		return f.Reasons
	case simAgents:
		return f.Agents
	case simHalfHour:
		return f.HalfHours
	}
	return []SimGroup{f.Total}
}

func newSimulation(o SimulateOptions, sides []simSide, samples [][]SimSample, contacts int, took time.Duration) *Simulation {
	s := &Simulation{
		Seeds: o.Seeds, FirstSeed: o.FirstSeed, ShortAbandon: o.ShortAbandon.Seconds(), FormulaVersion: history.FormulaVersion,
		contacts: contacts, took: took,
	}
	levels := o.ServiceLevel
	if len(levels) == 0 {
		levels = history.DefaultServiceLevel()
	}
	for _, l := range levels {
		s.ServiceLevel = append(s.ServiceLevel, l.Seconds())
	}
	for _, f := range history.Formulas() {
		if simRank(f.Key) >= 0 {
			s.Formulas = append(s.Formulas, f)
		}
	}
	for i, side := range sides {
		name := side.name
		for _, n := range side.notes {
			if len(sides) > 1 {
				n = name + ": " + n
			}
			s.Notes = append(s.Notes, n)
		}
		s.Sides = append(s.Sides, SimulationSide{name, figuresOf(func(d simDivision) []SimGroup { return simSummary(samples[i], d) })})
	}
	s.Notes = append(s.Notes, "no misses, refusals, transfers, callbacks or repeated calls are simulated")
	if len(sides) == 2 {
		f := figuresOf(func(d simDivision) []SimGroup { return simDifferences(samples[0], samples[1], d) })
		s.Difference = &f
	}
	return s
}

func figuresOf(of func(simDivision) []SimGroup) SimulationFigures {
	f := SimulationFigures{Reasons: of(simReasons), Agents: of(simAgents), HalfHours: of(simHalfHour)}
	if total := of(simTotal); len(total) > 0 {
		f.Total = total[0]
	}
	return f
}

// simDifferences gives the groups of a division: b less a.
func simDifferences(a, b []SimSample, division simDivision) []SimGroup {
	var out []SimGroup
	for _, key := range simGroupKeys(division, a, b) {
		g := SimGroup{Key: key}
		for _, name := range simFigureKeys(division, key, a, b) {
			if f, ok := simDifference(name, simSeries(a, division, key, name), simSeries(b, division, key, name)); ok {
				g.Figures = append(g.Figures, f)
			}
		}
		out = append(out, g)
	}
	return out
}

// JSON writes everything.
func (s *Simulation) JSON(out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(s)
}

// CSV writes one line for each figure; what is supposed comes first, as comments.
func (s *Simulation) CSV(out io.Writer) error {
	for _, n := range s.Notes {
		if _, err := fmt.Fprintln(out, "# "+n); err != nil {
			return err
		}
	}
	w := csv.NewWriter(out)
	_ = w.Write([]string{"side", "division", "group", "figure", "unit", "mean", "low", "high", "seeds"})
	write := func(side string, f SimulationFigures) {
		for _, d := range simDivisions {
			for _, g := range f.groups(d) {
				for _, x := range g.Figures {
					_ = w.Write([]string{side, string(d), g.Key, x.Key, x.Unit, csvNumber(&x.Mean), csvNumber(x.Low), csvNumber(x.High), strconv.Itoa(x.N)})
				}
			}
		}
	}
	for _, side := range s.Sides {
		write(side.Name, side.SimulationFigures)
	}
	if s.Difference != nil {
		write("difference", *s.Difference)
	}
	w.Flush()
	return w.Error()
}

func csvNumber(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', 4, 64)
}

// Table writes the figures for people.
func (s *Simulation) Table(out io.Writer) error {
	var b strings.Builder
	for _, n := range s.Notes {
		fmt.Fprintln(&b, "# "+n)
	}
	fmt.Fprintf(&b, "# %d seeds from %d; mean and half of the 95 %% interval; short abandonments: within %g s\n", s.Seeds, s.FirstSeed, s.ShortAbandon)
	if s.Difference != nil {
		s.compared(&b)
	} else {
		s.alone(&b, s.Sides[0])
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// Speed tells how fast the simulation was, for who watches it.
func (s *Simulation) Speed() string {
	return fmt.Sprintf("%d contacts in %.1f s: %.1f million a minute", s.contacts, s.took.Seconds(), float64(s.contacts)/s.took.Minutes()/1e6)
}

func (s *Simulation) alone(b *strings.Builder, side SimulationSide) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, f := range side.Total.Figures {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Key, simText(f), s.label(f.Key))
	}
	_ = w.Flush() // a strings.Builder takes everything
	s.divisions(b, side.SimulationFigures, func(f SimFigure) string { return simText(f) })
}

// divisions writes a table for reasons and one for agents, a few figures each.
func (s *Simulation) divisions(b *strings.Builder, f SimulationFigures, text func(SimFigure) string) {
	level := "qs_" + s.threshold(0)
	for _, d := range []struct {
		title string
		of    simDivision
		keys  []string
	}{
		{"reason", simReasons, []string{simQueued, "decroche_net", "abandon_net", level, "asa", "asa_p50", "asa_p95", "asa_p99", "longest_wait"}},
		{"agent", simAgents, []string{simAnswered, simAtWork, "occupancy"}},
	} {
		fmt.Fprintln(b)
		w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprint(w, d.title+"\t"+strings.Join(d.keys, "\t")+"\t\n")
		for _, g := range f.groups(d.of) {
			fmt.Fprint(w, g.Key)
			for _, k := range d.keys {
				cell := "-"
				if x, ok := g.Figure(k); ok {
					cell = text(x)
				}
				fmt.Fprint(w, "\t"+cell)
			}
			fmt.Fprint(w, "\t\n")
		}
		_ = w.Flush()
	}
}

func (s *Simulation) compared(b *strings.Builder) {
	first, second := s.Sides[0], s.Sides[1]
	fmt.Fprintf(b, "# a: %s\n# b: %s\n# b - a from the same callers in each seed; (chance): the interval holds 0\n", first.Name, second.Name)
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "figure\ta\tb\tb - a\t\t\n")
	for _, d := range s.Difference.Total.Figures {
		cell := func(g SimGroup) string {
			if f, ok := g.Figure(d.Key); ok {
				return simText(f)
			}
			return "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\n", d.Key, cell(first.Total), cell(second.Total), simSigned(d), simChance(d))
	}
	_ = w.Flush()
	fmt.Fprint(b, "\nb - a\n")
	s.divisions(b, *s.Difference, func(f SimFigure) string { return simSigned(f) })
}

// simChance says what cannot be told from chance, and what does not differ at all.
func simChance(f SimFigure) string {
	switch {
	case f.Mean == 0 && f.half() == 0:
		return "(same)"
	case f.certain():
		return ""
	}
	return "(chance)"
}

// threshold is the i-th service level as keys carry it.
func (s *Simulation) threshold(i int) string {
	return strings.ReplaceAll(strconv.FormatFloat(s.ServiceLevel[i], 'f', -1, 64), ".", "_")
}

// labels of what is no formula of the history's, in English and French.
var simLabels = map[string][2]string{
	simContacts:  {"contacts a day", "contacts par jour"},
	simQueued:    {"entered a queue, a day", "présentés par jour"},
	simAnswered:  {"answered, a day", "décrochés par jour"},
	simAbandoned: {"gave up in a queue, a day", "abandons par jour"},
	simOverflow:  {"sent elsewhere from a queue, a day", "débordements par jour"},
	simRefused:   {"taken by no queue, a day", "refusés par jour"},
	simAtWork:    {"hours at work, a day", "heures de présence par jour"},
}

// label says what a figure is, in English.
func (s *Simulation) label(key string) string { return s.labels(key)[0] }

// labels says it in English and French.
func (s *Simulation) labels(key string) [2]string {
	if l, ok := simLabels[key]; ok {
		return l
	}
	for _, f := range s.Formulas {
		if f.Key == key {
			return [2]string{f.English, f.French}
		}
		if formula, threshold, ok := cutThreshold(key); ok && f.Timed && f.Key == formula {
			t := strings.ReplaceAll(threshold, "_", ".")
			return [2]string{strings.Replace(f.English, " T", " "+t+" s", 1), strings.Replace(f.French, " T", " "+t+" s", 1)}
		}
	}
	return [2]string{key, key}
}

// simDigits is how many decimals a figure is shown with.
func simDigits(f SimFigure) int {
	if f.Unit == history.UnitPercent {
		return 2
	}
	return 1
}

func simUnit(f SimFigure) string {
	switch f.Unit {
	case history.UnitPercent:
		return " %"
	case history.UnitSeconds:
		return " s"
	case unitHours:
		return " h"
	}
	return ""
}

func simText(f SimFigure) string {
	n := simDigits(f)
	if f.High == nil {
		return fmt.Sprintf("%.*f%s", n, f.Mean, simUnit(f))
	}
	return fmt.Sprintf("%.*f%s ± %.*f", n, f.Mean, simUnit(f), n, f.half())
}

// simSigned writes a difference; that of two percentages is in points.
func simSigned(f SimFigure) string {
	n, unit := simDigits(f), simUnit(f)
	if f.Unit == history.UnitPercent {
		unit = " pt"
	}
	if f.High == nil {
		return fmt.Sprintf("%+.*f%s", n, f.Mean, unit)
	}
	return fmt.Sprintf("%+.*f%s ± %.*f", n, f.Mean, unit, n, f.half())
}
