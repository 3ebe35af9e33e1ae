package history

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"accueil/acd"
)

// Keep is how far back a Day remembers: today and yesterday, whatever the hour.
const Keep = 48 * time.Hour

// pruneEvery is how often, in the log's time, a Day looks for what it may forget.
const pruneEvery = 10 * time.Minute

// Day folds the log into the records of the last 48 hours. It is safe for concurrent use. Folding an
// entry again changes nothing. At a start, replay what the log still holds first and give the image
// afterwards: an image knows how a leg ended but not how its offers did, and an older entry of an
// entity that is already known changes nothing.
type Day struct {
	tz *time.Location

	mu        sync.RWMutex // guards all below
	legs      map[acd.LegID]*folded
	agents    map[acd.AgentID]acd.Agent
	open      map[acd.AgentID]Span
	spans     []Span
	decisions map[acd.ContactID][]acd.Decision
	seen      acd.Instant // latest instant folded
	first     acd.Instant // earliest instant folded
	pruned    acd.Instant
}

// folded is what a Day knows of one leg.
type folded struct {
	rev      int64
	state    acd.LegState
	endings  map[acd.Ending]int
	record   *Record // once it has ended
	leg      acd.Leg // its image then
	acwBegan acd.Instant
	acwEnded acd.Instant
	reached  acd.Instant // when the leg that called back, which this one was left for, reached its person
}

// NewDay returns an empty Day of a site in the zone tz, by which "today" begins.
func NewDay(tz *time.Location) *Day {
	return &Day{
		tz: tz, legs: map[acd.LegID]*folded{}, agents: map[acd.AgentID]acd.Agent{},
		open: map[acd.AgentID]Span{}, decisions: map[acd.ContactID][]acd.Decision{},
	}
}

// Apply folds one entry of the log.
func (d *Day) Apply(e acd.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.Kind == acd.KindAsserted && e.Op == "" {
		d.begin()
	}
	for _, l := range e.Legs {
		d.leg(l, e)
	}
	for _, a := range e.Agents {
		d.agent(a, e.At)
	}
	if e.At.Never() { // an image: it says what is, not when anything happened
		return
	}
	d.seen = max(d.seen, e.At)
	d.first = acd.Earliest(d.first, e.At)
	if d.seen.Sub(d.pruned) >= pruneEvery {
		d.prune()
	}
}

// begin prepares for an entry that holds the whole view: it is right whatever its revisions, which in
// another data set may be lower than those seen.
func (d *Day) begin() {
	for _, f := range d.legs {
		f.rev = -1
	}
	for id, a := range d.agents {
		a.Rev = -1
		d.agents[id] = a
	}
}

func (d *Day) leg(l acd.Leg, e acd.Entry) {
	f := d.legs[l.ID]
	if f == nil {
		f = &folded{}
		d.legs[l.ID] = f
	} else if l.Rev <= f.rev {
		return
	}
	was := f.state
	f.rev, f.state = l.Rev, l.State
	// The ending belongs to the leg whose offer was open; an agent lost in conversation tells
	// "failed" of an offer that was long accepted.
	if e.Ending != "" && (was == acd.LegOffered || was == acd.LegBriefing) {
		if f.endings == nil {
			f.endings = map[acd.Ending]int{}
		}
		f.endings[e.Ending]++
	}
	if e.Decision != nil && e.Decision.Leg == l.ID {
		c := l.ID.Contact()
		d.decisions[c] = append(d.decisions[c], *e.Decision)
	}
	if r, ok := FromLeg(l); ok {
		r.Endings, r.ACWBegan, r.ACWEnded, r.CalledBack = f.endings, f.acwBegan, f.acwEnded, f.reached
		f.record, f.leg = &r, l
	}
	if l.Callback != nil && !l.Bridged.Never() && l.Previous != "" { // reached alone is not answered (KPI.md, rule 4)
		d.calledBack(l.Previous, l.Bridged)
	}
}

// calledBack notes that the person whom the leg owed a call talks with an agent.
func (d *Day) calledBack(leg acd.LegID, at acd.Instant) {
	f := d.legs[leg]
	if f == nil {
		f = &folded{}
		d.legs[leg] = f
	}
	if f.reached = at; f.record != nil {
		f.record.CalledBack = at
	}
}

func (d *Day) agent(a acd.Agent, at acd.Instant) {
	was, seen := d.agents[a.ID]
	if seen && a.Rev <= was.Rev {
		return
	}
	if at.Never() {
		at = a.Since
	}
	d.agents[a.ID] = a
	open := d.open[a.ID]
	next, opens := follow(open, seen, was, a, at)
	if !opens {
		return
	}
	if seen {
		open.To = next.From
		d.spans = append(d.spans, open)
		d.finishWork(open)
	}
	d.open[a.ID] = next
}

// finishWork gives a leg its after-call work once that is over; the record may exist by then.
func (d *Day) finishWork(s Span) {
	if s.State != acd.AgentWrapup || s.Leg == "" {
		return
	}
	f := d.legs[s.Leg]
	if f == nil {
		return
	}
	f.acwBegan, f.acwEnded = s.From, s.To
	if f.record != nil {
		r := *f.record // readers may hold the old one
		r.ACWBegan, r.ACWEnded = s.From, s.To
		f.record = &r
	}
}

func (d *Day) prune() {
	d.pruned = d.seen
	limit := d.seen.Add(-Keep)
	for id, f := range d.legs {
		if f.record != nil && f.record.Ended < limit {
			delete(d.legs, id)
			delete(d.decisions, id.Contact())
		}
	}
	d.spans = slices.DeleteFunc(d.spans, func(s Span) bool { return s.To < limit })
	d.first = max(d.first, limit)
}

// Records returns the records of legs that arrived in from..to (zero: open), by arrival.
func (d *Day) Records(from, to acd.Instant) []Record {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := Params{From: from, To: to}
	var out []Record
	for _, f := range d.legs {
		if f.record != nil && p.holds(f.record.Arrived) {
			out = append(out, *f.record)
		}
	}
	slices.SortFunc(out, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Arrived, b.Arrived), cmp.Compare(a.Leg, b.Leg))
	})
	return out
}

// ContactLegs returns the legs of a contact that have ended, in their order. They are not to be changed.
func (d *Day) ContactLegs(c acd.ContactID) []acd.Leg {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []acd.Leg
	for id, f := range d.legs { // some ten thousand: an index would cost every call more than this costs who asks
		if id.Contact() == c && f.record != nil {
			out = append(out, f.leg)
		}
	}
	slices.SortFunc(out, func(a, b acd.Leg) int { return cmp.Compare(a.ID.Number(), b.ID.Number()) })
	return out
}

// Spans returns the agents' spans, the open ones last.
func (d *Day) Spans() []Span {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := slices.Clone(d.spans)
	for _, id := range sortedKeys(d.open) {
		out = append(out, d.open[id])
	}
	return out
}

// Decisions returns the claims made for a contact, in their order, as the log told them.
func (d *Day) Decisions(c acd.ContactID) []acd.Decision {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.decisions[c])
}

// Midnight returns the start of the site's day in which now lies.
func (d *Day) Midnight(now acd.Instant) acd.Instant {
	y, m, day := now.Time().In(d.tz).Date()
	return acd.At(time.Date(y, m, day, 0, 0, 0, 0, d.tz))
}

// Report computes a report from what the Day remembers. From defaults to today's midnight; the zone is
// the site's.
func (d *Day) Report(p Params) (Report, error) {
	p.TZ = d.tz
	if p.From.Never() {
		p.From = d.Midnight(p.Now)
	}
	// All records, because a contact of the period may have been lost in a later leg.
	r, err := NewReport(d.Records(0, 0), d.Spans(), p)
	if err != nil {
		return Report{}, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.first > p.From {
		r.AvailableFrom = d.first.Time().In(d.tz).Format("2006-01-02T15:04:05.000Z07:00")
	}
	return r, nil
}

// KPIs is Report for callers who know the question but not the answer's type (the HTTP API).
func (d *Day) KPIs(from, to, now acd.Instant, by string, short time.Duration, levels []time.Duration) (any, error) {
	r, err := d.Report(Params{From: from, To: to, Now: now, By: By(by), ShortAbandon: short, ServiceLevel: levels})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Live are a queue's figures of today so far, as exported to Prometheus: ratios from 0 to 1 and seconds;
// NaN while nothing defines them.
type Live struct{ Answer, ASA, Abandon float64 }

// Today returns the figures of today by queue, with the default thresholds; the net ratios. It is what
// every scrape asks for, so it computes these three of the formulas and no more.
func (d *Day) Today(now acd.Instant) map[acd.QueueID]Live {
	d.mu.RLock()
	defer d.mu.RUnlock()
	c := newCompiler(Params{From: d.Midnight(now), By: ByQueue, ShortAbandon: DefaultShortAbandon}, nil)
	for _, f := range d.legs {
		if f.record != nil && c.p.holds(f.record.Arrived) {
			c.leg(*f.record)
		}
	}
	out := map[acd.QueueID]Live{}
	for key, t := range c.groups {
		// Figures whose letters do not add up would be wrong, so none are given.
		if key != "" && t.Check(key) == nil {
			out[acd.QueueID(key)] = Live{
				Answer: compute("decroche_net", t) / 100, ASA: compute("asa", t), Abandon: compute("abandon_net", t) / 100,
			}
		}
	}
	return out
}

// TodayFigures returns one queue's Today as plain numbers; NaN for a queue without calls.
func (d *Day) TodayFigures(now acd.Instant) func(acd.QueueID) (answer, asa, abandon float64) {
	today := d.Today(now)
	return func(q acd.QueueID) (float64, float64, float64) {
		l, ok := today[q]
		if !ok {
			return math.NaN(), math.NaN(), math.NaN()
		}
		return l.Answer, l.ASA, l.Abandon
	}
}

// AgentTimes returns how agents spent from..to.
func (d *Day) AgentTimes(from, to, now acd.Instant) []AgentTime {
	return AgentTimes(d.Records(0, 0), d.Spans(), from, to, now)
}

// compute is the value of the formula of that key; NaN where it is not defined.
func compute(key string, t *tally) float64 {
	i := slices.IndexFunc(formulas, func(f Formula) bool { return f.Key == key })
	if a := formulas[i].of(t, 0); a.defined {
		return a.value
	}
	return math.NaN()
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
