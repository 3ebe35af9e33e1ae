package main

import (
	"cmp"

	"accueil/acd"
	"accueil/routing"
)

// naive decides the plain way: for each decision it looks at every waiting contact and every free
// agent. It knows what the scene needs: fair order, steps by age, least surplus, longest idle.
type naive struct {
	rules  routing.Rules
	steps  map[acd.QueueID][]routing.Requirement
	legs   map[acd.LegID]acd.Leg
	agents map[acd.AgentID]acd.Agent // free
}

func newNaive(s *scene, free []acd.Agent) (*naive, error) {
	n := &naive{rules: s.rules, steps: map[acd.QueueID][]routing.Requirement{}, legs: map[acd.LegID]acd.Leg{}, agents: map[acd.AgentID]acd.Agent{}}
	for id, q := range s.rules.Queues {
		for _, step := range q.Steps {
			r, err := routing.ParseRequirement(step.Require, s.rules.Skills)
			if err != nil {
				return nil, err
			}
			n.steps[id] = append(n.steps[id], r)
		}
	}
	for id, l := range s.waiting {
		n.legs[id] = l
	}
	for _, a := range free {
		n.agents[a.ID] = a
	}
	return n, nil
}

type naiveMatch struct {
	leg           acd.Leg
	agent         acd.Agent
	step, surplus int
}

func (m naiveMatch) compare(o naiveMatch) int {
	return cmp.Or(cmp.Compare(m.leg.Score(), o.leg.Score()), cmp.Compare(m.leg.Enqueued, o.leg.Enqueued), cmp.Compare(m.leg.ID, o.leg.ID),
		cmp.Compare(m.step, o.step), cmp.Compare(m.surplus, o.surplus), cmp.Compare(m.agent.IdleSince, o.agent.IdleSince),
		cmp.Compare(m.agent.ID, o.agent.ID))
}

// pick returns the next choice and takes both parties away.
func (n *naive) pick(now acd.Instant) (naiveMatch, bool) {
	var best naiveMatch
	found := false
	for _, l := range n.legs {
		for _, a := range n.agents {
			for k, step := range n.rules.Queues[l.Queue].Steps {
				if now.Sub(l.Enqueued) < step.After {
					break
				}
				surplus, fits := n.steps[l.Queue][k].Match(n.rules.Agents[a.ID].Skills)
				if !fits {
					continue
				}
				if m := (naiveMatch{l, a, k, surplus}); !found || m.compare(best) < 0 {
					best, found = m, true
				}
				break
			}
		}
	}
	delete(n.legs, best.leg.ID)
	delete(n.agents, best.agent.ID)
	return best, found
}
