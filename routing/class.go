package routing

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
)

// maxAsking bounds the classes kept for what contacts asked for while nobody of them waits.
const maxAsking = 256

// classKey names a class: a queue, and the canonical form of what its contacts ask for.
type classKey struct {
	queue acd.QueueID
	asks  string
}

// class is the contacts of a queue that ask for the same, and the agents who may serve them.
type class struct {
	key   classKey
	n     int           // order of making
	steps []Requirement // of the queue, each with what the contacts ask for
	// opens is the age, in ms, at which each step opens: its own, or that of the step in front of it
	// when nobody at work satisfies that one. It never falls from one step to the next.
	opens []int64
	after []int64 // as the rules say

	lines   [acd.MaxPoints + 1]ordered[place] // contacts that anyone may take, by points
	waiting int                               // contacts, those in no line included

	ready    ordered[rank]  // free agents who satisfy a step
	readyAt  [MaxSteps]int  // how many of them, by the first step each satisfies
	staffed  [MaxSteps]int  // agents at work who satisfy the step
	anybody  int            // agents at work who satisfy any step
	routable int            // of those: who will be offered contacts again by themselves
	count    [standings]int // agents who satisfy any step, by standing
}

// rank orders the free agents of a class, best first.
type rank struct {
	step    int // the first step that he satisfies, from 0
	surplus int // over that step's requirement
	idle    acd.Instant
	agent   *agent
}

func (r rank) before(s rank) bool {
	return cmp.Or(cmp.Compare(r.step, s.step), cmp.Compare(r.surplus, s.surplus), cmp.Compare(r.idle, s.idle),
		strings.Compare(string(r.agent.id), string(s.agent.id))) < 0
}

// reschedule works out when each step opens, after someone came or went.
func (c *class) reschedule() {
	for k := range c.opens {
		c.opens[k] = c.after[k]
		if k > 0 && c.staffed[k-1] == 0 {
			c.opens[k] = c.opens[k-1]
		}
	}
}

// open returns how many steps are open to a contact enqueued then; always the first ones.
func (c *class) open(enqueued, now acd.Instant) int {
	m := 0
	for _, age := range c.opens {
		// What opens at once does so even if the clocks of two nodes differ by a moment.
		if age > 0 && int64(enqueued)+age > int64(now) {
			break
		}
		m++
	}
	return m
}

// skipped lists, from 1, those of the first m steps that nobody at work satisfies; the queue's last
// step is never among them.
func (c *class) skipped(m int) []int {
	var out []int
	for k := range min(m, len(c.steps)-1) {
		if c.staffed[k] == 0 {
			out = append(out, k+1)
		}
	}
	return out
}

// class returns the class of a queue's contacts with these asks; nil for a queue without rules.
func (e *Engine) class(q acd.QueueID, asks string) *class {
	steps, ok := e.steps[q]
	if !ok {
		return nil
	}
	req := e.asking(asks)
	key := classKey{q, req.String()}
	if c := e.classes[key]; c != nil {
		return c
	}
	if len(e.classes) >= len(e.rules.Queues)+maxAsking {
		e.forgetClasses()
	}
	c := &class{key: key, n: e.made}
	e.made++
	for i, step := range e.rules.Queues[q].Steps {
		c.steps = append(c.steps, And(steps[i].require, req))
		c.after = append(c.after, step.After.Milliseconds())
	}
	c.opens = slices.Clone(c.after)
	e.classes[key] = c
	e.scan = append(e.scan, c)
	for _, p := range e.profiles { // counts and ordered sets only: the order does not show
		p.meet(c)
		for _, a := range p.agents {
			if f, ok := p.fit(c); ok {
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
	idle := func(c *class) bool { return c.waiting == 0 && c.key.asks != "" }
	for _, p := range e.profiles {
		p.fits = slices.DeleteFunc(p.fits, func(f fit) bool { return idle(f.class) })
	}
	e.scan = slices.DeleteFunc(e.scan, idle)
	maps.DeleteFunc(e.classes, func(_ classKey, c *class) bool { return idle(c) })
}

// profile is a distinct set of skills, and how it fits each class.
type profile struct {
	key    string
	skills map[acd.SkillID]int
	agents []*agent // who has it
	fits   []fit    // classes with a step that it satisfies, in the order they were made
}

// fit is how a profile satisfies a class.
type fit struct {
	class   *class
	steps   uint16 // bit k: satisfies step k, from 0
	first   int    // the first of them
	surplus int    // over the first one
}

// fit returns how the profile fits the class, and whether it does.
func (p *profile) fit(c *class) (fit, bool) {
	i, ok := slices.BinarySearchFunc(p.fits, c.n, func(f fit, n int) int { return cmp.Compare(f.class.n, n) })
	if !ok {
		return fit{}, false
	}
	return p.fits[i], true
}

// meet works out whether the profile fits a new class.
func (p *profile) meet(c *class) {
	f := fit{class: c, first: -1}
	for k, step := range c.steps {
		surplus, ok := step.Match(p.skills)
		if !ok {
			continue
		}
		f.steps |= 1 << k
		if f.first < 0 {
			f.first, f.surplus = k, surplus
		}
	}
	if f.first >= 0 {
		p.fits = append(p.fits, f) // the newest class has the highest number
	}
}

// profile returns the profile of these skills.
func (e *Engine) profile(skills map[acd.SkillID]int) *profile {
	var key strings.Builder
	for _, s := range slices.Sorted(maps.Keys(skills)) {
		if skills[s] > 0 {
			key.WriteString(string(s) + "=" + strconv.Itoa(skills[s]) + ",")
		}
	}
	p := e.profiles[key.String()]
	if p == nil {
		p = &profile{key: key.String(), skills: skills}
		for _, c := range e.scan {
			p.meet(c)
		}
		e.profiles[p.key] = p
	}
	return p
}
