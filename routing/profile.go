package routing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"accueil/acd"
)

// profile is a distinct set of skills and assignments, and how it fits each class.
type profile struct {
	key    string
	skills map[acd.SkillID]int
	queues map[acd.QueueID]Assignment
	agents []*agent // who has it
	fits   []fit    // classes with a step that it satisfies, in the order they were made
}

// fit is how a profile satisfies a class.
type fit struct {
	class *class
	group *group
	at    []stepFit // by step; only those of group.steps mean anything
}

// stepFit is what a profile brings to a step.
type stepFit struct{ surplus, level int }

// fit returns how the profile fits the class; nil when it does not.
func (p *profile) fit(c *class) *fit {
	i, ok := slices.BinarySearchFunc(p.fits, c.n, func(f fit, n int) int { return cmp.Compare(f.class.n, n) })
	if !ok {
		return nil
	}
	return &p.fits[i]
}

// meet works out whether the profile fits a new class.
func (p *profile) meet(c *class) {
	var satisfied stepSet
	at := make([]stepFit, len(c.steps))
	for k, step := range c.steps {
		if surplus, ok := step.Match(p.skills); ok {
			satisfied = satisfied.with(k)
			at[k] = stepFit{surplus, step.Level(p.skills)}
		}
	}
	if satisfied != 0 {
		own := p.queues[c.key.queue]
		g := c.group(groupKey{satisfied, own.Priority, own.Delay.Milliseconds()})
		p.fits = append(p.fits, fit{c, g, at}) // the newest class has the highest number
	}
}

// profile returns the profile of these skills and assignments.
func (e *Engine) profile(skills map[acd.SkillID]int, queues map[acd.QueueID]Assignment) *profile {
	var b strings.Builder
	for _, s := range slices.Sorted(maps.Keys(skills)) {
		if skills[s] > 0 {
			fmt.Fprintf(&b, "%s=%d,", s, skills[s])
		}
	}
	for _, q := range slices.Sorted(maps.Keys(queues)) {
		fmt.Fprintf(&b, "%s+%d@%s,", q, queues[q].Priority, queues[q].Delay)
	}
	p := e.profiles[b.String()]
	if p == nil {
		p = &profile{key: b.String(), skills: skills, queues: queues}
		for _, c := range e.scan {
			p.meet(c)
		}
		e.profiles[p.key] = p
	}
	return p
}
