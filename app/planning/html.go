package planning

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"accueil/history"
)

//go:embed simulate.html
var simPageText string

var simPage = template.Must(template.New("simulate").Parse(simPageText))

// HTML writes one page that loads nothing from anywhere: the figures as charts, each with its table.
// French comes first.
func (s *Simulation) HTML(out io.Writer) error {
	return simPage.Execute(out, simPageData{
		Simulation: s,
		Total:      s.totalTable(),
		Charts:     s.charts(),
	})
}

type simPageData struct {
	*Simulation
	Total  simTable
	Charts []simChart
}

// simTable is a table: headings, then rows of as many cells.
type simTable struct {
	Head []string
	Rows [][]string
}

// simChart is a chart, laid out: everything in the units of its view box.
type simChart struct {
	ID            int
	French        string
	English       string
	Width, Height float64
	Bars          []simBar
	Lines         []simLine
	Texts         []simMark
	Series        []simLegend // more than one: shown
	Table         simTable
	Axis          string // what the values are
}

type simBar struct {
	X, Y, W, H float64
	Series     int
	Title      string
}

type simLine struct {
	X1, Y1, X2, Y2 float64
	Class          string
}

type simMark struct {
	X, Y   float64
	Anchor string
	Text   string
}

type simLegend struct {
	Series int
	Name   string
}

// simSeriesOf is one series of a chart: a figure in each group of a division.
type simSeriesOf struct {
	name   string
	groups []SimGroup
	key    string
}

// charts are the charts of the page.
func (s *Simulation) charts() []simChart {
	level := "qs_" + s.threshold(0)
	var out []simChart
	add := func(division simDivision, french, english string, keys ...string) {
		var series []simSeriesOf
		for i := range s.Sides {
			for _, k := range keys {
				name := s.sideName(i)
				if len(keys) > 1 {
					name += " " + s.labels(k)[1]
				}
				series = append(series, simSeriesOf{name, s.Sides[i].groups(division), k})
			}
		}
		if c, ok := s.chart(french, english, division, series); ok {
			c.ID = len(out)
			out = append(out, c)
		}
	}
	add(simHalfHour, "Appels présentés par demi-heure", "Calls that entered a queue, by half hour", simQueued)
	add(simHalfHour, capital(s.labels(level)[1])+" par demi-heure", capital(s.labels(level)[0])+" by half hour", level)
	add(simHalfHour, "Taux de décroché par demi-heure", "Answer rate by half hour", "decroche_net")
	waits := []string{"asa_p50", "asa_p95", "asa_p99"}
	if len(s.Sides) > 1 {
		waits = []string{"asa_p95"}
	}
	add(simReasons, "Attente avant réponse, par motif", "Speed of answer, by reason", waits...)
	add(simReasons, "Taux d'abandon par motif", "Abandonment by reason", "abandon_net")
	add(simAgents, "Taux d'occupation par agent", "Occupancy by agent", "occupancy")
	return out
}

// capital writes a label as a heading.
func capital(label string) string {
	first, size := utf8.DecodeRuneInString(label)
	return string(unicode.ToUpper(first)) + label[size:]
}

// sideName tells the sides apart: by their files, or by a letter where these have one name.
func (s *Simulation) sideName(i int) string {
	if len(s.Sides) == 1 {
		return ""
	}
	return string(rune('a'+i)) + " (" + s.Sides[i].Name + ")"
}

// chart lays a chart out; false when nothing has a value.
func (s *Simulation) chart(french, english string, division simDivision, series []simSeriesOf) (simChart, bool) {
	var categories []string
	for _, x := range series {
		for _, g := range x.groups {
			if _, ok := g.Figure(x.key); ok && !slices.Contains(categories, g.Key) {
				categories = append(categories, g.Key)
			}
		}
	}
	if len(categories) == 0 {
		return simChart{}, false
	}
	slices.Sort(categories)
	c := simChart{French: french, English: english, Table: simTable{Head: []string{map[simDivision]string{
		simHalfHour: "demi-heure · half hour", simReasons: "motif · reason", simAgents: "agent"}[division]}}}
	values := make([][]*SimFigure, len(series)) // by series and category
	most := 0.0
	for i, x := range series {
		c.Series = append(c.Series, simLegend{i, x.name})
		c.Table.Head = append(c.Table.Head, fmt.Sprintf("%s %s", x.name, s.labels(x.key)[1]))
		values[i] = make([]*SimFigure, len(categories))
		for k, category := range categories {
			for _, g := range x.groups {
				if f, ok := g.Figure(x.key); ok && g.Key == category {
					values[i][k] = &f
					most = max(most, f.Mean+f.half())
					c.Axis = map[string]string{history.UnitPercent: "%", history.UnitSeconds: "s", unitADay: "par jour · a day", unitHours: "h"}[f.Unit]
				}
			}
		}
	}
	for k, category := range categories {
		row := []string{category}
		for i := range series {
			cell := "–"
			if values[i][k] != nil {
				cell = simText(*values[i][k])
			}
			row = append(row, cell)
		}
		c.Table.Rows = append(c.Table.Rows, row)
	}
	if c.Axis == "%" { // an interval around a figure of nearly all reaches beyond what there is
		most = min(most, 100)
	}
	step := niceStep(most / 4)
	top := step * math.Ceil(max(most, step)/step)
	if division == simHalfHour {
		c.columns(categories, values, top, step)
	} else {
		c.rows(categories, values, top, step)
	}
	return c, true
}

// The measures of a chart.
const (
	chartWidth  = 760.0
	chartLeft   = 44.0 // of the columns, for their scale
	chartNames  = 150.0
	chartHeight = 240.0
	chartFoot   = 26.0
	barHeight   = 13.0
)

// columns lays groups out from left to right.
func (c *simChart) columns(categories []string, values [][]*SimFigure, top, step float64) {
	c.Width, c.Height = chartWidth, chartHeight
	bottom := chartHeight - chartFoot
	y := func(v float64) float64 { return bottom - v/top*(bottom-10) }
	for v := 0.0; v <= top+step/2; v += step {
		c.Lines = append(c.Lines, simLine{chartLeft, y(v), chartWidth, y(v), "grid"})
		c.Texts = append(c.Texts, simMark{chartLeft - 6, y(v) + 4, "end", simTick(v)})
	}
	slot := (chartWidth - chartLeft) / float64(len(categories))
	width := slot * 0.8 / float64(len(values))
	for k, category := range categories {
		x := chartLeft + slot*float64(k)
		if len(categories) <= 12 || k%max(1, len(categories)/10) == 0 {
			c.Texts = append(c.Texts, simMark{x + slot/2, chartHeight - 8, "middle", category})
		}
		for i := range values {
			f := values[i][k]
			if f == nil {
				continue
			}
			left := x + slot*0.1 + width*float64(i)
			c.Bars = append(c.Bars, simBar{left, y(f.Mean), width, bottom - y(f.Mean), i, category + ": " + simText(*f)})
			c.whisker(left+width/2, y(max(0, f.Mean-f.half())), left+width/2, y(min(top, f.Mean+f.half())), *f)
		}
	}
}

// rows lays groups out from top to bottom.
func (c *simChart) rows(categories []string, values [][]*SimFigure, top, step float64) {
	slot := barHeight*float64(len(values)) + 9
	c.Width, c.Height = chartWidth, slot*float64(len(categories))+chartFoot
	x := func(v float64) float64 { return chartNames + v/top*(chartWidth-chartNames-20) }
	for v := 0.0; v <= top+step/2; v += step {
		c.Lines = append(c.Lines, simLine{x(v), 0, x(v), c.Height - chartFoot, "grid"})
		c.Texts = append(c.Texts, simMark{x(v), c.Height - 8, "middle", simTick(v)})
	}
	for k, category := range categories {
		y := slot * float64(k)
		c.Texts = append(c.Texts, simMark{chartNames - 8, y + slot/2 + 1, "end", category})
		for i := range values {
			f := values[i][k]
			if f == nil {
				continue
			}
			at := y + 2 + barHeight*float64(i)
			c.Bars = append(c.Bars, simBar{chartNames, at, x(f.Mean) - chartNames, barHeight - 2, i, category + ": " + simText(*f)})
			c.whisker(x(max(0, f.Mean-f.half())), at+barHeight/2-1, x(min(top, f.Mean+f.half())), at+barHeight/2-1, *f)
		}
	}
}

func (c *simChart) whisker(x1, y1, x2, y2 float64, f SimFigure) {
	if f.High != nil {
		c.Lines = append(c.Lines, simLine{x1, y1, x2, y2, "interval"})
	}
}

// niceStep is the next of 1, 2, 5, 10 … from x upward.
func niceStep(x float64) float64 {
	if x <= 0 {
		return 1
	}
	base := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*base >= x {
			return m * base
		}
	}
	return 10 * base
}

func simTick(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// totalTable is every figure of the whole, of each side and their difference.
func (s *Simulation) totalTable() simTable {
	t := simTable{Head: []string{"", ""}}
	groups := []SimGroup{}
	for i, side := range s.Sides {
		t.Head = append(t.Head, s.sideName(i))
		groups = append(groups, side.Total)
	}
	if s.Difference != nil {
		t.Head = append(t.Head, "b − a", "")
	}
	for _, f := range s.Sides[0].Total.Figures {
		label := s.labels(f.Key)
		row := []string{label[1], label[0]}
		for _, g := range groups {
			cell := "–"
			if x, ok := g.Figure(f.Key); ok {
				cell = simText(x)
			}
			row = append(row, cell)
		}
		if s.Difference != nil {
			cell, chance := "–", ""
			if d, ok := s.Difference.Total.Figure(f.Key); ok {
				cell, chance = simSigned(d), map[string]string{"(same)": "pareil · the same", "(chance)": "hasard possible · may be chance"}[simChance(d)]
			}
			row = append(row, cell, chance)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
