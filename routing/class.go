package routing

import (
	"maps"
	"slices"

	"accueil/acd"
)

// maxAsking bounds the classes kept for what contacts asked for while nobody of them waits.
const maxAsking = 256

// classKey names a class: a queue, a medium, and the canonical form of what its contacts ask for.
type classKey struct {
	queue  acd.QueueID
	medium acd.Medium
	asks   string
}

// class is the contacts of a queue that ask for the same, and the agents who may serve them.
type class struct {
	key   classKey
	n     int // order of making
	queue *queue
	steps []Requirement // of the queue, each with what the contacts ask for
	// opens is the age, in ms, at which each step opens: its own, or that of the step in front of it
	// when nobody at work satisfies that one. It never falls from one step to the next.
	opens []int64
	// turns are the ages, in ms and rising from 0, at which a contact may come to see other agents or
	// have other points.
	turns []int64
	top   int // most points that a contact may have besides its own

	lines   [acd.MaxPoints + 1]ordered[place] // contacts that anyone may take, by points of their own
	waiting int                               // contacts, those in no line included

	groups   []*group       // in the order they were made, which does not show
	ready    int            // free agents who satisfy a step
	free     [MaxSteps]int  // of those: who satisfy the step
	staffed  [MaxSteps]int  // agents at work who satisfy the step
	anybody  int            // agents at work who satisfy any step
	routable int            // of those: who will be offered contacts again by themselves
	count    [standings]int // agents who satisfy any step, by standing
}

// reschedule works out when each step opens, after someone came or went.
func (c *class) reschedule() {
	changed := c.turns == nil
	for k := range c.opens {
		at := c.queue.after[k]
		if k > 0 && c.staffed[k-1] == 0 {
			at = c.opens[k-1]
		}
		changed = changed || c.opens[k] != at
		c.opens[k] = at
	}
	if !changed {
		return
	}
	c.turns = append(append(c.turns[:0], 0), c.opens...)
	for _, b := range c.queue.weights.Ages {
		c.turns = append(c.turns, b.From.Milliseconds())
	}
	for _, g := range c.groups {
		c.turns = append(c.turns, g.delay)
	}
	slices.Sort(c.turns)
	c.turns = slices.Compact(c.turns)
}

// considered returns the steps whose conditions hold now.
func (c *class) considered() stepSet {
	all := stepSet(1)<<len(c.steps) - 1
	if !c.queue.asks {
		return all
	}
	for k, step := range c.queue.steps {
		if !step.consider.Holds(Counts{LoggedIn: c.staffed[k], Free: c.free[k], Waiting: c.queue.waiting}) {
			all = all.without(k)
		}
	}
	return all
}

// open returns the steps that are open to a contact of that age, in ms, given those whose conditions
// hold. An exclusive step that nobody at work satisfies closes nothing: it is as good as skipped.
func (c *class) open(age int64, considered stepSet) stepSet {
	var open stepSet
	for k, at := range c.opens {
		if at > age {
			break
		}
		if !considered.has(k) {
			continue
		}
		if c.queue.steps[k].exclusive && c.staffed[k] > 0 {
			open = 0
		}
		open = open.with(k)
	}
	return open
}

// skipped lists, from 1, the steps that have opened at that age and that nobody at work satisfies; the
// queue's last step is never among them.
func (c *class) skipped(age int64) []int {
	var out []int
	for k := range len(c.steps) - 1 {
		if c.opens[k] <= age && c.staffed[k] == 0 {
			out = append(out, k+1)
		}
	}
	return out
}

// class returns the class of a queue's contacts with these asks; nil for a queue without rules.
func (e *Engine) class(q acd.QueueID, m acd.Medium, asks string) *class {
	queue, ok := e.queues[q]
	if !ok {
		return nil
	}
	req := e.asking(asks)
	key := classKey{q, m, req.String()}
	if c := e.classes[key]; c != nil {
		return c
	}
	if len(e.classes) >= len(e.rules.Queues)+maxAsking {
		e.forgetClasses()
	}
	c := &class{key: key, n: e.made, queue: queue, top: queue.top(), opens: slices.Clone(queue.after)}
	e.made++
	for _, step := range queue.steps {
		c.steps = append(c.steps, And(step.require, req))
	}
	c.reschedule()
	e.classes[key] = c
	e.scan = append(e.scan, c)
	for _, p := range e.profiles { // counts and ordered sets only: the order does not show
		p.meet(c)
		if f := p.fit(c); f != nil {
			for _, a := range p.agents {
				a.join(f)
			}
		}
	}
	c.reschedule()
	return c
}

// asking parses what a contact asks for; what does not parse asks for nothing.
func (e *Engine) asking(src string) Requirement {
	if src == "" {
		return Requirement{}
	}
	if r, ok := e.asks[src]; ok {
		return r
	}
	r, err := ParseRequirement(src, e.rules.Skills)
	if err != nil {
		e.faults++
		r = Requirement{}
	}
	if len(e.asks) >= maxAsking {
		clear(e.asks)
	}
	e.asks[src] = r
	return r
}

// forgetClasses drops the classes in which nobody waits, those of the queues themselves apart.
func (e *Engine) forgetClasses() {
	idle := func(c *class) bool { return c.waiting == 0 && (c.key.asks != "" || c.key.medium != acd.Voice) }
	for _, p := range e.profiles {
		p.fits = slices.DeleteFunc(p.fits, func(f fit) bool { return idle(f.class) })
	}
	e.scan = slices.DeleteFunc(e.scan, idle)
	maps.DeleteFunc(e.classes, func(_ classKey, c *class) bool { return idle(c) })
}
