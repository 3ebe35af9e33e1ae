package routing

import (
	"accueil/acd"
)

// Choice is one claim to make: this leg for this agent at this phone.
type Choice struct {
	Leg      acd.LegID
	Agent    acd.AgentID
	Phone    acd.PhoneID
	Queue    acd.QueueID
	Step     int // that admitted the agent, from 1
	Decision acd.Decision
}

// MaxRunnersUp bounds the agents that a decision names after the winner.
const MaxRunnersUp = 5

// Decide returns every choice that can be made at now, lowest score first. Each is pending from then
// on: see Retry.
func (e *Engine) Decide(now acd.Instant) []Choice {
	var out []Choice
	for {
		c, ok := e.Pick(now)
		if !ok {
			return out
		}
		out = append(out, c)
	}
}

// Pick returns the next choice to make at now with its explanation, and makes it pending.
func (e *Engine) Pick(now acd.Instant) (Choice, bool) { return e.pick(now, true) }

// PickBare is Pick without the explanation: its Decision is empty. A simulation that nobody asks for
// reasons saves most of the cost so.
func (e *Engine) PickBare(now acd.Instant) (Choice, bool) { return e.pick(now, false) }

func (e *Engine) pick(now acd.Instant, explained bool) (Choice, bool) {
	e.advance(now)
	m := e.best()
	if m.leg == nil {
		return Choice{}, false
	}
	c := Choice{Leg: m.leg.id, Agent: m.agent.id, Phone: m.agent.image.Phone, Queue: m.leg.queue, Step: m.step + 1}
	if explained {
		c.Decision = e.decision(m)
	}
	e.bind(m.leg, m.agent, e.now.Add(PendingFor))
	return c, true
}

// decision describes a match that was found best.
func (e *Engine) decision(m match) acd.Decision {
	l, c := m.leg, m.leg.class
	s := e.see(l, c.considered())
	d := acd.Decision{
		LastID: e.lastID, Ahead: e.aheadOf(), Inexact: e.settled != 0, At: e.now, Possible: e.possible(l, m.agent, m.step), Rules: e.hash, Leg: l.id, Agent: m.agent.id,
		Step: m.step + 1, Score: m.place.score,
		Points:  e.points(m, s),
		Parts:   e.parts(m),
		Passed:  e.tally(m, s),
		Skipped: c.skipped(s.age),
	}
	if !l.parked && !c.queue.paused {
		for _, r := range e.runnersUp(m, s) {
			d.RunnersUp = append(d.RunnersUp, acd.RunnerUp{Agent: r.agent.id, Parts: e.parts(r)})
		}
	}
	return d
}

// runnersUp returns the next best matches of the contact, by merging the groups' orders.
func (e *Engine) runnersUp(winner match, s sight) []match {
	l, c := winner.leg, winner.leg.class
	var heads []*node[rank]
	var ways []match
	for _, g := range c.groups {
		if step, points, why := s.admits(g, &c.queue.weights); g.size > 0 && why == "" {
			heads = append(heads, g.sets[step].first())
			ways = append(ways, match{leg: l, step: step, points: points})
		}
	}
	var out []match
	for len(out) < MaxRunnersUp {
		var next match
		from := -1
		for i, n := range heads {
			for n != nil && (n.key.agent == winner.agent || l.excludes(n.key.agent.id, e.now)) {
				n = n.after()
			}
			if heads[i] = n; n == nil {
				continue
			}
			m := ways[i]
			m.agent, m.rank = n.key.agent, n.key
			if from < 0 || m.compare(next) < 0 {
				next, from = m, i
			}
		}
		if from < 0 {
			break
		}
		heads[from] = heads[from].after()
		next.place = l.placed(next.points)
		out = append(out, next)
	}
	return out
}

// points names what the contact's points are made of for the agent of the match.
func (e *Engine) points(m match, s sight) []acd.ScorePart {
	l := m.leg
	var out []acd.ScorePart
	put := func(name string, n int) {
		if n != 0 {
			out = append(out, acd.ScorePart{Name: name, Value: int64(n)})
		}
	}
	put("base", l.points)
	put("age", s.points-l.points)
	if f := m.agent.profile.fit(l.class); f != nil {
		if step, _, why := s.admits(f.group, &l.class.queue.weights); why == "" {
			put("step", l.class.queue.weights.step(step))
			put("priority", f.group.priority)
		}
	}
	put("points", m.points)
	return out
}

// parts are what an eligible agent is compared by, in that order: preferred (1 or 0, higher wins),
// points (higher wins), step (lower wins), then the criteria of the queue: surplus (lower wins),
// idle_ms (higher wins), in_hand (nothing in hand wins) and occupancy in thousandths (lower wins), level
// (higher wins).
func (e *Engine) parts(m match) []acd.ScorePart {
	out := []acd.ScorePart{{Name: "preferred", Value: m.knows()}, {Name: "points", Value: int64(m.points)}, {Name: "step", Value: int64(m.step + 1)}}
	for i, c := range m.leg.class.queue.order {
		switch c {
		case LeastSurplus:
			out = append(out, acd.ScorePart{Name: "surplus", Value: m.rank.by[i]})
		case LongestIdle:
			out = append(out, acd.ScorePart{Name: "idle_ms", Value: int64(e.now - m.agent.idle)})
		case LeastOccupied:
			out = append(out, acd.ScorePart{Name: "in_hand", Value: int64(len(m.agent.image.Legs))},
				acd.ScorePart{Name: "occupancy", Value: m.agent.image.Occupied(e.now)})
		case HighestLevel:
			out = append(out, acd.ScorePart{Name: "level", Value: -m.rank.by[i]})
		}
	}
	return out
}

// tally counts the agents who were passed over when the match was made, by reason, from the counts of
// the class: the same figures that judging each agent would give.
func (e *Engine) tally(m match, s sight) map[string]int {
	l, c := m.leg, m.leg.class
	by := map[Passed]int{}
	fitting := 0
	for at, n := range c.count {
		fitting += n
		if standing(at) != standReady {
			by[passed[at]] += n
		}
	}
	by[PassedSkills] += len(e.agents) - fitting
	for _, g := range c.groups {
		_, _, why := s.admits(g, &c.queue.weights)
		if c.queue.paused {
			why = PassedQueuePaused
		}
		by[why] += g.size
	}
	for i, x := range l.excluded {
		a := e.agents[x.Agent]
		if a == nil || x.Until <= e.now || repeated(l.excluded[:i], x.Agent, e.now) {
			continue
		}
		if _, why := e.judge(l, s, a); why == PassedThisContact {
			by[""]--
			by[PassedThisContact]++
		}
	}
	by[e.counted(m, s)]--
	if l.parked {
		by[PassedHeld] += by[""]
	} else {
		by[PassedRanked] += by[""]
	}
	delete(by, "")
	out := map[string]int{}
	for why, n := range by { // into a map: the order does not show
		if n > 0 {
			out[string(why)] = n
		}
	}
	return out
}

// counted is where the counts of the class have the winner: among the eligible, unless he was asked for
// by name and would not be.
func (e *Engine) counted(m match, s sight) Passed {
	f := m.agent.profile.fit(m.leg.class)
	if f == nil {
		return PassedSkills
	}
	if at := m.agent.towards(m.leg.class.key.medium); at != standReady {
		return passed[at]
	}
	if m.leg.class.queue.paused {
		return PassedQueuePaused
	}
	_, _, why := s.admits(f.group, &m.leg.class.queue.weights)
	return why
}

// repeated reports whether the agent has a running exclusion in xs.
func repeated(xs []acd.Exclusion, a acd.AgentID, now acd.Instant) bool {
	for _, x := range xs {
		if x.Agent == a && x.Until > now {
			return true
		}
	}
	return false
}
