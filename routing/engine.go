package routing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"accueil/acd"
)

// PendingFor is how long a choice may go without an answer of the log before it is taken back.
const PendingFor = 5 * time.Second

// Engine holds what routing needs to know of a site at an instant: a fold of the log. It is not safe
// for concurrent use. Instants given to it never go back: an earlier one counts as the latest.
type Engine struct {
	rules  Rules
	hash   string
	now    acd.Instant
	lastID string  // of the last entry of the log folded
	ahead  []early // folded too, and not in the log yet, oldest first
	// settled is the instant from which the log is known to tell all that the last image held; 0 once
	// an entry from then on was folded.
	settled acd.Instant

	queues    map[acd.QueueID]*queue
	occupancy bool                        // some queue compares agents by it
	pauses    map[acd.QueueID]acd.Closure // of queues, lifted ones included

	agents   map[acd.AgentID]*agent
	legs     map[acd.LegID]*leg
	ended    []ending // legs that ended, oldest first: kept for a while, so that a late entry of their life does not revive them
	profiles map[string]*profile
	classes  map[classKey]*class
	scan     []*class // the classes, in the order they were made
	made     int      // classes made so far
	asks     map[string]Requirement
	holders  ordered[agentName] // free agents for whom contacts are held or were
	timers   ordered[timer]
	claims   *claim // the newest choice in flight
	faults   int
}

// early is an operation that was folded before the log held it.
type early struct {
	op string
	at acd.Instant
}

// ending remembers when a leg ended.
type ending struct {
	leg *leg
	at  acd.Instant
}

// timer wakes one agent or leg at an instant.
type timer struct {
	at    acd.Instant
	agent acd.AgentID // one of both
	leg   acd.LegID
}

func (t timer) before(u timer) bool {
	if t.at != u.at {
		return t.at < u.at
	}
	if t.agent != u.agent {
		return t.agent < u.agent
	}
	return t.leg < u.leg
}

// New returns an engine for the rules, in which everyone is offline and nobody waits.
func New(rules Rules) (*Engine, error) {
	e := &Engine{}
	if err := e.adopt(rules); err != nil {
		return nil, err
	}
	e.clear()
	return e, nil
}

func (e *Engine) adopt(rules Rules) error {
	steps, err := rules.compile()
	if err != nil {
		return fmt.Errorf("routing rules: %w", err)
	}
	e.rules, e.hash, e.occupancy = rules, rules.Hash(), false
	e.queues = map[acd.QueueID]*queue{}
	for id, q := range rules.Queues {
		e.queues[id] = newQueue(id, q, steps[id])
		e.occupancy = e.occupancy || e.queues[id].compares(LeastOccupied)
	}
	return nil
}

// clear forgets everything but the rules and the instant.
func (e *Engine) clear() {
	e.agents, e.legs, e.ended = map[acd.AgentID]*agent{}, map[acd.LegID]*leg{}, nil
	e.profiles, e.classes, e.scan = map[string]*profile{}, map[classKey]*class{}, nil
	e.asks = map[string]Requirement{}
	e.holders, e.timers, e.claims = ordered[agentName]{}, ordered[timer]{}, nil
	e.pauses = map[acd.QueueID]acd.Closure{}
	for _, id := range slices.Sorted(maps.Keys(e.queues)) {
		q := e.queues[id]
		q.waiting, q.paused, q.since = 0, false, 0
		e.class(id, acd.Voice, "")
	}
	for id := range e.rules.Agents {
		e.indexAgent(e.agent(id))
	}
}

// Rules returns the rules in force. The caller must not change them.
func (e *Engine) Rules() Rules { return e.rules }

// Hash names the rules in force, as decisions do.
func (e *Engine) Hash() string { return e.hash }

// Faults counts what the log held that the rules do not know: legs in no queue of theirs, and asks
// that do not parse (such a contact is routed as if it asked for nothing, so that it is not lost).
func (e *Engine) Faults() int { return e.faults }

// SetRules puts other rules in force, for those who wait already too. Faulty rules change nothing.
func (e *Engine) SetRules(rules Rules) error {
	if err := e.adopt(rules); err != nil {
		return err
	}
	e.rebuild(e.image())
	return nil
}

// Reset replaces all that is known of agents and contacts by the image of a snapshot. Choices in
// flight stay pending.
func (e *Engine) Reset(image acd.Entry) {
	e.settled = 0
	if !image.At.Never() {
		e.settled = image.At.Add(acd.Settled)
	}
	e.rebuild(image)
}

func (e *Engine) rebuild(image acd.Entry) {
	lastID := cmp.Or(image.ID, e.lastID)
	claims := e.inFlight()
	e.clear()
	e.Apply(image)
	e.lastID = lastID
	for _, old := range claims {
		l, a := e.legs[old.leg.id], e.agents[old.agent.id]
		if l != nil && a != nil && waitingState(l.state) && a.image.State == acd.AgentReady {
			e.bind(l, a, old.until)
		}
	}
}

// image tells what the engine holds as one entry.
func (e *Engine) image() acd.Entry {
	var out acd.Entry
	for _, a := range e.agents {
		if a.image.Rev > 0 {
			out.Agents = append(out.Agents, a.image)
		}
	}
	for _, l := range e.legs {
		out.Legs = append(out.Legs, l.image())
	}
	for _, c := range e.pauses {
		out.Closures = append(out.Closures, c)
	}
	slices.SortFunc(out.Closures, func(a, b acd.Closure) int { return strings.Compare(string(a.Entry), string(b.Entry)) })
	slices.SortFunc(out.Agents, func(a, b acd.Agent) int { return strings.Compare(string(a.ID), string(b.ID)) })
	slices.SortFunc(out.Legs, func(a, b acd.Leg) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out
}

// Apply folds an entry of the log, or one of the node's own that the log does not hold yet (without
// an ID; its turn comes again with one). Images that are not newer than those held change nothing.
// Phones are not looked at: what a phone means for its agent is in the agent's own image.
func (e *Engine) Apply(entry acd.Entry) {
	e.position(entry)
	var agents []*agent
	var legs []*leg
	for _, c := range entry.Closures {
		e.pause(c)
	}
	// Images first, claims next, the index last: a claim's own entry moves both of its parties at
	// once, and neither must be seen free in between.
	for _, image := range entry.Agents {
		if a := e.agent(image.ID); a.image.Rev < image.Rev {
			a.image = image
			agents = append(agents, a)
		}
	}
	for _, image := range entry.Legs {
		l := e.legs[image.ID]
		if l == nil {
			l = &leg{id: image.ID}
			e.legs[image.ID] = l
		} else if l.rev >= image.Rev {
			continue
		}
		if l.state != acd.LegEnded && image.State == acd.LegEnded {
			e.ended = append(e.ended, ending{l, entry.At})
		}
		l.fold(image)
		legs = append(legs, l)
	}
	for _, a := range agents {
		if c := a.claim; c != nil && a.image.State != acd.AgentReady {
			e.unbind(c)
			legs = append(legs, c.leg)
		}
	}
	for _, l := range legs {
		if c := l.claim; c != nil && !waitingState(l.state) {
			e.unbind(c)
			agents = append(agents, c.agent)
		}
	}
	for _, a := range agents {
		e.indexAgent(a)
	}
	for _, l := range legs {
		e.indexLeg(l)
		if l.waits(e.now) && l.class == nil {
			e.faults++
		}
	}
}

// position notes how far the log has been folded, and what was folded ahead of it.
func (e *Engine) position(entry acd.Entry) {
	switch {
	case entry.ID != "":
		e.lastID = entry.ID
		if e.settled != 0 && instantOf(entry.ID) >= e.settled {
			e.settled = 0
		}
		e.ahead = slices.DeleteFunc(e.ahead, func(a early) bool { return a.op == entry.Op })
	case entry.Op != "" && !entry.Degraded:
		e.ahead = slices.DeleteFunc(e.ahead, func(a early) bool { return a.op == entry.Op })
		e.ahead = append(e.ahead, early{entry.Op, entry.At})
	}
}

// aheadOf names what was folded ahead of the log. What has not come within PendingFor never will: the
// store refused it.
func (e *Engine) aheadOf() []string {
	e.ahead = slices.DeleteFunc(e.ahead, func(a early) bool { return e.now.Sub(a.at) > PendingFor })
	var ops []string
	for _, a := range e.ahead {
		ops = append(ops, a.op)
	}
	return ops
}

// pause folds the pause of a queue; the closing of an entry is not routing's.
func (e *Engine) pause(c acd.Closure) {
	id, ok := c.Queue()
	if !ok || e.pauses[id].Rev >= c.Rev {
		return
	}
	e.pauses[id] = c
	if q := e.queues[id]; q != nil {
		q.paused, q.since = c.Closed, c.Since
	}
}

// advance brings the engine to the instant: timers that are due wake what they belong to.
func (e *Engine) advance(now acd.Instant) {
	if now > e.now {
		e.now = now
	}
	for n := e.timers.first(); n != nil && n.key.at <= e.now; n = e.timers.first() {
		t := n.key
		e.timers.remove(t)
		if t.agent != "" {
			a := e.agents[t.agent]
			a.due = 0
			e.indexAgent(a)
			continue
		}
		l := e.legs[t.leg]
		l.due = 0
		if c := l.claim; c != nil && c.until <= e.now {
			e.unbind(c)
			e.indexAgent(c.agent)
		}
		e.indexLeg(l)
	}
	old := 0
	for old < len(e.ended) && e.now.Sub(e.ended[old].at) > acd.TombstoneAge {
		if l := e.ended[old].leg; l.state == acd.LegEnded {
			delete(e.legs, l.id)
		}
		old++
	}
	e.ended = e.ended[old:]
}

// claim ties a leg and an agent that were chosen for each other until the log answers.
type claim struct {
	leg   *leg
	agent *agent
	until acd.Instant

	older, newer *claim // those in flight, in the order they were made
}

func (e *Engine) bind(l *leg, a *agent, until acd.Instant) {
	c := &claim{leg: l, agent: a, until: until, older: e.claims}
	if c.older != nil {
		c.older.newer = c
	}
	e.claims = c
	l.claim, a.claim = c, c
	a.restand(e.stand(a))
	e.indexHolder(a)
	l.leaveLine()
	e.wakeLeg(l)
}

// unbind ends a claim; the caller indexes its parties again.
func (e *Engine) unbind(c *claim) {
	c.leg.claim, c.agent.claim = nil, nil
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		e.claims = c.older
	}
	if c.older != nil {
		c.older.newer = c.newer
	}
}

// Retry says that the claim of the leg for the agent was refused: both may be chosen again from the
// instant at on. Without effect once the log has answered.
func (e *Engine) Retry(leg acd.LegID, agent acd.AgentID, at acd.Instant) {
	l := e.legs[leg]
	if l == nil || l.claim == nil || l.claim.agent.id != agent {
		return
	}
	l.claim.until = at
	e.indexLeg(l)
	e.advance(e.now)
}
