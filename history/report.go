package history

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"accueil/acd"
)

// By names how a report is divided.
type By string

// The divisions of a report.
const (
	ByNone     By = "none"
	ByQueue    By = "queue"
	ByReason   By = "reason"
	ByEntry    By = "entry"
	ByHalfHour By = "half_hour"
)

// Divisions lists every way to divide a report.
var Divisions = []By{ByNone, ByQueue, ByReason, ByEntry, ByHalfHour}

// The thresholds of a report whose reader names none.
const DefaultShortAbandon = acd.ShortAbandon * time.Millisecond

// DefaultServiceLevel returns the thresholds that are always published: 30 and 60 s.
func DefaultServiceLevel() []time.Duration { return []time.Duration{30 * time.Second, time.Minute} }

// MaxLevels bounds the service-level thresholds of one report.
const MaxLevels = 10

// Params are the reader's choices. Changing a threshold computes history anew from the records.
type Params struct {
	// From and To bound the arrival of the legs: From <= arrived < To. A zero bound is open.
	From, To acd.Instant
	By       By // "" is ByNone
	// ShortAbandon is s: an abandonment of at most this wait is short. Zero counts those of 0 ms only.
	ShortAbandon time.Duration
	// ServiceLevel are the thresholds T; none means DefaultServiceLevel.
	ServiceLevel []time.Duration
	// TZ is the site's zone, for half hours; nil is UTC.
	TZ *time.Location
	// Now ends the spans of agents that still last; zero leaves them out.
	Now acd.Instant
}

// ErrParams says which choice of the reader cannot be served.
type ErrParams struct{ Param, Why string }

func (e ErrParams) Error() string { return e.Param + ": " + e.Why }

func (p Params) validate() error {
	switch {
	case p.By != "" && !slices.Contains(Divisions, p.By):
		return ErrParams{"by", fmt.Sprintf("%q is none of %v", p.By, Divisions)}
	case p.From != 0 && p.To != 0 && p.From >= p.To:
		return ErrParams{"from", "must be before to"}
	case p.ShortAbandon < 0:
		return ErrParams{"short_abandon_s", "must not be negative"}
	case len(p.ServiceLevel) > MaxLevels:
		return ErrParams{"service_level_s", fmt.Sprintf("at most %d thresholds", MaxLevels)}
	case slices.ContainsFunc(p.ServiceLevel, func(d time.Duration) bool { return d <= 0 }):
		return ErrParams{"service_level_s", "must be positive"}
	}
	return nil
}

func (p Params) holds(at acd.Instant) bool {
	return at >= p.From && (p.To.Never() || at < p.To)
}

// Figure is one value with the name of its formula. A figure whose denominator is zero has no value.
type Figure struct {
	Key     string   `json:"key"`
	Value   *float64 `json:"value" doc:"Unrounded; null when the denominator is zero."`
	Unit    string   `json:"unit"`
	Num     *float64 `json:"numerator,omitempty"`
	Den     *float64 `json:"denominator,omitempty"`
	Formula string   `json:"formula" doc:"Formula key and version, e.g. qs/1."`
}

// Group is one row of a report.
type Group struct {
	Key     string   `json:"key" doc:"Code of the queue, reason or entry; start of the half hour in local time; empty for the whole, and for legs that have no queue or reason."`
	Counts  Counts   `json:"counts"`
	Figures []Figure `json:"figures"`
}

// Figure returns the group's figure of that key; false when the report has none such.
func (g Group) Figure(key string) (Figure, bool) {
	i := slices.IndexFunc(g.Figures, func(f Figure) bool { return f.Key == key })
	if i < 0 {
		return Figure{}, false
	}
	return g.Figures[i], true
}

// Report is a set of figures with everything needed to compute it again.
type Report struct {
	From           string    `json:"from,omitempty"`
	To             string    `json:"to,omitempty"`
	TimeZone       string    `json:"time_zone"`
	By             By        `json:"by"`
	ShortAbandon   float64   `json:"short_abandon_s"`
	ServiceLevel   []float64 `json:"service_level_s"`
	FormulaVersion int       `json:"formula_version"`
	// AvailableFrom is the earliest instant of which records are held, where that is after From.
	AvailableFrom string    `json:"available_from,omitempty" doc:"Set when records reach back less far than asked."`
	Total         Group     `json:"total" doc:"Contacts, each counted once at its first queue."`
	Groups        []Group   `json:"groups" doc:"Legs for by=queue, contacts otherwise."`
	Formulas      []Formula `json:"formulas"`
}

// NewReport computes every figure of KPI.md that needs call events only. The total and all divisions
// but by queue count contacts, at their first leg; by queue, each leg counts for its own first queue.
// A leg belongs to the interval of its arrival; agents' time is split at the bounds. Spans may be nil.
//
// It returns ErrParams for an impossible choice and ErrIdentity when the letters do not add up.
func NewReport(records []Record, spans []Span, p Params) (Report, error) {
	if p.By == "" {
		p.By = ByNone
	}
	if p.TZ == nil {
		p.TZ = time.UTC
	}
	if len(p.ServiceLevel) == 0 {
		p.ServiceLevel = DefaultServiceLevel()
	}
	if err := p.validate(); err != nil {
		return Report{}, err
	}
	c := newCompiler(p, records)
	for _, r := range records {
		c.add(r)
	}
	for _, s := range spans {
		c.addSpan(s)
	}
	return c.report()
}

// compiler sorts records into groups.
type compiler struct {
	p      Params
	lost   map[acd.ContactID]bool // given up after being handed on
	total  *tally
	groups map[string]*tally
}

func newCompiler(p Params, records []Record) *compiler {
	c := &compiler{p: p, lost: map[acd.ContactID]bool{}, groups: map[string]*tally{}, total: &tally{short: p.ShortAbandon}}
	for _, r := range records {
		if !r.Initial() && r.Outcome == acd.Abandoned {
			c.lost[r.Contact] = true
		}
	}
	return c
}

func (c *compiler) group(key string) *tally {
	t := c.groups[key]
	if t == nil {
		t = &tally{short: c.p.ShortAbandon}
		c.groups[key] = t
	}
	return t
}

func (c *compiler) add(r Record) {
	if !c.p.holds(r.Arrived) {
		return
	}
	c.headline(c.total, r)
	switch c.p.By {
	case ByQueue:
		c.leg(r)
	case ByReason:
		c.headline(c.group(string(r.Reason)), r)
	case ByEntry:
		c.headline(c.group(string(r.Entry)), r)
	case ByHalfHour:
		c.headline(c.group(c.stamp(halfHour(r.Arrived, c.p.TZ))), r)
	}
}

// headline counts a contact once, at its first leg; what agents did counts for every leg.
func (c *compiler) headline(t *tally, r Record) {
	t.work(r)
	if !r.Initial() {
		c.handedOn(t, r)
		return
	}
	t.add(r)
	if c.lost[r.Contact] {
		t.LostAfterTransfer++
	}
	if r.Queued() && r.Queue != r.FirstQueue {
		t.EnteredByOverflow++
	}
}

func (c *compiler) handedOn(t *tally, r Record) {
	t.Transfers++
	if r.Return != "" {
		t.Returns++
	}
}

// leg counts a leg for its queue. A transfer leg that only rang an extension is in no queue's figures.
func (c *compiler) leg(r Record) {
	if !r.Initial() && !r.Queued() {
		return
	}
	t := c.group(string(r.FirstQueue))
	t.work(r)
	t.add(r)
	if !r.Initial() {
		c.handedOn(t, r)
	} else if c.lost[r.Contact] {
		t.LostAfterTransfer++
	}
	if r.Queued() && r.Queue != r.FirstQueue {
		c.group(string(r.Queue)).EnteredByOverflow++
	}
}

func (c *compiler) addSpan(s Span) {
	to := s.To
	if to.Never() {
		to = c.p.Now
	}
	from := max(s.From, c.p.From)
	if !c.p.To.Never() {
		to = min(to, c.p.To)
	}
	if to <= from {
		return
	}
	s.spend(c.total, to.Sub(from))
	if c.p.By != ByHalfHour || !(s.withContact() || s.idle()) {
		return
	}
	for at := from; at < to; {
		start := halfHour(at, c.p.TZ)
		end := min(to, start.Add(30*time.Minute))
		s.spend(c.group(c.stamp(start)), end.Sub(at))
		at = end
	}
}

// halfHour returns the start of the half hour of the local clock in which the instant lies.
func halfHour(at acd.Instant, tz *time.Location) acd.Instant {
	t := at.Time().In(tz)
	past := time.Duration(t.Minute()%30)*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	return acd.At(t.Add(-past))
}

func (c *compiler) stamp(at acd.Instant) string {
	if at.Never() {
		return ""
	}
	return at.Time().In(c.p.TZ).Format("2006-01-02T15:04:05.000Z07:00")
}

func (c *compiler) report() (Report, error) {
	r := Report{
		From: c.stamp(c.p.From), To: c.stamp(c.p.To), TimeZone: c.p.TZ.String(), By: c.p.By,
		ShortAbandon: c.p.ShortAbandon.Seconds(), FormulaVersion: FormulaVersion,
		Groups: []Group{}, Formulas: Formulas(),
	}
	for _, t := range c.p.ServiceLevel {
		r.ServiceLevel = append(r.ServiceLevel, t.Seconds())
	}
	r.Total = c.figures("", c.total)
	errs := []error{c.total.Check("")}
	for key, t := range c.groups {
		errs = append(errs, t.Check(key))
		r.Groups = append(r.Groups, c.figures(key, t))
	}
	// By instant where keys are half hours: the offset changes in the night when clocks do.
	slices.SortFunc(r.Groups, func(a, b Group) int {
		if c.p.By == ByHalfHour {
			ta, _ := time.Parse(time.RFC3339, a.Key)
			tb, _ := time.Parse(time.RFC3339, b.Key)
			return ta.Compare(tb)
		}
		return cmp.Compare(a.Key, b.Key)
	})
	return r, errors.Join(errs...)
}

func (c *compiler) figures(key string, t *tally) Group {
	if t.Outcomes == nil {
		t.Outcomes = map[acd.Outcome]int{}
	}
	g := Group{Key: key, Counts: t.Counts}
	for _, f := range formulas {
		if !f.Timed {
			g.Figures = append(g.Figures, f.figure(f.Key, f.of(t, 0)))
			continue
		}
		for _, level := range c.p.ServiceLevel {
			g.Figures = append(g.Figures, f.figure(f.Key+"_"+thresholdName(level), f.of(t, level)))
		}
	}
	return g
}

// thresholdName writes a threshold in seconds as a key carries it: 30, 7_5.
func thresholdName(d time.Duration) string {
	return strings.ReplaceAll(strconv.FormatFloat(d.Seconds(), 'f', -1, 64), ".", "_")
}

func (f Formula) figure(key string, a amount) Figure {
	out := Figure{Key: key, Unit: f.Unit, Formula: f.Key + "/" + strconv.Itoa(FormulaVersion)}
	if a.defined {
		out.Value = &a.value
	}
	if a.parts {
		out.Num, out.Den = &a.num, &a.den
	}
	return out
}
