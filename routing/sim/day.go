package sim

import (
	"cmp"
	"slices"
	"time"

	"accueil/acd"
)

// A Day is everything that a simulation cannot decide: who calls when and with what patience, how long
// conversations will last, who is at work. It is drawn before the simulation begins, so that two ways
// of routing meet the very same callers. Nothing in it is changed by a run.
type Day struct {
	Contacts []Contact // by Enqueued
	Agents   []Agent
	Groups   int         // Agents' groups are numbered from 0 to Groups-1
	Heads    []Head      // by At
	Until    acd.Instant // figures of agents end here, or with the last contact when that is later
}

// Sort brings the contacts into the order that a run needs.
func (d *Day) Sort() {
	slices.SortStableFunc(d.Contacts, func(a, b Contact) int { return cmp.Compare(a.Enqueued, b.Enqueued) })
}

// Contact is one caller who asks for an agent.
type Contact struct {
	Reason   acd.ReasonID
	Queue    acd.QueueID
	Asks     string      // requirement of the contact itself; "" for none
	Points   int         // 0 to acd.MaxPoints
	Arrived  acd.Instant // at the entry; the menu lies between this and Enqueued
	Enqueued acd.Instant

	Patience time.Duration // hangs up after waiting so long; Patient for never
	Pickup   time.Duration // from the offer to the conversation: ringing and briefing
	Service  time.Duration // conversation, holds included
}

// Patient is the patience of who never gives up.
const Patient time.Duration = -1

// Agent is a person who may be at work.
type Agent struct {
	ID    acd.AgentID
	Group int
}

// Head says how many agents of a group are at work from an instant on. When they become fewer, those
// without a contact leave first, and the others when their contact is finished; when they become more,
// those who were to leave stay. One agent with hours of his own is a group of one.
type Head struct {
	At    acd.Instant
	Group int
	Count int
}

// Result is what became of a contact.
type Result struct {
	Outcome acd.Outcome // answered, abandoned, overflow or dissuaded
	Queue   acd.QueueID // the last one it waited in; "" for one that no queue took
	Agent   int32       // index into Day.Agents; -1 for none
	Offers  int32
	Left    acd.Instant // bridged, or gone from the queue
	Ended   acd.Instant
	Rested  acd.Instant // end of after-call work; zero without
}

// Span is a stretch of an agent's time in one state.
type Span struct {
	Agent    int32
	State    acd.AgentState
	From, To acd.Instant
}

// Run is what a simulation did with a Day.
type Run struct {
	Results []Result // one for each contact of the day, in its order
	Spans   []Span
	End     acd.Instant // when the last contact was finished
}
