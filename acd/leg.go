package acd

import (
	"slices"
	"time"
)

// Leg is the after-image of one stretch of a contact: entry, menu, queue, agent. It holds ids, codes
// and instants only; who the caller is lives elsewhere, with its own erasure (see Personal).
type Leg struct {
	ID  LegID `json:"id"`
	Rev int64 `json:"rev"` // raised by one with each change

	State LegState `json:"state"`
	Since Instant  `json:"since"` // when State was entered

	// Where the call lives. Node fires its timers; the channel is the caller's.
	Node     NodeID `json:"node"`
	Asterisk string `json:"asterisk,omitempty"`
	Channel  string `json:"channel,omitempty"`

	// How it came.
	Medium   Medium     `json:"medium,omitempty"` // empty for a call
	Entry    EntryID    `json:"entry"`
	Trunk    TrunkID    `json:"trunk,omitempty"`
	Scenario ScenarioID `json:"scenario,omitempty"`
	Arrived  Instant    `json:"arrived"`            // of this leg
	Previous LegID      `json:"previous,omitempty"` // the leg whose transfer made this one
	From     AgentID    `json:"from,omitempty"`     // who transferred it
	Lang     Lang       `json:"lang,omitempty"`
	Reason   ReasonID   `json:"reason,omitempty"`       // as the menu understood it
	Final    ReasonID   `json:"final_reason,omitempty"` // as the agent corrected it
	Path     []string   `json:"path,omitempty"`         // menu nodes and keys, in order
	Kept     string     `json:"kept,omitempty"`         // of the scenario, for a restart (see Script.Kept); written with Path
	Slow     bool       `json:"slow,omitempty"`         // he is spoken to slowly
	LeftMenu Instant    `json:"left_menu,omitempty"`
	Flagged  bool       `json:"emergency_flag,omitempty"` // the emergency instruction was heard
	// Identity is what a lookup said of who calls, as a status: found or unknown, which is also said of
	// a person whose presence must not be confirmed.
	Identity LookupOutcome `json:"identity,omitempty"`

	// The queue. Score orders the waiting (lowest first): Enqueued - 60 000 x Points.
	Queue      QueueID     `json:"queue,omitempty"`
	FirstQueue QueueID     `json:"first_queue,omitempty"` // whose figures this leg is in (KPI.md, rule 3)
	Enqueued   Instant     `json:"enqueued,omitempty"`    // first entry of this leg; never restarted
	AgeFrom    Instant     `json:"age_from,omitempty"`    // where its age counts from, when that is earlier (a leg made by a transfer)
	Points     int         `json:"points,omitempty"`      // 0-10
	Asks       string      `json:"asks,omitempty"`        // requirement of the contact itself, e.g. "en >= 1"
	Preferred  AgentID     `json:"preferred,omitempty"`
	HoldUntil  Instant     `json:"hold_until,omitempty"` // kept for Preferred until then
	PushedBy   string      `json:"pushed_by,omitempty"`  // who gave it to Preferred by name while it waited
	Excluded   []Exclusion `json:"excluded,omitempty"`
	Offers     int         `json:"offers,omitempty"` // made so far
	Offer      *Offer      `json:"offer,omitempty"`  // the live one
	Return     Ending      `json:"return,omitempty"` // why a transfer came back; empty when it did not
	Told       Told        `json:"told,omitzero"`    // of the wait; written with the end

	// The conversation.
	Agent     AgentID       `json:"agent,omitempty"`
	Phone     PhoneID       `json:"phone,omitempty"`
	Briefed   Instant       `json:"briefing_started,omitempty"`
	Bridged   Instant       `json:"bridged,omitempty"`
	Dequeued  Instant       `json:"dequeued,omitempty"` // left the queue for good: bridged, or ended
	HeldSince Instant       `json:"held_since,omitempty"`
	Holds     int           `json:"holds,omitempty"`
	Held      time.Duration `json:"held_ns,omitempty"` // total, without the one in progress
	Target    string        `json:"target,omitempty"`  // extension of a leg that rings out (a service, never a patient's number)
	Out       string        `json:"out,omitempty"`     // the channel that rings there
	Wrapup    time.Duration `json:"wrapup_ns,omitempty"`

	// Recording is the id of the file of the caller's message: while he leaves one, and after the end of
	// a leg that left one. The outcome is then voicemail, or emergency where he read that instruction after.
	Recording string `json:"recording,omitempty"`

	// After the conversation. Parted is when the agent was freed of a caller who stayed.
	Parted Instant `json:"parted,omitempty"`
	Survey *Survey `json:"survey,omitempty"`

	// Agreed is the callback that its caller was promised during the call; nil for none.
	Agreed *Agreement `json:"agreed,omitempty"`
	// Callback makes the leg one that calls its contact back; nil for every other.
	Callback *Callback `json:"callback,omitempty"`

	// Due is the leg's next timer (ring, maximum wait, …), fired by Node; scripts refuse it when early.
	Due Instant `json:"due,omitempty"`

	End      *End `json:"end,omitempty"`
	Degraded bool `json:"degraded,omitempty"` // part of it was decided without Redis
	Anomaly  bool `json:"anomaly,omitempty"`  // a fact fitted no row of the table
}

// MaxPoints bounds priority: nobody is overtaken by a contact that arrived ten minutes later or more.
const MaxPoints = 10

// PointValue is the head start that one point gives.
const PointValue = time.Minute

// ClampPoints returns p within 0 and MaxPoints.
func ClampPoints(p int) int { return min(max(p, 0), MaxPoints) }

// Score orders waiting legs, lowest first: the instant from which they wait less a minute a point.
func Score(since Instant, points int) int64 {
	return int64(since) - int64(ClampPoints(points))*PointValue.Milliseconds()
}

// Score returns the leg's place key.
func (l Leg) Score() int64 { return Score(l.WaitsFrom(), l.Points) }

// WaitsFrom is where the leg's age counts from in routing: its first enqueue, or the first one of
// its contact when a transfer came back. Figures count from Enqueued.
func (l Leg) WaitsFrom() Instant { return Earliest(l.AgeFrom, l.Enqueued) }

// Wait is the time from the first enqueue until the agent was bridged or the leg left the queue;
// until now while it still waits; zero for a leg that was never queued.
func (l Leg) Wait(now Instant) time.Duration {
	if l.Enqueued.Never() {
		return 0
	}
	if !l.Dequeued.Never() {
		now = l.Dequeued
	}
	return max(0, now.Sub(l.Enqueued))
}

// Talk is the time from the bridge to the end of the conversation (or now), holds included.
func (l Leg) Talk(now Instant) time.Duration {
	if l.Bridged.Never() {
		return 0
	}
	switch {
	case !l.Parted.Never():
		now = l.Parted
	case l.End != nil:
		now = l.End.At
	}
	return max(0, now.Sub(l.Bridged))
}

// Live reports whether the leg has not ended.
func (l Leg) Live() bool { return l.State != LegEnded }

// Waiting reports whether the leg holds a place in a queue: queued, or offered and not yet bridged.
func (l Leg) Waiting() bool { return l.State.waiting() }

// Initial reports whether the leg opened its contact; headline figures count these (KPI.md, rule 2).
func (l Leg) Initial() bool { return l.Previous == "" }

// Named reports whether the leg was handed to its preferred agent by name, came back to him as its
// sender, or was pushed to him by a supervisor: he is asked for whatever his skills are, until HoldUntil.
func (l Leg) Named() bool { return l.Preferred != "" && (l.From != "" || l.PushedBy != "") }

// ExcludedAgent reports whether the agent must not be offered this leg at now.
func (l Leg) ExcludedAgent(a AgentID, now Instant) bool {
	return slices.ContainsFunc(l.Excluded, func(e Exclusion) bool { return e.Agent == a && e.Until > now })
}

// clone returns a copy that shares nothing with l.
func (l Leg) clone() Leg {
	l.Path = slices.Clone(l.Path)
	l.Excluded = slices.Clone(l.Excluded)
	l.Survey = l.Survey.clone()
	l.Callback = l.Callback.cloned()
	if l.Agreed != nil {
		a := *l.Agreed
		l.Agreed = &a
	}
	if l.Offer != nil {
		o := *l.Offer
		l.Offer = &o
	}
	if l.End != nil {
		e := *l.End
		l.End = &e
	}
	return l
}

// withdraw clears what an offer put on the leg.
func (l *Leg) withdraw() { l.Offer, l.Agent, l.Phone, l.Briefed = nil, "", "", 0 }

// stopHold ends a hold in progress; without one it changes nothing.
func (l *Leg) stopHold(at Instant) {
	if !l.HeldSince.Never() {
		l.Held += max(0, at.Sub(l.HeldSince))
		l.HeldSince = 0
	}
}

func (l *Leg) enter(s LegState, at Instant) {
	if l.State != s {
		l.State, l.Since = s, at
	}
}
