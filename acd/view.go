package acd

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Reader gives the images that a change starts from. Each value returned is the reader's own copy.
type Reader interface {
	Leg(LegID) (Leg, bool)
	Agent(AgentID) (Agent, bool)
	Phone(PhoneID) (Phone, bool)
	Closure(EntryID) (Closure, bool)
}

// View is the fold of the log: the latest image of each entity. It is not safe for concurrent use;
// its owner locks.
type View struct {
	legs     map[LegID]Leg
	agents   map[AgentID]Agent
	phones   map[PhoneID]Phone
	closures map[EntryID]Closure
	lead     Lead
	waiting  map[QueueID]int
}

// NewView returns an empty view.
func NewView() *View {
	return &View{
		legs: map[LegID]Leg{}, agents: map[AgentID]Agent{}, phones: map[PhoneID]Phone{},
		closures: map[EntryID]Closure{}, waiting: map[QueueID]int{},
	}
}

// Apply folds the entry's images that are newer than those held, and reports whether any was.
// Repeats and entries from before a snapshot change nothing.
func (v *View) Apply(e Entry) bool {
	changed := false
	for _, l := range e.Legs {
		old, ok := v.legs[l.ID]
		if ok && old.Rev >= l.Rev {
			continue
		}
		if ok && old.Waiting() {
			v.waiting[old.Queue]--
		}
		if l.Waiting() {
			v.waiting[l.Queue]++
		}
		v.legs[l.ID], changed = l, true
	}
	for _, a := range e.Agents {
		if old, ok := v.agents[a.ID]; !ok || old.Rev < a.Rev {
			v.agents[a.ID], changed = a, true
		}
	}
	for _, p := range e.Phones {
		if old, ok := v.phones[p.ID]; !ok || old.Rev < p.Rev {
			v.phones[p.ID], changed = p, true
		}
	}
	for _, c := range e.Closures {
		if old, ok := v.closures[c.Entry]; !ok || old.Rev < c.Rev {
			v.closures[c.Entry], changed = c, true
		}
	}
	if e.Lead != nil && e.Lead.Rev > v.lead.Rev {
		v.lead, changed = *e.Lead, true
	}
	return changed
}

// Forget drops the image of a key (LegKey and its like): what a store does when it learns that an
// image it assumed was never written, since Apply only goes forward.
func (v *View) Forget(key string) {
	kind, id, _ := strings.Cut(key, ":")
	switch kind {
	case "leg":
		if l, ok := v.legs[LegID(id)]; ok && l.Waiting() {
			v.waiting[l.Queue]--
		}
		delete(v.legs, LegID(id))
	case "agent":
		delete(v.agents, AgentID(id))
	case "phone":
		delete(v.phones, PhoneID(id))
	case "closure":
		delete(v.closures, EntryID(id))
	}
}

// Leg returns a copy of the leg's image.
func (v *View) Leg(id LegID) (Leg, bool) { l, ok := v.legs[id]; return l.clone(), ok }

// Agent returns a copy of the agent's image.
func (v *View) Agent(id AgentID) (Agent, bool) { a, ok := v.agents[id]; return a.clone(), ok }

// Phone returns the phone's image.
func (v *View) Phone(id PhoneID) (Phone, bool) { p, ok := v.phones[id]; return p, ok }

// Closure returns the exceptional closing of an entry.
func (v *View) Closure(id EntryID) (Closure, bool) { c, ok := v.closures[id]; return c, ok }

// Lead returns the lead as the log last told it.
func (v *View) Lead() Lead { return v.lead }

// Waiting returns how many legs hold a place in the queue.
func (v *View) Waiting(q QueueID) int { return v.waiting[q] }

// Legs returns copies of all legs that have not ended, oldest arrival first (id breaks ties).
func (v *View) Legs() []Leg {
	out := make([]Leg, 0, len(v.legs))
	for _, l := range v.legs {
		if l.Live() {
			out = append(out, l.clone())
		}
	}
	slices.SortFunc(out, func(a, b Leg) int {
		return cmp.Or(cmp.Compare(a.Arrived, b.Arrived), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// OnlyOf reports whether nothing in the view belongs to another node: no agent, no phone, no leg that
// lives.
func (v *View) OnlyOf(node NodeID) bool {
	other := func(n NodeID) bool { return n != "" && n != node }
	for _, a := range v.agents {
		if other(a.Node) {
			return false
		}
	}
	for _, p := range v.phones {
		if other(p.Node) {
			return false
		}
	}
	for _, l := range v.legs {
		if l.Live() && other(l.Node) {
			return false
		}
	}
	return true
}

// ContactLegs returns copies of the contact's legs that the view still holds, in their order, ended
// ones included.
func (v *View) ContactLegs(c ContactID) []Leg {
	// Not leg by leg from the first: an early one is forgotten while a later one lives.
	var out []Leg
	for id, l := range v.legs {
		if id.Contact() == c {
			out = append(out, l.clone())
		}
	}
	slices.SortFunc(out, func(a, b Leg) int { return cmp.Compare(a.ID.Number(), b.ID.Number()) })
	return out
}

// Agents returns copies of all agents, by id.
func (v *View) Agents() []Agent {
	out := make([]Agent, 0, len(v.agents))
	for _, a := range v.agents {
		out = append(out, a.clone())
	}
	slices.SortFunc(out, func(a, b Agent) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Phones returns all phones, by id.
func (v *View) Phones() []Phone {
	out := make([]Phone, 0, len(v.phones))
	for _, p := range v.phones {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Phone) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Closures returns all closures known, by entry.
func (v *View) Closures() []Closure {
	out := make([]Closure, 0, len(v.closures))
	for _, c := range v.closures {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Closure) int { return cmp.Compare(a.Entry, b.Entry) })
	return out
}

// Image returns the whole view as one entry, from which Apply rebuilds it.
func (v *View) Image() Entry {
	e := Entry{V: LogVersion, Kind: KindAsserted, Agents: v.Agents(), Phones: v.Phones(), Closures: v.Closures()}
	for _, l := range v.legs {
		e.Legs = append(e.Legs, l.clone())
	}
	slices.SortFunc(e.Legs, func(a, b Leg) int { return cmp.Compare(a.ID, b.ID) })
	if v.lead.Rev > 0 {
		l := v.lead
		e.Lead = &l
	}
	return e
}

// TombstoneAge is how long an ended leg stays in a view, so that a late entry of its life, read
// after its end was applied, does not bring it back.
const TombstoneAge = 10 * time.Minute

// Prune forgets legs that ended more than TombstoneAge before now.
func (v *View) Prune(now Instant) {
	for id, l := range v.legs {
		if !l.Live() && l.End != nil && now.Sub(l.End.At) > TombstoneAge {
			delete(v.legs, id)
		}
	}
}
