package sim

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/trace"
)

// Replay brings the callers of a file of past calls to another set of rules. Who called when, for what
// and how long he then talked is the file's. What the file cannot know is drawn for each seed: how long
// each caller would have waited (from the estimate of Survive), how long those would have talked who
// gave up (from the conversations of their type), and the part of a second in which each came. All days
// are played on one date, each by itself.
type Replay struct {
	Midnight acd.Instant
	Reason   func(kind string) acd.ReasonID // of a call's type
	Shifts   func(day int) []Shift
	Pickup   Dist

	days  [][]trace.Call // calls that asked for an agent, by day
	kinds map[string]*kindOfCall
}

type kindOfCall struct {
	survival Survival
	service  []time.Duration // of those served
}

// NewReplay reads the calls. The caller sets the fields before Days.
func NewReplay(calls []trace.Call) (*Replay, error) {
	r := &Replay{kinds: map[string]*kindOfCall{}}
	waits := map[string][]Wait{}
	day := -1
	for _, c := range calls {
		if !c.InQueue() {
			continue
		}
		if c.Day != day {
			day = c.Day
			r.days = append(r.days, nil)
		}
		r.days[len(r.days)-1] = append(r.days[len(r.days)-1], c)
		k := r.kinds[c.Type]
		if k == nil {
			k = &kindOfCall{}
			r.kinds[c.Type] = k
		}
		if c.Served {
			k.service = append(k.service, c.Service)
		}
		waits[c.Type] = append(waits[c.Type], Wait{c.Wait, !c.Served})
	}
	if len(r.days) == 0 {
		return nil, fmt.Errorf("simulate: no call of the file asked for an agent")
	}
	for name, k := range r.kinds {
		if len(k.service) == 0 {
			return nil, fmt.Errorf("simulate: no call of type %q was served, so that nothing is known of its length", name)
		}
		k.survival = Survive(waits[name])
	}
	return r, nil
}

// DutyOf gives the shifts of the agents of a file of calls (trace.Agents).
func DutyOf(agents []trace.Agent) func(day int) []Shift {
	byDay := map[int][]Shift{}
	for _, a := range agents {
		for _, s := range a.Duty {
			byDay[s.Day] = append(byDay[s.Day], Shift{acd.AgentID(a.ID), s.From, s.To})
		}
	}
	return func(day int) []Shift { return byDay[day] }
}

// Days draws every day of the file.
func (r *Replay) Days(seed uint64, rules routing.Rules) ([]*Day, error) {
	instants, patience, service, pickup := Stream(seed, "instants"), Stream(seed, "patience"), Stream(seed, "service"), Stream(seed, "pickup")
	out := make([]*Day, 0, len(r.days))
	for _, calls := range r.days {
		d := &Day{Contacts: make([]Contact, 0, len(calls))}
		for _, call := range calls {
			id := r.Reason(call.Type)
			reason, ok := rules.Reasons[id]
			if !ok {
				return nil, fmt.Errorf("simulate: the rules have no reason %q", id)
			}
			k := r.kinds[call.Type]
			c := Contact{Reason: id, Queue: reason.Queue, Points: reason.Points, Pickup: r.Pickup.Draw(pickup), Patience: k.survival.Draw(patience)}
			moment := time.Duration(instants.Float64() * float64(time.Second))
			c.Arrived, c.Enqueued = r.Midnight.Add(call.Arrived+moment), r.Midnight.Add(call.Queued()+moment)
			// Drawn in any case, so that one call's outcome in the file does not shift the others' chance.
			c.Service = k.service[service.IntN(len(k.service))]
			if call.Served {
				c.Service = call.Service
			}
			d.Contacts = append(d.Contacts, c)
		}
		d.Sort()
		d.employ(r.Midnight, r.Shifts(calls[0].Day))
		out = append(out, d)
	}
	return out, nil
}

// Wait is one wait as a file shows it. Who was served would have waited longer: his patience is only
// known to be more (it is censored).
type Wait struct {
	Lasted time.Duration
	GaveUp bool
}

// Survival is the distribution of patience, estimated from waits.
type Survival struct {
	at   []time.Duration // instants at which somebody gave up, rising
	left []float64       // share of callers who are still there after each
	mean time.Duration   // of the exponential tail; zero when nobody ever gave up
}

// Survive estimates patience by Kaplan and Meier's product: at each wait after which somebody gave up,
// the share who do is taken of those who had not been served by then. Beyond the last such wait the tail
// is exponential, with the mean of all time waited over all who gave up.
func Survive(waits []Wait) Survival {
	waits = slices.Clone(waits)
	// Who was served at the very instant another gave up was still there then: gave up first.
	slices.SortFunc(waits, func(a, b Wait) int {
		return cmp.Or(cmp.Compare(a.Lasted, b.Lasted), compareBool(b.GaveUp, a.GaveUp))
	})
	var s Survival
	var total time.Duration
	quit, left := 0, 1.0
	for i, w := range waits {
		total += w.Lasted
		if !w.GaveUp {
			continue
		}
		quit++
		left *= 1 - 1/float64(len(waits)-i)
		if n := len(s.at); n > 0 && s.at[n-1] == w.Lasted {
			s.left[n-1] = left
			continue
		}
		s.at, s.left = append(s.at, w.Lasted), append(s.left, left)
	}
	if quit > 0 {
		s.mean = total / time.Duration(quit)
	}
	return s
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Left is the share of callers who would still wait after so long.
func (s Survival) Left(wait time.Duration) float64 {
	i, found := slices.BinarySearch(s.at, wait)
	if found {
		return s.left[i]
	}
	if i == 0 {
		return 1
	}
	return s.left[i-1]
}

// Draw gives one caller's patience; Patient when nobody was ever seen to give up.
func (s Survival) Draw(r *rand.Rand) time.Duration {
	u, tail := 1-r.Float64(), r.ExpFloat64() // both in any case: one caller's luck does not shift the next one's
	if s.mean == 0 {
		return Patient
	}
	// The first instant after which fewer than the share u are left.
	i, _ := slices.BinarySearchFunc(s.left, u, func(left, u float64) int {
		if left >= u {
			return -1
		}
		return 1
	})
	if i < len(s.at) {
		return s.at[i]
	}
	return s.at[len(s.at)-1] + scaled(s.mean, tail)
}
