package routing_test

import (
	"cmp"
	"maps"
	"slices"

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
// and every agent each time, and keeps nothing between decisions but what is pending.
type reference struct {
	rules   routing.Rules
	view    *acd.View
	pending map[acd.LegID]wish
	parsed  map[string]routing.Requirement
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

// stays reports whether the agent will be offered contacts again without anybody's doing.
func (r *reference) stays(a acd.Agent) bool {
	return r.staffed(a) && a.State != acd.AgentPaused && (a.Next == nil || a.Next.State == acd.AgentReady)
}

// settle forgets pending choices that the log has answered or that are too old.
func (r *reference) settle(now acd.Instant) {
	for id, p := range r.pending {
		l, _ := r.view.Leg(id)
		a, _ := r.view.Agent(p.agent)
		if l.State != acd.LegQueued || a.State != acd.AgentReady || p.until <= now {
			delete(r.pending, id)
		}
	}
}

// pick returns what the engine should choose next among the live legs.
func (r *reference) pick(now acd.Instant, live []acd.LegID) (pair, bool) {
	r.settle(now)
	agents := r.view.Agents()
	var legs []acd.Leg
	for _, id := range live {
		l, _ := r.view.Leg(id)
		legs = append(legs, l)
	}
	taken := map[acd.AgentID]bool{}
	for _, p := range r.pending {
		taken[p.agent] = true
	}
	slices.SortFunc(legs, func(a, b acd.Leg) int { return cmp.Or(cmp.Compare(a.Score(), b.Score()), cmp.Compare(a.ID, b.ID)) })
	for _, l := range legs {
		queue, ok := r.rules.Queues[l.Queue]
		if _, waits := r.pending[l.ID]; l.State != acd.LegQueued || waits || !ok {
			continue
		}
		type step struct {
			requirement routing.Requirement
			open        bool
		}
		asks := r.parse(l.Asks)
		var steps []step
		var opens acd.Instant
		unstaffed := false // the step in front
		for k, s := range queue.Steps {
			requirement := routing.And(r.parse(s.Require), asks)
			if at := l.Enqueued.Add(s.After); k == 0 || !unstaffed {
				opens = at
			}
			unstaffed = !slices.ContainsFunc(agents, func(a acd.Agent) bool {
				_, fits := requirement.Match(r.skills(a))
				return r.staffed(a) && fits
			})
			steps = append(steps, step{requirement, opens <= now})
		}
		// fit is the first step that the agent satisfies, open or not.
		fit := func(a acd.Agent) (step, surplus int) {
			for k, s := range steps {
				if surplus, ok := s.requirement.Match(r.skills(a)); ok {
					return k, surplus
				}
			}
			return -1, 0
		}
		held := acd.AgentID("")
		for _, a := range agents {
			if k, _ := fit(a); a.ID == l.Preferred && l.HoldUntil > now && r.stays(a) && k >= 0 && !l.ExcludedAgent(a.ID, now) {
				held = a.ID
			}
		}
		type candidate struct {
			agent                    acd.Agent
			preferred, step, surplus int
		}
		var best *candidate
		for _, a := range agents {
			k, surplus := fit(a)
			if !r.staffed(a) || !a.Free(acd.VoiceLoad, now) || taken[a.ID] || k < 0 || !steps[k].open ||
				l.ExcludedAgent(a.ID, now) || held != "" && held != a.ID {
				continue
			}
			c := candidate{a, 1, k, surplus}
			if a.ID == l.Preferred {
				c.preferred = 0
			}
			if best == nil || cmp.Or(cmp.Compare(c.preferred, best.preferred), cmp.Compare(c.step, best.step),
				cmp.Compare(c.surplus, best.surplus), cmp.Compare(a.IdleSince, best.agent.IdleSince), cmp.Compare(a.ID, best.agent.ID)) < 0 {
				best = &c
			}
		}
		if best != nil {
			r.pending[l.ID] = wish{best.agent.ID, now.Add(routing.PendingFor)}
			return pair{l.ID, best.agent.ID, best.step + 1}, true
		}
	}
	return pair{}, false
}
