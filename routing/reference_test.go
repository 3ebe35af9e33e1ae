package routing_test

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"accueil/acd"
	"accueil/routing"
)

func counts(x routing.Explanation) map[string]int {
	out := map[string]int{}
	for _, c := range x.Candidates {
		if c.Passed != "" {
			out[string(c.Passed)]++
		}
	}
	return out
}

func equalCounts(a, b map[string]int) bool { return maps.Equal(a, b) }

// reference decides the same as the engine, the slow and plain way: it looks at every waiting leg
// and every agent each time, and keeps nothing between decisions but what is pending and what each
// agent has been doing.
type reference struct {
	rules   routing.Rules
	view    *acd.View
	pending map[acd.LegID]wish
	parsed  map[string]routing.Requirement
	tests   map[string]routing.Condition
	days    map[acd.AgentID][]span
}

// span is what an agent has been from an instant on.
type span struct {
	from     acd.Instant
	occupied bool
	idle     bool
	session  acd.Instant
}

func newReference(rules routing.Rules, view *acd.View) *reference {
	return &reference{rules: rules, view: view, pending: map[acd.LegID]wish{}, parsed: map[string]routing.Requirement{},
		tests: map[string]routing.Condition{}, days: map[acd.AgentID][]span{}}
}

// parse reads a requirement; one that is wrong asks for nothing.
func (r *reference) parse(src string) routing.Requirement {
	p, ok := r.parsed[src]
	if !ok {
		p, _ = routing.ParseRequirement(src, r.rules.Skills)
		r.parsed[src] = p
	}
	return p
}

func (r *reference) condition(src string) routing.Condition {
	c, ok := r.tests[src]
	if !ok {
		c, _ = routing.ParseCondition(src)
		r.tests[src] = c
	}
	return c
}

type wish struct {
	agent acd.AgentID
	until acd.Instant
}

type pair struct {
	leg   acd.LegID
	agent acd.AgentID
	step  int
}

func (r *reference) skills(a acd.Agent) map[acd.SkillID]int {
	if a.Skills != nil {
		return a.Skills
	}
	return r.rules.Agents[a.ID].Skills
}

func (r *reference) staffed(a acd.Agent) bool {
	_, known := r.rules.Agents[a.ID]
	return known && a.State.Staffed()
}

// comesBack: he will be offered contacts again without anyone doing anything.
func (r *reference) comesBack(a acd.Agent) bool {
	return r.staffed(a) && a.State != acd.AgentPaused && (a.Next == nil || a.Next.State == acd.AgentReady)
}

// watch notes what everybody has become.
func (r *reference) watch(now acd.Instant) {
	for _, a := range r.view.Agents() {
		s := span{from: now, occupied: a.State == acd.AgentBusy || a.State == acd.AgentWrapup || a.State == acd.AgentReady && len(a.Legs) > 0,
			idle: a.State == acd.AgentReady && len(a.Legs) == 0, session: a.LoggedIn}
		day := r.days[a.ID]
		if n := len(day); n > 0 && day[n-1].session != s.session {
			day = nil
		}
		if n := len(day); n == 0 || day[n-1].occupied != s.occupied || day[n-1].idle != s.idle {
			r.days[a.ID] = append(day, s)
		}
	}
}

// occupancy integrates the agent's session.
func (r *reference) occupancy(a acd.AgentID, now acd.Instant) float64 {
	share := 0.0
	day := r.days[a]
	for i, s := range day {
		until := now
		if i+1 < len(day) {
			until = day[i+1].from
		}
		left := math.Exp2(-float64(until-s.from) / acd.OccupancyHalfLife)
		switch {
		case s.idle:
			share *= left
		case s.occupied:
			share = 1 - (1-share)*left
		}
	}
	return share
}

// settle forgets pending choices that the log has answered or that are too old.
func (r *reference) settle(now acd.Instant) {
	for id, p := range r.pending {
		l, _ := r.view.Leg(id)
		a, _ := r.view.Agent(p.agent)
		if l.State != acd.LegQueued && l.State != acd.LegCallback || a.State != acd.AgentReady || p.until <= now {
			delete(r.pending, id)
		}
	}
}

// hall is everything that waits and everybody there, at an instant.
type hall struct {
	*reference
	now      acd.Instant
	legs     []acd.Leg // queued, or callbacks whose time has come, in a queue of the rules
	agents   []acd.Agent
	taken    map[acd.AgentID]bool // chosen already
	reserved map[acd.AgentID]bool // for a contact that was pushed to them
}

func (r *reference) hall(now acd.Instant, live []acd.LegID) *hall {
	h := &hall{reference: r, now: now, agents: r.view.Agents(), taken: map[acd.AgentID]bool{}, reserved: map[acd.AgentID]bool{}}
	for _, id := range live {
		l, _ := r.view.Leg(id)
		if _, ok := r.rules.Queues[l.Queue]; ok && (l.State == acd.LegQueued || l.State == acd.LegCallback && l.Callback.NotBefore <= now) {
			h.legs = append(h.legs, l)
		}
	}
	for _, p := range r.pending {
		h.taken[p.agent] = true
	}
	for _, l := range h.legs {
		if to := h.heldFor(l); to != "" && l.PushedBy != "" {
			h.reserved[to] = true
		}
	}
	return h
}

func (h *hall) requirements(l acd.Leg) []routing.Requirement {
	var out []routing.Requirement
	for _, s := range h.rules.Queues[l.Queue].Steps {
		out = append(out, routing.And(h.parse(s.Require), h.parse(l.Asks)))
	}
	return out
}

// heldFor is the agent for whom alone the leg is kept now.
func (h *hall) heldFor(l acd.Leg) acd.AgentID {
	a, _ := h.view.Agent(l.Preferred)
	there := h.staffed(a)
	if !l.Named() {
		there = h.comesBack(a) && slices.ContainsFunc(h.requirements(l), func(r routing.Requirement) bool {
			_, fits := r.Match(h.skills(a))
			return fits
		})
	}
	if l.Preferred == "" || l.HoldUntil <= h.now || !there || a.Excluded >= l.HoldUntil || l.ExcludedAgent(a.ID, h.now) {
		return ""
	}
	return a.ID
}

func (h *hall) free(a acd.Agent, m acd.Medium) bool {
	return h.staffed(a) && a.Free(m, h.now) && !h.taken[a.ID]
}

// open tells which steps of the leg's queue are open to it.
func (h *hall) open(l acd.Leg) []bool {
	steps, requirements := h.rules.Queues[l.Queue].Steps, h.requirements(l)
	out := make([]bool, len(steps))
	var opens acd.Instant
	unstaffed := false // the step in front
	for k, s := range steps {
		if at := l.WaitsFrom().Add(s.After); k == 0 || !unstaffed {
			opens = at
		}
		c := routing.Counts{}
		for _, other := range h.legs {
			if _, chosen := h.pending[other.ID]; other.Queue == l.Queue && !chosen {
				c.Waiting++
			}
		}
		for _, a := range h.agents {
			if _, fits := requirements[k].Match(h.skills(a)); fits && h.staffed(a) {
				c.LoggedIn++
				if h.free(a, l.Medium) && !h.reserved[a.ID] {
					c.Free++
				}
			}
		}
		unstaffed = c.LoggedIn == 0
		at := opens
		if l.WaitsFrom() > h.now { // clocks differ by a moment
			at -= l.WaitsFrom() - h.now
		}
		if at > h.now || !h.condition(s.Consider).Holds(c) {
			continue
		}
		if s.Exclusive && !unstaffed {
			clear(out)
		}
		out[k] = true
	}
	return out
}

// way is one contact that one agent may take now.
type way struct {
	leg       acd.Leg
	agent     acd.Agent
	preferred bool
	step      int
	points    int
	compared  []float64 // by the queue's order, lower first
}

func (w way) score() int64 { return acd.Score(w.leg.WaitsFrom(), w.points) }

func (w way) before(v way) bool {
	front := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(w.score(), v.score()), cmp.Compare(w.leg.WaitsFrom(), v.leg.WaitsFrom()), cmp.Compare(w.leg.ID, v.leg.ID),
		front(w.preferred, v.preferred), cmp.Compare(w.step, v.step), slices.Compare(w.compared, v.compared), cmp.Compare(w.agent.ID, v.agent.ID)) < 0
}

// ways lists every contact that every agent may take now.
func (h *hall) ways() []way {
	var out []way
	for _, l := range h.legs {
		if _, chosen := h.pending[l.ID]; chosen {
			continue
		}
		queue, open, requirements, held := h.rules.Queues[l.Queue], h.open(l), h.requirements(l), h.heldFor(l)
		var of []way
		for _, a := range h.agents {
			if w, ok := h.way(l, a, queue, open, requirements, held); ok {
				of = append(of, w)
			}
		}
		if i := slices.IndexFunc(of, func(w way) bool { return w.preferred }); i >= 0 {
			of = of[i : i+1] // who knows the caller is asked before all others
		}
		out = append(out, of...)
	}
	return out
}

func (h *hall) way(l acd.Leg, a acd.Agent, queue routing.Queue, open []bool, requirements []routing.Requirement, held acd.AgentID) (way, bool) {
	named := held == a.ID && l.Named()
	w := way{leg: l, agent: a, preferred: a.ID == l.Preferred, step: -1}
	fits := slices.ContainsFunc(requirements, func(r routing.Requirement) bool { _, ok := r.Match(h.skills(a)); return ok })
	switch {
	case !h.free(a, l.Medium), l.ExcludedAgent(a.ID, h.now), held != "" && held != a.ID:
		return w, false
	case h.reserved[a.ID] && !(held == a.ID && l.PushedBy != ""):
		return w, false
	case h.view.QueuePaused(l.Queue) && !named, !fits && !named:
		return w, false
	}
	own := h.rules.Agents[a.ID].Queues[l.Queue]
	weights := queue.Policy.Effective()
	age := max(0, h.now.Sub(l.WaitsFrom()))
	w.points = l.Points
	for i, b := range weights.Ages {
		if age >= b.From && (i+1 == len(weights.Ages) || age < weights.Ages[i+1].From) {
			w.points += b.Points
		}
	}
	for k, r := range requirements {
		if surplus, ok := r.Match(h.skills(a)); ok && open[k] && age >= own.Delay {
			w.step = k
			if k < len(weights.Steps) {
				w.points += weights.Steps[k]
			}
			w.points += own.Priority
			for _, c := range queue.AgentOrder() {
				w.compared = append(w.compared, h.criterion(c, a, surplus, r))
			}
			break
		}
	}
	w.points = acd.ClampPoints(w.points)
	if w.step < 0 && !named {
		return w, false
	}
	if w.step < 0 {
		// Asked for by name: the step that is told is the one he would take it through.
		w.step = 0
		for k := len(requirements) - 1; k >= 0; k-- {
			if _, ok := requirements[k].Match(h.skills(a)); ok {
				w.step = k
			}
		}
		for k := len(requirements) - 1; k >= 0; k-- {
			if _, ok := requirements[k].Match(h.skills(a)); ok && open[k] {
				w.step = k
			}
		}
	}
	return w, true
}

func (h *hall) criterion(c routing.Criterion, a acd.Agent, surplus int, r routing.Requirement) float64 {
	switch c {
	case routing.LeastSurplus:
		return float64(surplus)
	case routing.LongestIdle:
		return float64(a.IdleSince)
	case routing.LeastOccupied:
		if len(a.Legs) > 0 {
			return 1 + h.occupancy(a.ID, h.now)
		}
		return h.occupancy(a.ID, h.now)
	}
	return -float64(r.Level(h.skills(a)))
}

// pick returns what the engine should choose next among the live legs. Nobody is overtaken by a contact
// that came ten minutes later; late is one who would be.
func (r *reference) pick(now acd.Instant, live []acd.LegID) (chosen pair, late acd.LegID, ok bool) {
	r.settle(now)
	h := r.hall(now, live)
	ways := h.ways()
	if len(ways) == 0 {
		return pair{}, "", false
	}
	best := slices.MinFunc(ways, func(v, w way) int {
		switch {
		case v.before(w):
			return -1
		case w.before(v):
			return 1
		}
		return 0
	})
	for _, w := range ways {
		if best.leg.WaitsFrom().Sub(w.leg.WaitsFrom()) >= 10*time.Minute {
			late = w.leg.ID
		}
	}
	r.pending[best.leg.ID] = wish{best.agent.ID, now.Add(routing.PendingFor)}
	return pair{best.leg.ID, best.agent.ID, best.step + 1}, late, true
}
