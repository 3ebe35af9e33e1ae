package routing

import (
	"accueil/acd"
)

// leg is what routing keeps of a contact's leg, and where the index has put it.
type leg struct {
	id        acd.LegID
	rev       int64
	state     acd.LegState
	queue     acd.QueueID
	medium    acd.Medium
	asks      string
	enqueued  acd.Instant // where its age counts from: its first enqueue, or its contact's when it came back
	since     acd.Instant // when it began to wait this time
	points    int
	preferred acd.AgentID
	from      acd.AgentID // who handed it on
	pushedBy  string      // who gave it to the preferred agent
	named     bool        // to the preferred agent himself, who need not have its skills
	holdUntil acd.Instant
	notBefore acd.Instant // of a callback: nobody is asked sooner
	excluded  []acd.Exclusion

	claim *claim // chosen, not answered yet
	due   acd.Instant

	class     *class // while it waits
	line      int    // points under which it stands in the class; -1 when it stands in no line
	unclaimed bool   // counted as waiting in its queue
	holder    *agent // while its hold runs: the preferred agent
	parked    bool   // reserved for holder now: nobody else may have it
	pushed    bool   // and he for it: a supervisor did that
	place     place  // by its own points, as indexed
}

func (l *leg) fold(image acd.Leg) {
	l.rev, l.state, l.queue, l.medium, l.asks = image.Rev, image.State, image.Queue, image.Medium, image.Asks
	l.enqueued, l.since, l.points = image.WaitsFrom(), image.Since, acd.ClampPoints(image.Points)
	l.preferred, l.holdUntil, l.excluded = image.Preferred, image.HoldUntil, image.Excluded
	l.from, l.pushedBy, l.named = image.From, image.PushedBy, image.Named()
	l.notBefore = 0
	if image.Callback != nil {
		l.notBefore = image.Callback.NotBefore
	}
}

// waits reports whether the leg is to be given to somebody: a caller in the queue, or a callback whose
// time has come.
func (l *leg) waits(now acd.Instant) bool {
	return l.state == acd.LegQueued || l.state == acd.LegCallback && l.notBefore <= now
}

// waitingState reports whether a leg in this state is nobody's yet.
func waitingState(s acd.LegState) bool { return s == acd.LegQueued || s == acd.LegCallback }

// image returns the fields that routing keeps.
func (l *leg) image() acd.Leg {
	var back *acd.Callback
	if l.state == acd.LegCallback {
		back = &acd.Callback{NotBefore: l.notBefore}
	}
	return acd.Leg{ID: l.id, Callback: back, Rev: l.rev, State: l.state, Queue: l.queue, Medium: l.medium, Asks: l.asks, Enqueued: l.enqueued, Since: l.since,
		Points: l.points, From: l.from, PushedBy: l.pushedBy, Preferred: l.preferred, HoldUntil: l.holdUntil, Excluded: l.excluded}
}

// place orders contacts by score; of equal scores who waits longer, then ids. So a contact is never in
// front of one that came ten minutes earlier, however many points it has.
type place struct {
	score int64
	since acd.Instant // where its age counts from
	leg   *leg
}

func (p place) before(q place) bool {
	switch {
	case p.score != q.score:
		return p.score < q.score
	case p.since != q.since:
		return p.since < q.since
	}
	return p.leg.id < q.leg.id
}

// placed returns where the leg would stand with so many points.
func (l *leg) placed(points int) place { return place{acd.Score(l.enqueued, points), l.enqueued, l} }

// excludes reports whether the leg must not go to the agent at now.
func (l *leg) excludes(a acd.AgentID, now acd.Instant) bool {
	for _, x := range l.excluded {
		if x.Agent == a && x.Until > now {
			return true
		}
	}
	return false
}

// possible is the instant from which nothing but our own work kept the leg from the agent through
// this step of its queue: both were there, the step was open, and no exclusion or hold stood between.
func (e *Engine) possible(l *leg, a *agent, step int) acd.Instant {
	at := max(l.since, a.image.Since)
	ended := func(i acd.Instant) {
		if i <= e.now { // a later one did not keep anyone: it was lifted, or skipped
			at = max(at, i)
		}
	}
	ended(l.enqueued + acd.Instant(l.class.opens[step]))
	ended(l.class.queue.since)
	ended(l.notBefore)
	if f := a.profile.fit(l.class); f != nil {
		ended(l.enqueued + acd.Instant(f.group.delay))
	}
	ended(a.image.Excluded)
	for _, x := range l.excluded {
		if x.Agent == a.id {
			ended(x.Until)
		}
	}
	if l.preferred != "" && l.preferred != a.id {
		ended(l.holdUntil)
	}
	return min(at, e.now)
}

// restricted reports whether some agent is kept from the leg at now.
func (l *leg) restricted(now acd.Instant) bool {
	for _, x := range l.excluded {
		if x.Until > now {
			return true
		}
	}
	return false
}

// indexLeg puts the leg where its image, its claim and the instant want it.
func (e *Engine) indexLeg(l *leg) {
	e.unindexLeg(l)
	if !l.waits(e.now) {
		if l.state == acd.LegCallback {
			e.wakeLeg(l) // when its time comes
		}
		return
	}
	l.place = l.placed(l.points)
	if l.class = e.class(l.queue, l.medium, l.asks); l.class != nil {
		l.class.waiting++
		if l.claim == nil {
			l.unclaimed = true
			l.class.queue.waiting++
		}
		e.hold(l)
		if l.claim == nil && !l.parked {
			l.line = l.points
			l.class.lines[l.line].add(l.place)
		}
	}
	e.wakeLeg(l)
}

// hold notes whom the leg is held for, and whether the hold binds now: it does while the preferred
// agent has not just been tried and will be offered contacts again before the hold ends. Who was asked
// for by name is waited for as long as he is at work, on a pause too; who is only preferred, because
// he knows the caller, must fit the contact, and neither pause nor be about to leave.
func (e *Engine) hold(l *leg) {
	a := e.agents[l.preferred]
	if a == nil || l.holdUntil <= e.now {
		return
	}
	l.holder = a
	a.holds.add(l.place)
	there := a.staffed
	if !l.named {
		there = a.routable && a.profile.fit(l.class) != nil
	}
	l.parked = there && a.image.Excluded < l.holdUntil && !l.excludes(a.id, e.now)
	if l.pushed = l.parked && l.pushedBy != ""; l.pushed {
		e.reserve(a, +1)
	}
	e.indexHolder(a)
}

func (e *Engine) unindexLeg(l *leg) {
	e.unwakeLeg(l)
	if l.class == nil {
		l.line = -1
		return
	}
	l.class.waiting--
	l.leaveLine()
	holder, pushed := l.holder, l.pushed
	if holder != nil {
		holder.holds.remove(l.place)
	}
	l.class, l.line, l.holder, l.parked, l.pushed = nil, -1, nil, false, false
	if holder != nil {
		if pushed {
			e.reserve(holder, -1)
		}
		e.indexHolder(holder)
	}
}

// leaveLine takes the leg out of its line and of those who wait to be chosen.
func (l *leg) leaveLine() {
	if l.class == nil {
		return
	}
	if l.unclaimed {
		l.unclaimed = false
		l.class.queue.waiting--
	}
	if l.line >= 0 {
		l.class.lines[l.line].remove(l.place)
		l.line = -1
	}
}

func (e *Engine) unwakeLeg(l *leg) {
	if l.due != 0 {
		e.timers.remove(timer{at: l.due, leg: l.id})
		l.due = 0
	}
}

// wakeLeg sets the leg's timer to the next instant at which its place may change.
func (e *Engine) wakeLeg(l *leg) {
	e.unwakeLeg(l)
	next := func(at acd.Instant) {
		if at > e.now {
			l.due = acd.Earliest(l.due, at)
		}
	}
	if l.preferred != "" {
		next(l.holdUntil)
	}
	if l.state == acd.LegCallback {
		next(l.notBefore)
	}
	for _, x := range l.excluded {
		next(x.Until)
	}
	if l.claim != nil {
		// A claim whose time is over wakes it at once.
		l.due = acd.Earliest(l.due, max(l.claim.until, 1))
	}
	if l.due != 0 {
		e.timers.add(timer{at: l.due, leg: l.id})
	}
}
