package acd

import (
	"fmt"
	"maps"
	"slices"
)

// AgentState is what an agent is doing.
type AgentState string

// The states of an agent (CONTRACT HTTP).
const (
	AgentOffline     AgentState = "offline"
	AgentReady       AgentState = "ready"
	AgentOffered     AgentState = "offered"
	AgentBusy        AgentState = "busy"     // briefing or talking
	AgentBusyOwn     AgentState = "busy_own" // on a call of his own
	AgentWrapup      AgentState = "wrapup"
	AgentPaused      AgentState = "paused"
	AgentUnreachable AgentState = "unreachable"
)

// AgentStates lists every state.
var AgentStates = []AgentState{AgentOffline, AgentReady, AgentOffered, AgentBusy, AgentBusyOwn, AgentWrapup, AgentPaused, AgentUnreachable}

// Staffed reports whether an agent in this state counts as present for a queue: he will serve again
// without logging in (DESIGN §6).
func (s AgentState) Staffed() bool {
	switch s {
	case AgentReady, AgentOffered, AgentBusy, AgentBusyOwn, AgentWrapup, AgentPaused:
		return true
	}
	return false
}

// Why an agent is unreachable.
const (
	UnreachableMissed = "missed"       // too many offers rang out
	UnreachablePhone  = "registration" // his phone lost its registration
	UnreachableMedia  = "media"        // he accepted and nothing was heard
)

// Agent is the after-image of a person at work. His name, PIN and usual phone are in the site file;
// his skills too, unless a live change overrides them here.
type Agent struct {
	ID  AgentID `json:"id"`
	Rev int64   `json:"rev"`

	State  AgentState `json:"state"`
	Since  Instant    `json:"since"`
	Reason string     `json:"reason,omitempty"` // of a pause (a code) or of being unreachable
	Phone  PhoneID    `json:"phone,omitempty"`  // where he sits; empty when offline
	Node   NodeID     `json:"node,omitempty"`   // home: the node of the phone's Asterisk

	// Next is the state he asked for while busy; it is entered instead of ready. A pause asked for
	// during a call must bring no new offer (KPI.md).
	Next *NextState `json:"next,omitempty"`

	Legs []LegID `json:"legs,omitempty"` // offered to him or held by him
	Load int     `json:"load,omitempty"` // parts of FullCapacity in use; more while a call interrupts mail
	Mail int     `json:"mail,omitempty"` // of those, what a call may interrupt
	// LoggedIn is when this session began.
	LoggedIn Instant `json:"logged_in,omitempty"`
	// IdleSince restarts when a conversation ends (one of his own too), when he logs in or comes back
	// from a pause or from being unreachable; a missed, refused or withdrawn offer leaves it alone.
	IdleSince Instant   `json:"idle_since,omitempty"`
	Occupancy Occupancy `json:"occupancy,omitzero"`
	Misses    int       `json:"misses,omitempty"` // in a row
	// Excluded: no contact is offered to him until then (busy, refusal).
	Excluded Instant `json:"excluded,omitempty"`
	// WrapupFor is the leg whose after-call work he is doing.
	WrapupFor   LegID   `json:"wrapup_for,omitempty"`
	WrapupQueue QueueID `json:"wrapup_queue,omitempty"`
	Due         Instant `json:"due,omitempty"` // end of wrap-up; fired by Node

	Skills   map[SkillID]int `json:"skills,omitzero"` // live override of the site file's; nil when none, empty for no skill at all
	SkillsBy string          `json:"skills_by,omitempty"`
	// SkillsShift: the override ends with the shift, when he logs out; otherwise it is kept.
	SkillsShift bool `json:"skills_shift,omitempty"`
	// Own is the number of calls he made or took himself that are up on his phone.
	Own     int     `json:"own,omitempty"`
	Help    Instant `json:"help,omitempty"` // since when he asks for help in this conversation
	Anomaly bool    `json:"anomaly,omitempty"`
}

// NextState is what an agent asked to be once he is free.
type NextState struct {
	State  AgentState `json:"state"` // paused, offline or ready
	Reason string     `json:"reason,omitempty"`
}

// Holds reports whether the leg is offered to or held by the agent.
func (a Agent) Holds(l LegID) bool { return slices.Contains(a.Legs, l) }

func (a Agent) clone() Agent {
	a.Legs = slices.Clone(a.Legs)
	a.Skills = maps.Clone(a.Skills)
	if a.Next != nil {
		n := *a.Next
		a.Next = &n
	}
	return a
}

func (a *Agent) enter(s AgentState, reason string, at Instant) {
	if a.State != s {
		a.State, a.Since = s, at
	}
	a.Reason = reason
}

// Phone is the after-image of a device.
type Phone struct {
	ID         PhoneID `json:"id"`
	Rev        int64   `json:"rev"`
	Registered bool    `json:"registered"`
	Since      Instant `json:"since"`
	Agent      AgentID `json:"agent,omitempty"` // who sits at it
	Node       NodeID  `json:"node,omitempty"`
	Asterisk   string  `json:"asterisk,omitempty"`
}

// PauseReasons is how many numbered reasons `*21<n>` can name.
const PauseReasons = 9

// PauseReason returns the code of the n-th pause reason ("pause_3"), or "" for none.
func PauseReason(n int) string {
	if n < 1 || n > PauseReasons {
		return ""
	}
	return fmt.Sprintf("pause_%d", n)
}
