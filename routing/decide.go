package routing

import "accueil/acd"

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

// Pick returns the next choice to make at now, and makes it pending.
func (e *Engine) Pick(now acd.Instant) (Choice, bool) {
	e.advance(now)
	l, a := e.best()
	if l == nil {
		return Choice{}, false
	}
	c := e.choice(l, a)
	e.bind(l, a, e.now.Add(PendingFor))
	return c, true
}

// best finds the lowest score among the contacts that a free agent may serve, and that agent.
func (e *Engine) best() (*leg, *agent) {
	var l *leg
	var a *agent
	for _, c := range e.scan {
		if c.waiting == 0 || c.ready.size == 0 {
			continue
		}
		for i := range c.lines {
			for n := c.lines[i].first(); n != nil; n = n.after() {
				next := n.key.leg
				if l != nil && !n.key.before(l.place()) {
					break
				}
				if who := e.match(next); who != nil {
					l, a = next, who
					break
				}
				// Whoever stands behind is younger, so no step is open to him that is closed here:
				// only what is this contact's own could have kept it from being served.
				if !next.restricted(e.now) || c.ready.first().key.step >= c.open(next.enqueued, e.now) {
					break
				}
			}
		}
	}
	for n := e.holders.first(); n != nil; n = n.after() {
		who := n.key.agent
		for h := who.holds.first(); h != nil; h = h.after() {
			next := h.key.leg
			if l != nil && !h.key.before(l.place()) {
				break
			}
			if _, why := e.judge(next, who); next.parked && next.claim == nil && why == "" {
				l, a = next, who
				break
			}
		}
	}
	return l, a
}

// match returns the agent whom a contact in a line goes to now: the preferred one when he is free,
// else the best of those free; nil when there is none.
func (e *Engine) match(l *leg) *agent {
	if p := e.agents[l.preferred]; p != nil {
		if _, why := e.judge(l, p); why == "" {
			return p
		}
	}
	for n := l.class.ready.first(); n != nil; n = n.after() {
		switch _, why := e.judge(l, n.key.agent); why {
		case "":
			return n.key.agent
		case PassedStepClosed:
			return nil // and for everyone after him
		}
	}
	return nil
}

// judge says whether the contact may go to the agent now, and through which of his fits; else why he
// is passed over. Everything that decides or explains asks here.
func (e *Engine) judge(l *leg, a *agent) (fit, Passed) {
	f, ok := a.profile.fit(l.class)
	named := l.named && l.parked && l.holder == a // asked for by name: neither skills nor steps matter
	switch {
	case !ok && !named:
		return f, PassedSkills
	case a.standing != standReady:
		return f, passed[a.standing]
	case f.first >= l.class.open(l.enqueued, e.now) && !named:
		return f, PassedStepClosed
	case l.excludes(a.id, e.now):
		return f, PassedThisContact
	case l.parked && l.holder != a:
		return f, PassedHeld
	}
	return f, ""
}

// choice describes the decision that l goes to a.
func (e *Engine) choice(l *leg, a *agent) Choice {
	f, _ := a.profile.fit(l.class)
	open := l.class.open(l.enqueued, e.now)
	d := acd.Decision{
		LastID: e.lastID, Ahead: e.aheadOf(), Inexact: e.settled != 0, At: e.now, Possible: e.possible(l, a, f.first), Rules: e.hash, Leg: l.id, Agent: a.id, Step: f.first + 1, Score: l.score,
		Parts:   e.parts(l, a, f),
		Passed:  e.tally(l, a, open),
		Skipped: l.class.skipped(open),
	}
	for n := l.class.ready.first(); n != nil && !l.parked && len(d.RunnersUp) < MaxRunnersUp; n = n.after() {
		g, why := e.judge(l, n.key.agent)
		if why == PassedStepClosed {
			break
		}
		if why == "" && n.key.agent != a {
			d.RunnersUp = append(d.RunnersUp, acd.RunnerUp{Agent: n.key.agent.id, Parts: e.parts(l, n.key.agent, g)})
		}
	}
	return Choice{Leg: l.id, Agent: a.id, Phone: a.image.Phone, Queue: l.queue, Step: d.Step, Decision: d}
}

// parts are what an eligible agent is compared by, in that order: preferred (1 or 0, higher wins),
// step and surplus (lower wins), idle_ms (higher wins).
func (e *Engine) parts(l *leg, a *agent, f fit) []acd.ScorePart {
	preferred := int64(0)
	if l.preferred == a.id {
		preferred = 1
	}
	return []acd.ScorePart{
		{Name: "preferred", Value: preferred},
		{Name: "step", Value: int64(f.first + 1)},
		{Name: "surplus", Value: int64(f.surplus)},
		{Name: "idle_ms", Value: int64(e.now - a.idle)},
	}
}

// tally counts the agents who were passed over for l when it went to the winner, by reason, from the
// counts of the class: the same figures that judging each agent would give.
func (e *Engine) tally(l *leg, winner *agent, open int) map[string]int {
	c := l.class
	out := map[string]int{}
	put := func(why Passed, n int) {
		if n > 0 {
			out[string(why)] += n
		}
	}
	fitting := 0
	for s, n := range c.count {
		fitting += n
		if standing(s) != standReady {
			put(passed[s], n)
		}
	}
	put(PassedSkills, len(e.agents)-fitting)
	eligible := 0
	for k, n := range c.readyAt {
		if k < open {
			eligible += n
		} else {
			put(PassedStepClosed, n)
		}
	}
	for i, x := range l.excluded {
		a := e.agents[x.Agent]
		if a == nil || x.Until <= e.now || repeated(l.excluded[:i], x.Agent, e.now) {
			continue
		}
		if _, why := e.judge(l, a); why == PassedThisContact {
			eligible--
			put(PassedThisContact, 1)
		}
	}
	if l.parked && l.holder == winner {
		put(PassedHeld, eligible-1)
	} else {
		put(PassedRanked, eligible-1)
	}
	return out
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

// Next returns the earliest instant after now at which a choice may become possible though the log
// says nothing new: a step opens to someone who is free, an exclusion or a hold ends, or a choice
// has gone unanswered for too long. False when there is none.
func (e *Engine) Next(now acd.Instant) (acd.Instant, bool) {
	e.advance(now)
	var next acd.Instant
	if n := e.timers.first(); n != nil {
		next = n.key.at
	}
	for _, c := range e.scan {
		if c.waiting == 0 || c.ready.size == 0 {
			continue
		}
		for k, age := range c.opens {
			if c.readyAt[k] == 0 || age == 0 {
				continue
			}
			for points := range c.lines {
				// The oldest contact in this line to which the step is still closed.
				young := e.now - acd.Instant(age) + 1
				if n := c.lines[points].seek(place{acd.Score(young, points), &leg{}}); n != nil {
					next = acd.Earliest(next, n.key.leg.enqueued+acd.Instant(age))
				}
			}
		}
	}
	for n := e.holders.first(); n != nil; n = n.after() {
		for h := n.key.holds.first(); h != nil; h = h.after() {
			f, why := e.judge(h.key.leg, n.key.agent)
			if why == PassedStepClosed && h.key.leg.parked {
				next = acd.Earliest(next, h.key.leg.enqueued+acd.Instant(h.key.leg.class.opens[f.first]))
			}
		}
	}
	return next, next != 0
}

// StaffedFor reports whether anyone at work (ready, offered, busy, in wrap-up or paused) could serve
// a contact of the queue that asks for this, through any of its steps.
func (e *Engine) StaffedFor(q acd.QueueID, asks string) bool {
	c := e.class(q, asks)
	return c != nil && c.anybody > 0
}

// Staffing counts the agents who could serve a contact of a queue, through any of its steps.
type Staffing struct {
	Staffed  int // at work, paused included
	Routable int // of those, who will be offered contacts again by themselves
	Ready    int // free now
}

// Staffing returns the counts at now for contacts of the queue that ask for this.
func (e *Engine) Staffing(q acd.QueueID, asks string, now acd.Instant) Staffing {
	e.advance(now)
	c := e.class(q, asks)
	if c == nil {
		return Staffing{}
	}
	return Staffing{Staffed: c.anybody, Routable: c.routable, Ready: c.ready.size}
}

// LastRoutable reports whether some queue that the agent serves would be left with nobody who is
// offered its contacts, were he made unreachable: then he must not be.
func (e *Engine) LastRoutable(id acd.AgentID) bool {
	a := e.agents[id]
	if a == nil {
		return false
	}
	self := 0
	if a.routable {
		self = 1
	}
	for _, f := range a.profile.fits {
		if f.class.key.asks == "" && f.class.routable == self {
			return true
		}
	}
	return false
}
