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
	PassedCapacity    Passed = "capacity"      // other contacts leave no room for a voice
	PassedExcluded    Passed = "excluded"      // busy or refusing a moment ago: nothing is offered to him
	PassedStepClosed  Passed = "step_closed"   // satisfies a step that is not open yet
	PassedThisContact Passed = "tried_already" // missed or refused this contact a moment ago
	PassedHeld        Passed = "held"          // the contact is kept for its preferred agent
	PassedRanked      Passed = "ranked_lower"  // eligible; someone else comes first
	PassedBehind      Passed = "behind"        // of a contact: the agent may take it, and another one comes first
)

// PassedReasons lists every reason.
var PassedReasons = []Passed{PassedSkills, PassedUnknown, PassedOffline, PassedPaused, PassedUnreachable, PassedOffered, PassedBusy,
	PassedBusyOwn, PassedWrapup, PassedPending, PassedNoPhone, PassedCapacity, PassedExcluded, PassedStepClosed, PassedThisContact,
	PassedHeld, PassedRanked, PassedBehind}

// Explanation is everything that decides where a contact goes, at an instant.
type Explanation struct {
	Leg     acd.LegID
	At      acd.Instant
	LastID  string // last entry of the log that was folded
	Rules   string // hash
	Queue   acd.QueueID
	Asks    string // canonical
	Score   int64
	Points  int
	Pending acd.AgentID // chosen for this agent; the log has not answered
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
}

// Candidate is one agent as seen from a contact.
type Candidate struct {
	Agent  acd.AgentID
	Passed Passed          // "" for the one to be offered the contact
	Step   int             // first step he satisfies, from 1; 0 for none
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
	open := l.class.open(l.enqueued, e.now)
	x := Explanation{Leg: id, At: e.now, LastID: e.lastID, Rules: e.hash, Queue: l.queue, Asks: l.class.key.asks,
		Score: l.score, Points: l.points}
	if l.claim != nil {
		x.Pending = l.claim.agent.id
	}
	if l.parked {
		x.HeldFor, x.HeldUntil = l.holder.id, l.holdUntil
	}
	for k, step := range l.class.steps {
		x.Steps = append(x.Steps, StepState{
			Number: k + 1, Require: step.String(), Opens: l.enqueued + acd.Instant(l.class.opens[k]), Open: k < open,
			Skipped: k < len(l.class.steps)-1 && l.class.staffed[k] == 0, Staffed: l.class.staffed[k],
		})
	}
	for _, id := range slices.Sorted(maps.Keys(e.agents)) {
		x.Candidates = append(x.Candidates, e.candidate(l, e.agents[id]))
	}
	slices.SortStableFunc(x.Candidates, compareCandidates)
	for i := range x.Candidates {
		if i > 0 && x.Candidates[i].Passed == "" {
			x.Candidates[i].Passed = PassedRanked
		}
	}
	return x, nil
}

func (e *Engine) candidate(l *leg, a *agent) Candidate {
	f, why := e.judge(l, a)
	c := Candidate{Agent: a.id, Passed: why}
	if why != PassedSkills {
		c.Step = f.first + 1
	}
	switch why {
	case "":
		c.Parts = e.parts(l, a, f)
	case PassedStepClosed:
		c.Until = l.enqueued + acd.Instant(l.class.opens[f.first])
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

// compareCandidates orders eligible ones by their parts, then the others by reason and id.
func compareCandidates(a, b Candidate) int {
	if a.Passed != b.Passed || a.Passed != "" {
		return cmp.Or(strings.Compare(string(a.Passed), string(b.Passed)), strings.Compare(string(a.Agent), string(b.Agent)))
	}
	for i, p := range a.Parts {
		lowerWins := cmp.Compare(p.Value, b.Parts[i].Value)
		if p.Name == "preferred" || p.Name == "idle_ms" {
			lowerWins = -lowerWins
		}
		if lowerWins != 0 {
			return lowerWins
		}
	}
	return strings.Compare(string(a.Agent), string(b.Agent))
}
