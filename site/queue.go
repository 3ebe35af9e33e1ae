package site

import (
	"time"

	"accueil/acd"
)

// Reason is why somebody calls (motif).
type Reason struct {
	// Label in each language, as agents read and callers hear it, without article or full stop.
	Label map[acd.Lang]string `yaml:"label" schema:"required"`
	// Queue where callers with this reason wait.
	Queue acd.QueueID `yaml:"queue" schema:"required"`
	// Points of priority, 0-10; each counts as a minute already waited.
	Points int `yaml:"points" schema:"min=0,max=10"`
	// Hold is how long a caller may wait for the agent who last handled him and this reason before
	// anybody else is offered, at most 15s; 0 asks for nobody in particular.
	Hold time.Duration `yaml:"hold" schema:"max=15s"`
}

// Queue is where callers wait for an agent.
type Queue struct {
	// Steps open one after the other; who satisfies any open one may be offered the call.
	Steps []Step `yaml:"steps" schema:"required,minItems=1,maxItems=10"`
	// Wrapup is the time for after-call work; 0s for none.
	Wrapup time.Duration `yaml:"wrapup" schema:"min=0s,max=30m,default=10s"`
	// Ring is how long an agent's phone rings for one offer.
	Ring time.Duration `yaml:"ring" schema:"min=5s,max=60s,default=15s"`
	// MaxWaiting is how many may wait at once; who comes after follows the fallback.
	MaxWaiting int `yaml:"max_waiting" schema:"min=1,max=10000,default=100"`
	// MaxWait is how long one may wait before he follows the fallback.
	MaxWait time.Duration `yaml:"max_wait" schema:"min=1s,max=4h,default=30m"`
	// Fallback is where callers go when the queue is full, unstaffed or too long.
	Fallback Fallback `yaml:"fallback"`
	// WhenUnstaffed says what happens when nobody at work could ever take the call: wait, fallback
	// or dissuade (told so, then hung up).
	WhenUnstaffed Unstaffed `yaml:"when_unstaffed" schema:"default=fallback"`
	// Waiting is the scenario of what the waiting caller hears; music when absent.
	Waiting acd.ScenarioID `yaml:"waiting"`
	// MissesBeforeUnreachable is how many offers in a row an agent may let ring out before he is
	// taken for gone.
	MissesBeforeUnreachable int `yaml:"misses_before_unreachable" schema:"min=1,max=20,default=2"`
}

// Step is a requirement that opens after some wait.
type Step struct {
	// After is the total age of the call at which the step opens; the first is 0s.
	After time.Duration `yaml:"after" schema:"min=0s,max=4h"`
	// Require is a condition on skills such as "rdv >= 5 and (fr >= 1 or en >= 5)"; absent or empty:
	// any agent.
	Require string `yaml:"require"`
	// Exclusive closes the steps before this one when it opens.
	Exclusive bool `yaml:"exclusive"`
}

// Unstaffed says what a queue does with callers whom nobody at work could ever serve.
type Unstaffed string

// The ways of an unstaffed queue.
const (
	UnstaffedWait     Unstaffed = "wait"
	UnstaffedFallback Unstaffed = "fallback"
	UnstaffedDissuade Unstaffed = "dissuade"
)

// Fallback is where a queue sends whom it cannot keep.
type Fallback struct {
	// Goto is the name of a queue, a number (inside or, through the trunk with callback_via,
	// outside) or a node of the caller's scenario, tried in this order.
	Goto string `yaml:"goto" schema:"required"`

	// Target is Goto, resolved; its zero value when the queue has no fallback.
	Target Target `yaml:"-"`
}

// Target is one of three places; the others are empty.
type Target struct {
	Queue  acd.QueueID
	Node   string      // of the scenario that the caller came through
	Number string      // as dialled, E.164 with + for the outside
	Trunk  acd.TrunkID // that Number goes through
}

// None reports whether there is no such place.
func (t Target) None() bool { return t == Target{} }

func (Unstaffed) choices() []string {
	return []string{string(UnstaffedWait), string(UnstaffedFallback), string(UnstaffedDissuade)}
}
