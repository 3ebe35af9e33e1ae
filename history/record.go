package history

import (
	"time"

	"accueil/acd"
)

// Record is what is kept of one ended leg. Instants are milliseconds UTC; zero means that it never
// happened. Whether the leg was a short abandonment or was answered in time is derived at reading.
type Record struct {
	Contact  acd.ContactID  `json:"contact_id"`
	Leg      acd.LegID      `json:"leg_id"`
	Previous acd.LegID      `json:"previous_id,omitempty"` // the leg whose transfer made this one
	From     acd.AgentID    `json:"from,omitempty"`        // who transferred it
	Entry    acd.EntryID    `json:"dnis"`
	Trunk    acd.TrunkID    `json:"trunk,omitempty"`
	Scenario acd.ScenarioID `json:"scenario,omitempty"`
	Lang     acd.Lang       `json:"language,omitempty"`
	Reason   acd.ReasonID   `json:"motif_code,omitempty"`
	Final    acd.ReasonID   `json:"motif_final,omitempty"`
	Path     []string       `json:"nodes,omitempty"`

	Arrived  acd.Instant `json:"arrived_at"`
	LeftMenu acd.Instant `json:"left_menu_at,omitempty"`

	Queue      acd.QueueID        `json:"queue_id,omitempty"`       // the last one
	FirstQueue acd.QueueID        `json:"first_queue_id,omitempty"` // whose figures the leg is in
	Enqueued   acd.Instant        `json:"enqueued_at,omitempty"`
	Dequeued   acd.Instant        `json:"dequeued_at,omitempty"`
	Points     int                `json:"priority,omitempty"`
	Offers     int                `json:"offers_made,omitempty"`
	Endings    map[acd.Ending]int `json:"offers,omitempty"` // how the offers ended; only a fold of the log knows
	Return     acd.Ending         `json:"return,omitempty"` // why a transfer came back

	Agent      acd.AgentID   `json:"agent_ref,omitempty"`
	Briefed    acd.Instant   `json:"briefing_started_at,omitempty"`
	Bridged    acd.Instant   `json:"bridged_at,omitempty"`
	CalledBack acd.Instant   `json:"called_back_at,omitempty"` // when the person whom it owed a call talked with an agent
	Holds      int           `json:"hold_count,omitempty"`
	Held       time.Duration `json:"hold_total_ns,omitempty"`
	ACWBegan   acd.Instant   `json:"acw_started_at,omitempty"`
	ACWEnded   acd.Instant   `json:"acw_ended_at,omitempty"`
	Target     string        `json:"transfer_target,omitempty"` // an extension of the hospital
	Parted     acd.Instant   `json:"parted_at,omitempty"`       // the agent had left, the caller stayed for the survey
	Ended      acd.Instant   `json:"ended_at"`
	Outcome    acd.Outcome   `json:"outcome"`
	Phase      acd.LegState  `json:"phase"`
	EndReason  string        `json:"end_reason,omitempty"`
	Fault      acd.Fault     `json:"fault,omitempty"`
	By         acd.Party     `json:"disconnect_by,omitempty"`

	Survey    *acd.Survey `json:"survey,omitempty"`
	Recording string      `json:"recording,omitempty"` // of the message that was left

	Flagged  bool `json:"emergency_flag,omitempty"`
	Degraded bool `json:"degraded_mode,omitempty"`
	Anomaly  bool `json:"anomaly,omitempty"`
}

// FromLeg returns the record of a leg; false while the leg has not ended.
func FromLeg(l acd.Leg) (Record, bool) {
	if l.End == nil || l.Live() {
		return Record{}, false
	}
	return Record{
		Contact: l.ID.Contact(), Leg: l.ID, Previous: l.Previous, From: l.From,
		Entry: l.Entry, Trunk: l.Trunk, Scenario: l.Scenario, Lang: l.Lang,
		Reason: l.Reason, Final: l.Final, Path: l.Path,
		Arrived: l.Arrived, LeftMenu: l.LeftMenu,
		Queue: l.Queue, FirstQueue: l.FirstQueue, Enqueued: l.Enqueued, Dequeued: l.Dequeued,
		Points: l.Points, Offers: l.Offers, Return: l.Return,
		Agent: l.Agent, Briefed: l.Briefed, Bridged: l.Bridged, Holds: l.Holds, Held: l.Held,
		Target: l.Target, Parted: l.Parted, Survey: l.Survey, Recording: l.Recording, Ended: l.End.At, Outcome: l.End.Outcome, Phase: l.End.Phase,
		EndReason: l.End.Reason, Fault: l.End.Fault, By: l.End.By,
		Flagged: l.Flagged, Degraded: l.Degraded, Anomaly: l.Anomaly,
	}, true
}

// Initial reports whether the leg opened its contact; headline figures count these (KPI.md, rule 2).
func (r Record) Initial() bool { return r.Previous == "" }

// Queued reports whether the leg entered a queue.
func (r Record) Queued() bool { return !r.Enqueued.Never() }

// Wait is the time from the first enqueue to the bridge or the end; zero for a leg never queued.
func (r Record) Wait() time.Duration {
	left := r.Dequeued
	if left.Never() {
		left = r.Ended
	}
	return between(r.Enqueued, left)
}

// LineWait is the time from the arrival of the leg to the bridge: what the caller feels.
func (r Record) LineWait() time.Duration { return between(r.Arrived, r.Bridged) }

// Talk is the time from the bridge to the end of the conversation, holds included.
func (r Record) Talk() time.Duration { return between(r.Bridged, r.talked()) }

// talked is when the conversation was over: a caller may stay for the survey.
func (r Record) talked() acd.Instant {
	if !r.Parted.Never() {
		return r.Parted
	}
	return r.Ended
}

// ACW is the after-call work; zero when there was none or it still lasts.
func (r Record) ACW() time.Duration { return between(r.ACWBegan, r.ACWEnded) }

// Handled reports whether an agent talked with the caller.
func (r Record) Handled() bool { return r.Agent != "" && !r.Bridged.Never() }

// between is the time from a to b; zero when either never was or they stand in the wrong order.
func between(a, b acd.Instant) time.Duration {
	if a.Never() || b.Never() {
		return 0
	}
	return max(0, b.Sub(a))
}
