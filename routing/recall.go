package routing

import (
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
)

// What makes a decision, and so what must be known to make it again: the images (the log up to an
// entry, and the facts folded ahead of it), the choices in flight, the rules and the instant. Nothing
// else of an engine's past shows in what it chooses.

// instantOf returns the instant in an entry's id ("<ms>-<n>").
func instantOf(id string) acd.Instant {
	ms, _, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseInt(ms, 10, 64)
	return acd.Instant(n)
}

// inFlight returns the choices that the log has not answered, oldest first.
func (e *Engine) inFlight() []*claim {
	var out []*claim
	for c := e.claims; c != nil; c = c.older {
		out = append(out, c)
	}
	slices.Reverse(out)
	return out
}

// Pending returns the choices that the log has not answered, oldest first; the one that Pick returned
// last is the last.
func (e *Engine) Pending() []acd.Pairing {
	var out []acd.Pairing
	for _, c := range e.inFlight() {
		out = append(out, acd.Pairing{Leg: c.leg.id, Agent: c.agent.id})
	}
	return out
}

// Recalled is a decision made again.
type Recalled struct {
	// Choice is what the engine chooses; nil when it would choose nothing.
	Choice *Choice
	// Explanation is what decided about the contact that the decision names; nil when it does not wait.
	Explanation *Explanation
	// Ahead are the contacts with a lower score that the chosen agent was not given, and why, nearest
	// last; Behind those that he could have been given next. MaxRivals of each.
	Ahead, Behind []Rival
	// WaitAhead counts all contacts with a lower score, and WaitBehind the others.
	WaitAhead, WaitBehind int
}

// MaxRivals bounds the contacts that are named beside the chosen one.
const MaxRivals = 5

// Rival is a contact that waited too.
type Rival struct {
	Leg    acd.LegID
	Queue  acd.QueueID
	Score  int64  // for the agent, where he may take it; else by its own points
	Points int    // its own
	Passed Passed // why the agent was not given it; PassedBehind for those that only came later
}

// Recall makes a decision again: with what the engine holds, at the decision's instant, while those
// choices are in flight that were. The engine must hold the images that were known then. Choices in
// flight of its own are forgotten; afterwards there are none.
func (e *Engine) Recall(d acd.Decision) Recalled {
	for _, c := range e.inFlight() {
		e.release(c)
	}
	if d.At < e.now { // instants of two nodes may differ
		e.now = d.At
		e.rebuild(e.image())
	}
	e.advance(d.At)
	for _, p := range d.Pending {
		l, a := e.legs[p.Leg], e.agents[p.Agent]
		if l != nil && a != nil && l.claim == nil && a.claim == nil {
			e.bind(l, a, e.now.Add(PendingFor))
		}
	}
	var r Recalled
	if x, err := e.Explain(d.Leg, d.At); err == nil {
		r.Explanation = &x
		e.rivals(&r, e.legs[d.Leg], e.agents[d.Agent])
	}
	if c, ok := e.Pick(d.At); ok {
		c.Decision.Pending = d.Pending
		r.Choice = &c
	}
	for _, c := range e.inFlight() {
		e.release(c)
	}
	return r
}

// release takes a choice back.
func (e *Engine) release(c *claim) {
	e.unbind(c)
	e.indexAgent(c.agent)
	e.indexLeg(c.leg)
}

// rivals lists the other waiting contacts around l, as seen from the agent: with the points that they
// have for him, where he may take them. Its cost grows with the number of waiting contacts.
func (e *Engine) rivals(r *Recalled, l *leg, a *agent) {
	seen := func(other *leg) (place, Passed) {
		if other.claim != nil || a == nil {
			return other.place, PassedPending
		}
		m, why := e.judge(other, e.see(other, other.class.considered()), a)
		if why != "" {
			return other.place, why
		}
		return m.place, ""
	}
	type rival struct {
		place  place
		passed Passed
	}
	var all []rival
	for _, other := range e.legs {
		if other != l && other.class != nil {
			at, why := seen(other)
			all = append(all, rival{at, why})
		}
	}
	slices.SortFunc(all, func(x, y rival) int {
		if x.place.before(y.place) {
			return -1
		}
		return 1 // no two are the same
	})
	mine, _ := seen(l)
	for _, o := range all {
		other := o.place.leg
		rival := Rival{Leg: other.id, Queue: other.queue, Score: o.place.score, Points: other.points, Passed: o.passed}
		if o.place.before(mine) {
			r.WaitAhead++
			r.Ahead = append(r.Ahead, rival)
			continue
		}
		r.WaitBehind++
		if o.passed == "" && len(r.Behind) < MaxRivals {
			rival.Passed = PassedBehind
			r.Behind = append(r.Behind, rival)
		}
	}
	r.Ahead = r.Ahead[max(0, len(r.Ahead)-MaxRivals):]
}
