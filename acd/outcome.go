package acd

import "slices"

// Outcome is how a leg ended; the list is closed (DESIGN §4, letters in KPI.md).
type Outcome string

// The outcomes. Each is recorded with the phase in which the leg ended and a short reason code.
const (
	Answered       Outcome = "answered"        // bridged to an agent
	SelfServed     Outcome = "self_served"     // the menu gave what was wanted
	Abandoned      Outcome = "abandoned"       // the caller left before an agent was bridged
	CalledBack     Outcome = "callback"        // left the queue for a callback
	Voicemail      Outcome = "voicemail"       // left a message
	Overflow       Outcome = "overflow"        // limit of wait or place, or the safety net answered
	TransferredOut Outcome = "transferred_out" // from the menu to an extension
	Closed         Outcome = "closed"          // heard that the line is closed
	Dissuaded      Outcome = "dissuaded"       // told to call later: full or unstaffed
	Emergency      Outcome = "emergency"       // ended in the emergency instruction
	Failed         Outcome = "failed"          // see Fault
)

// Outcomes lists every outcome, in the order of the table in KPI.md.
var Outcomes = []Outcome{Answered, Abandoned, CalledBack, Overflow, Voicemail, Failed, SelfServed, Closed, Dissuaded, TransferredOut, Emergency}

// Valid reports whether o is in the closed list.
func (o Outcome) Valid() bool { return slices.Contains(Outcomes, o) }

// Fault says whose failure a Failed leg was.
type Fault string

// The faults of Failed.
const (
	FaultOurs    Fault = "ours"
	FaultCarrier Fault = "carrier"
	FaultMedia   Fault = "media"
	FaultUnknown Fault = "unknown"
)

// Party says who ended a leg.
type Party string

// The parties, as kept in the contact record (KPI.md, disconnect_by).
const (
	ByCaller     Party = "caller"
	ByAgent      Party = "agent"
	ByThirdParty Party = "third_party"
	ByFlow       Party = "flow"
	ByTelecom    Party = "telecom"
	BySupervisor Party = "supervisor"
	BySystem     Party = "system"
)

// End is how a leg ended. Reason is a short code from the code base, never free text.
type End struct {
	Outcome Outcome  `json:"outcome"`
	Phase   LegState `json:"phase"` // the state the leg was in
	Reason  string   `json:"reason,omitempty"`
	Fault   Fault    `json:"fault,omitempty"` // of Failed only
	By      Party    `json:"by,omitempty"`
	At      Instant  `json:"at"`
}
