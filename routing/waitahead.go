package routing

import "accueil/acd"

// outlook reads from the index what decides how long the leg waits: who may serve it and from when on,
// who is in front of it and may be given to the same agents. Sums are of whole numbers or follow the
// order of the classes, so that no order of a map shows.
func (e *Engine) outlook(l *leg, hour *LastHour) outlook {
	o := outlook{place: 1}
	age := int64(e.now - l.enqueued)
	shares := map[*profile]int64{}
	first := int64(-1) // the age at which the first step opens to someone
	for _, a := range e.agents {
		share := int64(0)
		if a.routable {
			share = hour.share(a.id, e.now)
			shares[a.profile] += share
		}
		opens, ok := a.profile.opens(l.class)
		if !ok {
			continue
		}
		did := hour.agents.total(a.id)
		o.team.add(did)
		if !a.routable {
			continue
		}
		o.work.add(did)
		o.agents++
		o.joins = append(o.joins, join{opens - age, share})
		if first < 0 || opens < first {
			first = opens
		}
	}
	o.joins = sortJoins(o.joins)
	reach := max(age, first) // whoever may serve the leg now; if nobody, who may first
	queues := map[acd.QueueID]bool{}
	for _, c := range e.scan {
		ahead, some := c.ahead(l, e.now)
		if c == l.class {
			queues[c.key.queue] = true
			for _, n := range ahead {
				o.place += float64(n)
			}
			continue
		}
		if !some {
			continue
		}
		for m, n := range ahead {
			if n == 0 {
				continue
			}
			if part := c.part(m, l.class, reach, shares); part > 0 {
				queues[c.key.queue] = true
				o.place += float64(n) * part
			}
		}
	}
	for q := range queues {
		o.waiting.add(hour.queues.total(q))
	}
	return o
}

// opens returns the age at which a contact of the class first comes to agents of this profile, in ms;
// false when it never does. That an exclusive step may close theirs again is not foretold, nor what a
// step considers.
func (p *profile) opens(c *class) (int64, bool) {
	f := p.fit(c)
	if f == nil {
		return 0, false
	}
	return max(c.opens[f.group.steps.first()], f.group.delay), true
}

// ahead counts the contacts of the class that come before the leg, by how many steps have opened to
// them; and tells whether there is any.
func (c *class) ahead(l *leg, now acd.Instant) (counts [MaxSteps + 1]int, some bool) {
	me := l.place
	for i := range c.lines {
		for n := c.lines[i].first(); n != nil && n.key.before(me); n = n.after() {
			m, age := 0, int64(now-n.key.leg.enqueued)
			for m < len(c.opens) && c.opens[m] <= age {
				m++
			}
			counts[m]++
			some = true
		}
	}
	return counts, some
}

// part is which part of a contact of class c, to which m steps have opened, falls to the agents who
// serve class mine from the age of reach on: their share of all who may take it.
func (c *class) part(m int, mine *class, reach int64, shares map[*profile]int64) float64 {
	last := c.opens[max(m, 1)-1] // to whom no step has opened yet waits for the first one
	var all, ours int64
	for p, share := range shares {
		if at, ok := p.opens(c); !ok || at > last {
			continue
		}
		all += share
		if at, ok := p.opens(mine); ok && at <= reach {
			ours += share
		}
	}
	if all == 0 {
		return 0
	}
	return float64(ours) / float64(all)
}
