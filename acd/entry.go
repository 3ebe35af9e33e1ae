package acd

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// LogVersion is the format of an Entry; readers refuse a higher one.
const LogVersion = 1

// Kind names what an entry of the log says.
type Kind string

// The kinds of change. A kind names the event; the images carry its effect.
const (
	KindArrived      Kind = "arrived"
	KindMenu         Kind = "menu_started"
	KindQueued       Kind = "queued"
	KindMoved        Kind = "moved" // another queue
	KindPoints       Kind = "points"
	KindClaimed      Kind = "claimed"
	KindOfferEnded   Kind = "offer_ended"
	KindBriefing     Kind = "briefing"
	KindTalking      Kind = "talking"
	KindHeld         Kind = "held"
	KindResumed      Kind = "resumed"
	KindTransferred  Kind = "transferred"
	KindRingingOut   Kind = "ringing_out"
	KindReturned     Kind = "returned"
	KindMessage      Kind = "message_begun" // a recording of the caller
	KindSurvey       Kind = "survey_started"
	KindSurveyed     Kind = "survey_answered"
	KindLegChanged   Kind = "leg_changed"
	KindEnded        Kind = "ended"
	KindCallback     Kind = "callback" // an agent asked for somebody to be called back
	KindLogin        Kind = "agent_login"
	KindLogout       Kind = "agent_logout"
	KindAgentState   Kind = "agent_state"
	KindWrapupEnded  Kind = "wrapup_ended"
	KindAgentSkills  Kind = "agent_skills"
	KindOwnCall      Kind = "own_call"
	KindPhone        Kind = "phone"
	KindLead         Kind = "lead"
	KindEntryClosure Kind = "entry_closure"
	KindQueuePause   Kind = "queue_pause"
	KindAnnouncement Kind = "announcement"
	KindPushed       Kind = "pushed"   // kept for an agent by a supervisor
	KindTask         Kind = "task"     // something owed was changed in the database
	KindAsserted     Kind = "asserted" // re-told after Redis lost it
)

// Entry is one change as the log tells it: who was touched and what each has become. A reader folds
// entries in the order of Seq; an unexpected Gen or a gap in Seq means resync (DESIGN §5).
type Entry struct {
	// ID is the stream's own id; empty for an entry that a node made while Redis was away.
	ID   string  `json:"-"`
	V    int     `json:"v"`
	Gen  string  `json:"gen"` // random id of the data set
	Seq  int64   `json:"seq"`
	Kind Kind    `json:"kind"`
	At   Instant `json:"at"`
	Node NodeID  `json:"node"`
	Op   string  `json:"op,omitempty"`

	Legs     []Leg     `json:"legs,omitempty"`
	Agents   []Agent   `json:"agents,omitempty"`
	Phones   []Phone   `json:"phones,omitempty"`
	Closures []Closure `json:"closures,omitempty"`
	Lead     *Lead     `json:"lead,omitempty"`
	// Tasks tell what has become of them, in entries that change nothing else. The database is where they
	// are kept (package owed): no view folds them, no hash holds them, and one may be told twice.
	Tasks []Task `json:"tasks,omitempty"`

	// Ending is how an offer ended, in the entries that end one.
	Ending   Ending    `json:"ending,omitempty"`
	Decision *Decision `json:"decision,omitempty"` // of a claim
	Degraded bool      `json:"degraded,omitempty"`
	Anomaly  string    `json:"anomaly,omitempty"` // code of the rule that the fact broke
	By       string    `json:"by,omitempty"`      // account or agent that asked, never a patient
}

// Lead says which node dispatches, and until when unless renewed.
type Lead struct {
	Rev      int64   `json:"rev"`
	Holder   NodeID  `json:"holder"`
	Token    int64   `json:"token"` // higher than any earlier holder's
	Deadline Instant `json:"deadline"`
}

// Closure is the exceptional closing of an entry, the pause of a queue (see QueueClosure) or an
// announcement that is switched on (see AnnouncementClosure).
type Closure struct {
	Entry  EntryID `json:"entry"`
	Rev    int64   `json:"rev"`
	Closed bool    `json:"closed"`
	Since  Instant `json:"since"`
	By     string  `json:"by,omitempty"`
	Reason string  `json:"reason,omitempty"` // a code, of a pause
	// Entries bound an announcement: the entries where it is heard, all when empty. Until is when an
	// announcement, or the closing of an entry, ends by itself; never when zero.
	Entries []EntryID `json:"entries,omitempty"`
	Until   Instant   `json:"until,omitempty"`
}

// Decision explains a claim: enough to see why, and to repeat it (DESIGN §6, Explain).
type Decision struct {
	LastID string `json:"last_id"` // last log entry folded before deciding
	// Ahead names the operations of the deciding node that were folded too, oldest first, though the
	// log did not hold them yet: they stand between LastID and the claim, or never came.
	Ahead []string `json:"ahead,omitempty"`
	At    Instant  `json:"at"`
	// Possible is when both leg and agent were there to be joined: what dispatch is timed from.
	Possible Instant `json:"possible,omitempty"`
	Rules    string  `json:"rules"` // hash of the site's routing rules
	Leg      LegID   `json:"leg"`
	Agent    AgentID `json:"agent"`
	Step     int     `json:"step"`
	Score    int64   `json:"score"`
	// Points names what the contact's points are made of, those of 0 left out: base (its own), step,
	// age and priority, each as the rules say, then points, their sum as clamped. Score counts them.
	Points []ScorePart `json:"points,omitempty"`
	// Parts names what made the winner win, in the order of comparison.
	Parts []ScorePart `json:"parts,omitempty"`
	// Passed counts the candidates left out, by reason code.
	Passed map[string]int `json:"passed,omitempty"`
	// RunnersUp are at most five, best first.
	RunnersUp []RunnerUp `json:"runners_up,omitempty"`
	// Skipped lists the steps that no staffed agent could satisfy.
	Skipped []int `json:"skipped,omitempty"`
	// Pending are the choices made before this one that the log had not answered yet: neither their
	// contacts nor their agents could be chosen.
	Pending []Pairing `json:"pending,omitempty"`
	// Inexact says that more was known than LastID and Ahead name: the decider had just taken over a
	// whole view (its start, a return of the store), of which the log had not told everything.
	Inexact bool `json:"inexact,omitempty"`
}

// Settled is how long after a whole view was taken over the log tells all that was in it.
const Settled = time.Second

// Pairing is a contact and the agent who was chosen for it.
type Pairing struct {
	Leg   LegID   `json:"leg"`
	Agent AgentID `json:"agent"`
}

// ScorePart is one comparison of a decision: "surplus", "idle_ms", "preferred", "points", …
type ScorePart struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// RunnerUp is an agent or a leg that was eligible and came after the winner.
type RunnerUp struct {
	Agent AgentID     `json:"agent,omitempty"`
	Leg   LegID       `json:"leg,omitempty"`
	Parts []ScorePart `json:"parts,omitempty"`
}

// Personal are the fields about a live contact that identify someone: kept apart from images and
// log, under their own erasure (DESIGN §5). It prints as a mask, so that it cannot reach a log.
type Personal struct {
	Number string // E.164 or extension as received; "" when withheld
	Name   string // from the site's directory
	Note   string // what an agent wrote for the next one
}

// String masks the value.
func (Personal) String() string { return "[personal]" }

// Format masks the value under every verb, those for numbers included.
func (p Personal) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalJSON masks the value: it is read field by field where it may be shown.
func (Personal) MarshalJSON() ([]byte, error) { return json.Marshal("[personal]") }
