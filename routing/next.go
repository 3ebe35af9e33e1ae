package routing

import "accueil/acd"

// Next returns the earliest instant after now at which a choice may become possible though the log
// says nothing new: a step opens to someone who is free, a delay, an exclusion or a hold ends, or a
// choice has gone unanswered for too long. False when there is none.
func (e *Engine) Next(now acd.Instant) (acd.Instant, bool) {
	e.advance(now)
	var next acd.Instant
	if n := e.timers.first(); n != nil {
		next = n.key.at
	}
	for _, c := range e.scan {
		if c.waiting == 0 || c.ready == 0 || c.queue.paused {
			continue
		}
		considered := c.considered()
		for _, age := range c.turns {
			if !c.lets(age, considered) {
				continue
			}
			for points := range c.lines {
				if c.lines[points].size == 0 {
					continue
				}
				// The oldest contact in this line that has not reached the age.
				young := e.now - acd.Instant(age) + 1
				if n := c.lines[points].seek(place{score: acd.Score(young, points), leg: &leg{}}); n != nil {
					next = acd.Earliest(next, n.key.leg.enqueued+acd.Instant(age))
				}
			}
		}
	}
	for n := e.holders.first(); n != nil; n = n.after() {
		for h := n.key.holds.first(); h != nil; h = h.after() {
			next = acd.Earliest(next, e.opens(h.key.leg, n.key.agent))
		}
	}
	return next, next != 0
}

// lets reports whether contacts come to be open to someone who is free at that age, in ms.
func (c *class) lets(age int64, considered stepSet) bool {
	if age == 0 {
		return false
	}
	before, from := sight{age: age - 1, open: c.open(age-1, considered)}, sight{age: age, open: c.open(age, considered)}
	for _, g := range c.groups {
		if g.size == 0 {
			continue
		}
		_, _, closed := before.admits(g, &Weights{})
		if _, _, why := from.admits(g, &Weights{}); why == "" && closed != "" {
			return true
		}
	}
	return false
}

// opens is when a step opens through which the agent may take a contact that is parked for him; 0 when
// that is not what keeps them apart, or none does.
func (e *Engine) opens(l *leg, a *agent) acd.Instant {
	s := e.see(l, l.class.considered())
	if _, why := e.judge(l, s, a); !l.parked || why != PassedStepClosed && why != PassedDelayed {
		return 0
	}
	return l.reaches(a.profile.fit(l.class).group, s)
}

// reaches is when the contact will have reached an age at which agents of the group may take it; 0 for never.
func (l *leg) reaches(g *group, s sight) acd.Instant {
	for _, age := range l.class.turns {
		if age <= s.age {
			continue
		}
		then := sight{age: age, open: l.class.open(age, s.considered)}
		if _, _, why := then.admits(g, &Weights{}); why == "" {
			return l.enqueued + acd.Instant(age)
		}
	}
	return 0
}
