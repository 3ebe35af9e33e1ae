package acd

import (
	"slices"
	"time"
)

// Offer is an exclusive lease of an agent's slot for a leg: who, at which phone, and until when.
// It is part of the leg's image while the leg is offered or in its briefing.
type Offer struct {
	ID    OfferID `json:"id"`
	Agent AgentID `json:"agent"`
	Phone PhoneID `json:"phone"`
	At    Instant `json:"at"`
	// Due is when the ring must have ended; the actor of the call ends the offer then.
	Due  Instant `json:"due"`
	Step int     `json:"step"` // the queue's step that made the agent eligible, from 1
	// Answered is when the agent picked up; zero while the phone rings.
	Answered Instant `json:"answered,omitempty"`
}

// Ending is how an offer ended; the list is closed (DESIGN §4.6).
type Ending string

// The endings of an offer.
const (
	Accepted    Ending = "accepted"
	Refused     Ending = "refused"     // 603, or hung up during the briefing
	NoAnswer    Ending = "no_answer"   // rang until its time was up: a miss
	Busy        Ending = "busy"        // 486, or 480 at once
	AgentGone   Ending = "agent_gone"  // phone lost its registration, agent logged out
	CallerGone  Ending = "caller_gone" // the caller left, or was moved, while the phone rang
	OfferFailed Ending = "failed"      // our side or the media failed
)

// Endings lists every ending.
var Endings = []Ending{Accepted, Refused, NoAnswer, Busy, AgentGone, CallerGone, OfferFailed}

// Valid reports whether e is in the closed list.
func (e Ending) Valid() bool { return slices.Contains(Endings, e) }

// How long an agent is left out after an offer that came to nothing (DESIGN §6, Misses; the delays
// are those that administrators know from mod_callcenter).
const (
	ExcludeAfterMiss    = 60 * time.Second // this contact is not offered to that agent
	ExcludeAfterBusy    = 60 * time.Second // no contact is offered to that agent
	ExcludeAfterRefusal = 10 * time.Second // no contact is offered to that agent
	ExcludeUnrung       = 3 * time.Second  // this contact is not offered to that agent: whoever refuses to ring is not asked all the time
)

// Exclusion keeps one agent from one leg until an instant.
type Exclusion struct {
	Agent AgentID `json:"agent"`
	Until Instant `json:"until"`
}
