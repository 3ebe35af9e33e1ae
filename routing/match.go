package routing

import (
	"accueil/acd"
)

// match is one way to serve a contact: this agent takes it through this step, with these points.
type match struct {
	leg    *leg
	agent  *agent
	step   int // from 0
	points int // the contact's own and those that the policy adds, clamped
	place  place
	rank   rank
}

// sight is what a contact sees of its queue at an instant.
type sight struct {
	age        int64   // ms
	open       stepSet // steps
	points     int     // its own and those of its age, not clamped
	considered stepSet
}

// see works out what the contact sees; considered are the steps of its queue whose conditions hold.
func (e *Engine) see(l *leg, considered stepSet) sight {
	// The clocks of two nodes differ by a moment: one that is enqueued ahead of now is new.
	age := max(0, int64(e.now-l.enqueued))
	return sight{age: age, open: l.class.open(age, considered), considered: considered,
		points: l.points + l.class.queue.weights.age(age)}
}

// admits says through which step, from 0, and with how many points agents of the group may take the
// contact now; else why not.
func (s sight) admits(g *group, w *Weights) (step, points int, why Passed) {
	switch open := g.steps & s.open; {
	case open == 0:
		return g.steps.first(), 0, PassedStepClosed
	case g.delay > s.age:
		return open.first(), 0, PassedDelayed
	default:
		step = open.first()
		return step, acd.ClampPoints(s.points + w.step(step) + g.priority), ""
	}
}

// judge says whether the contact may go to the agent now, and how; else why he is passed over.
// Everything that decides or explains asks here.
func (e *Engine) judge(l *leg, s sight, a *agent) (match, Passed) {
	m := match{leg: l, agent: a, points: acd.ClampPoints(s.points)}
	f := a.profile.fit(l.class)
	mine := l.parked && l.holder == a
	named := mine && l.named // asked for by name: neither skills, steps nor a pause of the queue matter
	if f == nil && !named {
		return m, PassedSkills
	}
	if at := a.towards(l.class.key.medium); at != standReady && !(at == standReserved && mine && l.pushed) {
		return m, passed[at]
	}
	if l.class.queue.paused && !named {
		return m, PassedQueuePaused
	}
	if f != nil {
		step, points, why := s.admits(f.group, &l.class.queue.weights)
		m.step, m.rank = step, f.rank(a, step)
		if why != "" && !named {
			return m, why
		}
		if why == "" {
			m.points = points
		}
	}
	m.place = l.placed(m.points)
	switch {
	case l.excludes(a.id, e.now):
		return m, PassedThisContact
	case l.parked && !mine:
		return m, PassedHeld
	}
	return m, ""
}

// match returns how a contact in a line is best served now. A preferred agent who is free comes before
// all others. own says that something of this contact's own decided: then one behind it, to which all
// else applies as well, may be served in another way.
func (e *Engine) match(l *leg, considered stepSet) (best match, own bool) {
	s := e.see(l, considered)
	if l.preferred != "" {
		if p := e.agents[l.preferred]; p != nil {
			if m, why := e.judge(l, s, p); why == "" {
				return m, true
			}
		}
	}
	own = l.restricted(e.now)
	var head *node[rank] // of the best group
	for _, g := range l.class.groups {
		if g.size == 0 {
			continue
		}
		step, points, why := s.admits(g, &l.class.queue.weights)
		if why != "" || head != nil && (points < best.points || points == best.points && step > best.step) {
			continue
		}
		n := g.sets[step].first()
		for own && n != nil && l.excludes(n.key.agent.id, e.now) {
			n = n.after()
		}
		if n == nil || head != nil && points == best.points && step == best.step && !n.key.before(head.key) {
			continue
		}
		head, best.points, best.step = n, points, step
	}
	if head != nil {
		best.leg, best.agent, best.rank, best.place = l, head.key.agent, head.key, l.placed(best.points)
	}
	return best, own
}

// best finds the contact of the lowest score among those that a free agent may serve, with the points
// that it has for that agent, and the agent.
func (e *Engine) best() match {
	var best match
	for _, c := range e.scan {
		if c.waiting > 0 && c.ready > 0 && !c.queue.paused {
			e.bestOf(c, &best)
		}
	}
	for n := e.holders.first(); n != nil; n = n.after() {
		who := n.key.agent
		for h := who.holds.first(); h != nil; h = h.after() {
			l := h.key.leg
			if !l.parked || l.claim != nil {
				continue
			}
			m, why := e.judge(l, e.see(l, l.class.considered()), who)
			if why == "" && (best.leg == nil || m.place.before(best.place)) {
				best = m
			}
		}
	}
	return best
}

// bestOf looks for a better match in a class. In a line, contacts differ by age only. Where age can
// only help, the oldest one is looked at; else the oldest one between any two turns: between them, all
// see the same.
func (e *Engine) bestOf(c *class, best *match) {
	considered := c.considered()
	for points := range c.lines {
		line := &c.lines[points]
		if line.size == 0 {
			continue
		}
		if c.queue.plain {
			e.walk(line.first(), points, 0, considered, best)
			continue
		}
		for i := len(c.turns) - 1; i >= 0; i-- {
			from := line.first()
			if i+1 < len(c.turns) {
				from = line.seek(place{score: acd.Score(e.now-acd.Instant(c.turns[i+1])+1, points), leg: &leg{}})
			}
			e.walk(from, points, c.turns[i], considered, best)
		}
	}
}

// walk looks at the contacts of a line from one on, as long as they are of that age, in ms, and one may
// be served in another way than the one before it.
func (e *Engine) walk(n *node[place], points int, age int64, considered stepSet, best *match) {
	for ; n != nil; n = n.after() {
		l := n.key.leg
		if age > 0 && int64(e.now-l.enqueued) < age {
			return
		}
		if best.leg != nil && !l.placed(points+l.class.top).before(best.place) {
			return // not with all the points there are
		}
		m, own := e.match(l, considered)
		if m.leg != nil && (best.leg == nil || m.place.before(best.place)) {
			*best = m
		}
		if !own {
			return
		}
	}
}
