package routing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"accueil/acd"
)

// Passed is why an agent is not, or not first, offered a contact. Empty: he is the one to be offered.
type Passed string

// The reasons, in the order in which they are looked for.
const (
	PassedSkills      Passed = "skills" // satisfies no step of the queue with what the contact asks
	PassedUnknown     Passed = "unknown_agent"
	PassedOffline     Passed = "offline"
	PassedPaused      Passed = "paused"
	PassedUnreachable Passed = "unreachable"
	PassedOffered     Passed = "offered" // another contact rings at his phone
	PassedBusy        Passed = "busy"
	PassedBusyOwn     Passed = "busy_own"
	PassedWrapup      Passed = "wrapup"
	PassedPending     Passed = "pending"       // chosen a moment ago; the log has not answered
	PassedNoPhone     Passed = "no_phone"      // ready, but sits nowhere
	PassedCapacity    Passed = "capacity"      // other contacts leave no room for one of this medium
	PassedLeaving     Passed = "leaving"       // will pause or leave after what he has in hand
	PassedReserved    Passed = "reserved"      // a supervisor pushed another contact to him
	PassedExcluded    Passed = "excluded"      // busy or refusing a moment ago: nothing is offered to him
	PassedQueuePaused Passed = "queue_paused"  // nobody is offered contacts of the queue
	PassedStepClosed  Passed = "step_closed"   // satisfies no step that is open now
	PassedDelayed     Passed = "delayed"       // the queue's contacts are his only when they are older
	PassedThisContact Passed = "tried_already" // missed or refused this contact a moment ago
	PassedHeld        Passed = "held"          // the contact is kept for its preferred agent
	PassedRanked      Passed = "ranked_lower"  // eligible; someone else comes first
	PassedBehind      Passed = "behind"        // of a contact: the agent may take it, and another one comes first
)

// PassedReasons lists every reason.
var PassedReasons = []Passed{PassedSkills, PassedUnknown, PassedOffline, PassedPaused, PassedUnreachable, PassedOffered, PassedBusy,
	PassedBusyOwn, PassedWrapup, PassedPending, PassedNoPhone, PassedCapacity, PassedLeaving, PassedReserved, PassedExcluded, PassedQueuePaused,
	PassedStepClosed, PassedDelayed, PassedThisContact,
	PassedHeld, PassedRanked, PassedBehind}

// Explanation is everything that decides where a contact goes, at an instant.
type Explanation struct {
	Leg    acd.LegID
	At     acd.Instant
	LastID string // last entry of the log that was folded
	Rules  string // hash
	Queue  acd.QueueID
	Asks   string // canonical
	Medium acd.Medium
	Score  int64 // by its own points
	Points int   // its own
	// AgePoints are what its age adds; what an agent adds is among his Points.
	AgePoints int
	Paused    bool        // the queue
	Pending   acd.AgentID // chosen for this agent; the log has not answered
	// HeldFor is the preferred agent whom the contact is reserved for, until HeldUntil at the latest.
	HeldFor    acd.AgentID
	HeldUntil  acd.Instant
	Steps      []StepState
	Candidates []Candidate // every agent: eligible ones best first, then the others by reason and id
}

// StepState is one step as the contact meets it.
type StepState struct {
	Number  int    // from 1
	Require string // with what the contact asks
	Opens   acd.Instant
	Open    bool
	Skipped bool // nobody at work satisfies it, so the next one opened with it
	Staffed int  // agents at work who satisfy it
	// Exclusive: it closes those before it. Closed: one after it has done so.
	Exclusive, Closed bool
	Consider          string // "" for no condition
	Considered        bool   // its condition holds
}

// Candidate is one agent as seen from a contact.
type Candidate struct {
	Agent  acd.AgentID
	Passed Passed          // "" for the one to be offered the contact
	Step   int             // through which he would take it, from 1; 0 for none
	Points []acd.ScorePart // of the contact for him, as in a decision; of eligible agents
	Parts  []acd.ScorePart // what he is compared by; of eligible agents
	Until  acd.Instant     // when an exclusion ends or his step opens; 0 where that says nothing
}

// ErrNotWaiting says that there is nothing to explain: the leg is in no queue that has rules.
type ErrNotWaiting struct{ Leg acd.LegID }

func (e ErrNotWaiting) Error() string { return fmt.Sprintf("leg %s does not wait in a queue", e.Leg) }

// Explain tells, for a waiting leg, what Decide would see of it at now: by the same function, for
// every agent. Its cost grows with the number of agents.
func (e *Engine) Explain(id acd.LegID, now acd.Instant) (Explanation, error) {
	e.advance(now)
	l := e.legs[id]
	if l == nil || l.class == nil {
		return Explanation{}, ErrNotWaiting{id}
	}
	c := l.class
	s := e.see(l, c.considered())
	x := Explanation{Leg: id, At: e.now, LastID: e.lastID, Rules: e.hash, Queue: l.queue, Asks: c.key.asks, Medium: l.medium,
		Score: l.place.score, Points: l.points, AgePoints: s.points - l.points, Paused: c.queue.paused}
	if l.claim != nil {
		x.Pending = l.claim.agent.id
	}
	if l.parked {
		x.HeldFor, x.HeldUntil = l.holder.id, l.holdUntil
	}
	x.Steps = e.stepStates(l, s)
	var ways []match
	for _, id := range slices.Sorted(maps.Keys(e.agents)) {
		m, why := e.judge(l, s, e.agents[id])
		if why == "" {
			ways = append(ways, m)
			continue
		}
		x.Candidates = append(x.Candidates, e.candidate(m, s, why))
	}
	slices.SortStableFunc(x.Candidates, func(a, b Candidate) int { return strings.Compare(string(a.Passed), string(b.Passed)) })
	slices.SortFunc(ways, func(a, b match) int { return cmp.Or(-cmp.Compare(a.knows(), b.knows()), a.compare(b)) })
	eligible := make([]Candidate, 0, len(e.agents))
	for i, m := range ways {
		why := PassedRanked
		if i == 0 {
			why = ""
		}
		eligible = append(eligible, e.candidate(m, s, why))
	}
	x.Candidates = append(eligible, x.Candidates...)
	return x, nil
}

func (e *Engine) stepStates(l *leg, s sight) []StepState {
	var out []StepState
	c, rules := l.class, e.rules.Queues[l.queue].Steps
	for k, step := range c.steps {
		reached, held := c.opens[k] <= s.age, s.considered.has(k)
		out = append(out, StepState{
			Number: k + 1, Require: step.String(), Opens: l.enqueued + acd.Instant(c.opens[k]), Open: s.open.has(k),
			Skipped: k < len(c.steps)-1 && c.staffed[k] == 0, Staffed: c.staffed[k],
			Exclusive: rules[k].Exclusive, Closed: reached && held && !s.open.has(k),
			Consider: rules[k].Consider, Considered: held,
		})
	}
	return out
}

// candidate tells what judging an agent gave.
func (e *Engine) candidate(m match, s sight, why Passed) Candidate {
	l, a := m.leg, m.agent
	c := Candidate{Agent: a.id, Passed: why}
	f := a.profile.fit(l.class)
	if f != nil {
		step, _, _ := s.admits(f.group, &l.class.queue.weights)
		c.Step = step + 1
	}
	switch why {
	case "", PassedRanked:
		c.Step, c.Points, c.Parts = m.step+1, e.points(m, s), e.parts(m)
	case PassedStepClosed, PassedDelayed:
		c.Until = l.reaches(f.group, s)
	case PassedExcluded:
		c.Until = a.image.Excluded
	case PassedThisContact:
		for _, x := range l.excluded {
			if x.Agent == a.id {
				c.Until = max(c.Until, x.Until)
			}
		}
	case PassedHeld:
		c.Until = l.holdUntil
	}
	return c
}
