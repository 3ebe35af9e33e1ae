package routing

import (
	"cmp"
	"strings"
)

// group is the free agents of a class for whom the same steps open, with the same points and the same
// delay: who of them is best does not depend on the contact, but for the step that he takes it through.
type group struct {
	groupKey
	size int
	// sets holds the agents in the order of the queue, by the step that a contact is taken through. One
	// stands in the set of each step that he satisfies; where no step ever closes, in his first one only.
	sets []ordered[rank]
}

type groupKey struct {
	steps    stepSet // that the agents satisfy
	priority int     // points
	delay    int64   // ms
}

// maxCriteria is how many comparisons an order can have.
const maxCriteria = 4

// rank orders the free agents of a group, best first: by the queue's criteria, lower first, then by id.
type rank struct {
	by    [maxCriteria]int64
	agent *agent
}

func (r rank) before(s rank) bool {
	for i := range r.by {
		if r.by[i] != s.by[i] {
			return r.by[i] < s.by[i]
		}
	}
	return strings.Compare(string(r.agent.id), string(s.agent.id)) < 0
}

// rank returns the agent's place among those who take contacts of the class through step k.
func (f *fit) rank(a *agent, k int) rank {
	r := rank{agent: a}
	for i, c := range f.class.queue.order {
		switch c {
		case LeastSurplus:
			r.by[i] = int64(f.at[k].surplus)
		case LongestIdle:
			r.by[i] = int64(a.idle)
		case LeastOccupied:
			r.by[i] = a.occupancy
		case HighestLevel:
			r.by[i] = -int64(f.at[k].level)
		}
	}
	return r
}

// through yields the steps whose sets an agent of the group stands in.
func (g *group) through(entries bool) stepSet {
	if entries {
		return g.steps
	}
	return g.steps.only(g.steps.first())
}

// group returns the class's group of that key, made when it is new.
func (c *class) group(key groupKey) *group {
	for _, g := range c.groups {
		if g.groupKey == key {
			return g
		}
	}
	g := &group{groupKey: key, sets: make([]ordered[rank], len(c.steps))}
	c.groups = append(c.groups, g)
	c.top = max(c.top, c.queue.top()+key.priority)
	if key.delay > 0 {
		c.turns = nil
		c.reschedule()
	}
	return g
}

// knows is 1 when the contact prefers the agent.
func (m match) knows() int64 {
	if m.leg.preferred == m.agent.id {
		return 1
	}
	return 0
}

// compare orders two ways to serve the same contact: more points, the earlier step, the better rank.
func (m match) compare(o match) int {
	if c := cmp.Or(-cmp.Compare(m.points, o.points), cmp.Compare(m.step, o.step)); c != 0 {
		return c
	}
	switch {
	case m.rank == o.rank:
		return 0
	case m.rank.before(o.rank):
		return -1
	}
	return 1
}
