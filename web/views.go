package web

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
)

// stampLayout is RFC 3339 with milliseconds.
const stampLayout = "2006-01-02T15:04:05.000Z07:00"

// stamp writes an instant in the zone; empty, and so left out, for never.
func stamp(i acd.Instant, tz *time.Location) string {
	if i.Never() {
		return ""
	}
	return i.Time().In(tz).Format(stampLayout)
}

// LegView is one stretch of a contact as readers see it: ids, codes, instants, ages.
type LegView struct {
	Leg      acd.LegID         `json:"leg"`
	Contact  acd.ContactID     `json:"contact"`
	Rev      int64             `json:"rev"`
	State    acd.LegState      `json:"state" enum:"arrived,menu,queued,offered,briefing,talking,held,ringing_out,callback,voicemail,survey,ended"`
	Since    string            `json:"since" format:"date-time" doc:"When the state was entered."`
	StateAge int64             `json:"state_age_ms"`
	Node     acd.NodeID        `json:"node,omitempty"`
	Entry    acd.EntryID       `json:"entry,omitempty"`
	Trunk    acd.TrunkID       `json:"trunk,omitempty"`
	Scenario acd.ScenarioID    `json:"scenario,omitempty"`
	Lang     acd.Lang          `json:"language,omitempty"`
	Reason   acd.ReasonID      `json:"reason,omitempty"`
	Final    acd.ReasonID      `json:"final_reason,omitempty"`
	Path     []string          `json:"path,omitempty" doc:"Menu nodes and keys passed."`
	Arrived  string            `json:"arrived" format:"date-time"`
	Age      int64             `json:"age_ms"`
	Previous acd.LegID         `json:"previous,omitempty"`
	From     acd.AgentID       `json:"from,omitempty" doc:"Who transferred it."`
	Flagged  bool              `json:"emergency_flag,omitempty" doc:"The emergency instruction was heard."`
	Identity acd.LookupOutcome `json:"identity,omitempty" enum:"found,unknown" doc:"What a lookup said of who calls; unknown also of who must not be confirmed."`

	Queue      acd.QueueID `json:"queue,omitempty"`
	FirstQueue acd.QueueID `json:"first_queue,omitempty"`
	Enqueued   string      `json:"enqueued,omitempty" format:"date-time"`
	Wait       int64       `json:"wait_ms"`
	Place      int         `json:"place,omitempty" doc:"In its queue, from 1; in lists of a queue only."`
	Estimate   *WaitView   `json:"estimated_wait,omitempty" doc:"How long it still waits; absent when nothing honest can be said, and outside a contact's own answer and a queue's list."`
	Points     int         `json:"points"`
	Kept       *KeptView   `json:"kept_for,omitempty" doc:"Nobody else is offered the contact meanwhile, unless that agent leaves."`
	Offers     int         `json:"offers"`
	Offer      *OfferView  `json:"offer,omitempty"`
	Return     acd.Ending  `json:"return,omitempty" doc:"Why a transfer came back."`

	Agent   acd.AgentID `json:"agent,omitempty"`
	Phone   acd.PhoneID `json:"phone,omitempty"`
	Bridged string      `json:"bridged,omitempty" format:"date-time"`
	Talk    int64       `json:"talk_ms"`
	Holds   int         `json:"holds,omitempty"`
	Held    int64       `json:"held_ms,omitempty"`
	Target  string      `json:"target,omitempty" doc:"Extension that is rung."`
	Due     string      `json:"due,omitempty" format:"date-time" doc:"The leg's next timer."`

	Message bool        `json:"message,omitempty" doc:"The caller has left a message, which is in the task that the contact led to."`
	Survey  *SurveyView `json:"survey,omitempty" doc:"What the caller answered after the conversation. Not shown to agents."`

	Callback *CallbackView `json:"callback,omitempty" doc:"Of a leg that calls its contact back."`
	End      *EndView      `json:"end,omitempty"`
	Degraded bool          `json:"degraded,omitempty"`
	Anomaly  bool          `json:"anomaly,omitempty"`
}

// CallbackView is the callback that a leg makes.
type CallbackView struct {
	NotBefore string        `json:"not_before,omitempty" format:"date-time" doc:"Nobody is asked sooner."`
	Until     string        `json:"until" format:"date-time" doc:"Given up then."`
	Reached   string        `json:"reached,omitempty" format:"date-time"`
	Attempts  []AttemptView `json:"attempts,omitempty"`
	ToHuman   int64         `json:"time_to_human_ms" doc:"From the first place in a queue until somebody was there; until now while nobody is."`
}

// AttemptView is one try to reach the person.
type AttemptView struct {
	At     string            `json:"at" format:"date-time"`
	By     acd.AgentID       `json:"by,omitempty"`
	Result acd.AttemptResult `json:"result" enum:"reached,no_answer,busy,machine,failed"`
}

func callbackView(l acd.Leg, until acd.Instant, tz *time.Location, who Account) *CallbackView {
	c := l.Callback
	if c == nil {
		return nil
	}
	v := &CallbackView{NotBefore: stamp(c.NotBefore, tz), Until: stamp(c.Until, tz), Reached: stamp(c.Reached, tz), ToHuman: l.TimeToHuman(until)}
	for _, a := range c.Attempts {
		if who.Role == RoleAgent && a.By != who.Agent {
			a.By = ""
		}
		v.Attempts = append(v.Attempts, AttemptView{stamp(a.At, tz), a.By, a.Result})
	}
	return v
}

// WaitView is a foretold wait from now on.
type WaitView struct {
	Minutes    int     `json:"minutes" doc:"The one figure to announce: rounded up to the minute, at least 1."`
	Wait       int64   `json:"wait_ms" doc:"Expected."`
	Low        int64   `json:"low_ms"`
	High       int64   `json:"high_ms"`
	Confidence float64 `json:"confidence" doc:"Probability, 0 to 1, that the wait lies from low_ms to high_ms."`
}

// KeptView says for whom a waiting contact is kept.
type KeptView struct {
	Agent acd.AgentID `json:"agent"`
	Until string      `json:"until" format:"date-time"`
	By    string      `json:"by,omitempty" doc:"Who pushed the contact to him; empty for one who knows the caller, was handed him, or handed him on."`
}

// OfferView is a live offer to an agent.
type OfferView struct {
	Offer    acd.OfferID `json:"offer"`
	Agent    acd.AgentID `json:"agent,omitempty"`
	Phone    acd.PhoneID `json:"phone,omitempty"`
	At       string      `json:"at" format:"date-time"`
	Due      string      `json:"due,omitempty" format:"date-time"`
	Step     int         `json:"step"`
	Answered string      `json:"answered,omitempty" format:"date-time"`
}

// EndView is how a leg ended.
type EndView struct {
	Outcome acd.Outcome  `json:"outcome" enum:"answered,self_served,abandoned,callback,voicemail,overflow,transferred_out,closed,dissuaded,emergency,failed"`
	Phase   acd.LegState `json:"phase"`
	Reason  string       `json:"reason,omitempty"`
	Fault   acd.Fault    `json:"fault,omitempty"`
	By      acd.Party    `json:"by,omitempty"`
	At      string       `json:"at" format:"date-time"`
}

// SurveyView is what a caller answered after his conversation.
type SurveyView struct {
	CSAT    int  `json:"csat,omitempty" doc:"Satisfaction, 1 to 5."`
	NPS     *int `json:"nps,omitempty" doc:"Would recommend, 0 to 10."`
	Comment bool `json:"comment,omitempty" doc:"He has left a spoken comment, which /v1/contacts/{id}/comment plays for as long as it is kept."`
}

// legView shows a leg to an account. To an agent, who serves somebody else's contact is not shown.
func legView(l acd.Leg, now acd.Instant, tz *time.Location, who Account) LegView {
	until := now
	if l.End != nil {
		until = l.End.At
	}
	v := LegView{
		Leg: l.ID, Contact: l.ID.Contact(), Rev: l.Rev, State: l.State, Since: stamp(l.Since, tz), StateAge: age(l.Since, now),
		Node: l.Node, Entry: l.Entry, Trunk: l.Trunk, Scenario: l.Scenario, Lang: l.Lang, Reason: l.Reason, Final: l.Final,
		Path: l.Path, Arrived: stamp(l.Arrived, tz), Age: age(l.Arrived, until), Previous: l.Previous, From: l.From, Flagged: l.Flagged, Identity: l.Identity,
		Queue: l.Queue, FirstQueue: l.FirstQueue, Enqueued: stamp(l.Enqueued, tz), Wait: l.Wait(until).Milliseconds(),
		Points: l.Points, Offers: l.Offers, Return: l.Return, Agent: l.Agent, Phone: l.Phone,
		Bridged: stamp(l.Bridged, tz), Talk: l.Talk(until).Milliseconds(), Holds: l.Holds, Held: held(l, until),
		Target: l.Target, Due: stamp(l.Due, tz), Degraded: l.Degraded, Anomaly: l.Anomaly,
		Callback: callbackView(l, until, tz, who),
	}
	if l.Waiting() && l.Preferred != "" && l.HoldUntil > now {
		v.Kept = &KeptView{l.Preferred, stamp(l.HoldUntil, tz), l.PushedBy}
	}
	if o := l.Offer; o != nil {
		v.Offer = &OfferView{o.ID, o.Agent, o.Phone, stamp(o.At, tz), stamp(o.Due, tz), o.Step, stamp(o.Answered, tz)}
	}
	if e := l.End; e != nil {
		v.End = &EndView{e.Outcome, e.Phase, e.Reason, e.Fault, e.By, stamp(e.At, tz)}
	}
	v.Message = l.End != nil && l.Recording != ""
	if s := l.Survey; s.Answered() {
		answer := surveyView(*s)
		v.Survey = &answer
	}
	if who.Role == RoleAgent {
		v.hideOthers(who.Agent)
	}
	return v
}

func (v *LegView) hideOthers(me acd.AgentID) {
	v.Survey = nil
	if v.Agent != me {
		v.Agent, v.Phone = "", ""
	}
	if v.From != me && v.Agent != me {
		v.From = ""
	}
	if v.Offer != nil && v.Offer.Agent != me {
		v.Offer = nil
	}
	if v.Kept != nil && v.Kept.Agent != me {
		v.Kept = nil
	}
}

func age(since, now acd.Instant) int64 {
	if since.Never() {
		return 0
	}
	return max(0, now.Sub(since).Milliseconds())
}

func held(l acd.Leg, now acd.Instant) int64 {
	d := l.Held
	if !l.HeldSince.Never() {
		d += max(0, now.Sub(l.HeldSince))
	}
	return d.Milliseconds()
}

// AgentView is a person at work.
type AgentView struct {
	Agent    acd.AgentID    `json:"agent"`
	Name     string         `json:"name,omitempty"`
	Rev      int64          `json:"rev"`
	State    acd.AgentState `json:"state" enum:"offline,ready,offered,busy,busy_own,wrapup,paused,unreachable"`
	Since    string         `json:"since,omitempty" format:"date-time"`
	StateAge int64          `json:"state_age_ms"`
	Reason   string         `json:"reason,omitempty"`
	Phone    acd.PhoneID    `json:"phone,omitempty"`
	Node     acd.NodeID     `json:"node,omitempty"`
	Next     *NextView      `json:"next,omitempty" doc:"The state asked for while busy."`
	Legs     []acd.LegID    `json:"legs,omitempty"`
	Load     int            `json:"load"`
	LoggedIn string         `json:"logged_in,omitempty" format:"date-time"`
	Idle     int64          `json:"idle_ms,omitempty" doc:"Since the last conversation, login or pause; while ready."`
	Misses   int            `json:"misses,omitempty"`
	Excluded string         `json:"excluded_until,omitempty" format:"date-time"`
	Wrapup   acd.LegID      `json:"wrapup_for,omitempty"`
	Due      string         `json:"wrapup_due,omitempty" format:"date-time"`
	Own      int            `json:"own_calls,omitempty"`

	Skills      map[acd.SkillID]int            `json:"skills,omitempty"`
	Overridden  bool                           `json:"skills_overridden,omitempty"`
	SkillsBy    string                         `json:"skills_by,omitempty"`
	SkillsUntil string                         `json:"skills_until,omitempty" enum:"shift,kept" doc:"How long an override lasts: until the agent logs out, or until it is undone."`
	Queues      map[acd.QueueID]AssignmentView `json:"queues,omitempty" doc:"Queues that the site file has the agent serve otherwise than by skill alone."`
}

// AssignmentView is how an agent serves a queue.
type AssignmentView struct {
	Priority int     `json:"priority,omitempty" doc:"Points that its callers have for him."`
	Delay    float64 `json:"delay_s,omitempty" doc:"How long a caller must have waited before he is offered to him."`
}

// NextView is what an agent asked to be once he is free.
type NextView struct {
	State  acd.AgentState `json:"state"`
	Reason string         `json:"reason,omitempty"`
}

func agentView(a acd.Agent, plan *Plan, now acd.Instant) AgentView {
	site := plan.Agents[a.ID]
	v := AgentView{
		Agent: a.ID, Name: site.Name, Rev: a.Rev, State: a.State, Since: stamp(a.Since, plan.TZ), StateAge: age(a.Since, now),
		Reason: a.Reason, Phone: a.Phone, Node: a.Node, Legs: a.Legs, Load: a.Load, LoggedIn: stamp(a.LoggedIn, plan.TZ),
		Misses: a.Misses, Wrapup: a.WrapupFor, Due: stamp(a.Due, plan.TZ), Own: a.Own,
		Skills: site.Skills, Overridden: a.Skills != nil, SkillsBy: a.SkillsBy, Queues: site.Queues,
	}
	if a.Next != nil {
		v.Next = &NextView{a.Next.State, a.Next.Reason}
	}
	if a.State == acd.AgentReady {
		v.Idle = age(a.IdleSince, now)
	}
	if a.Excluded > now {
		v.Excluded = stamp(a.Excluded, plan.TZ)
	}
	if a.Skills != nil {
		v.Skills, v.SkillsUntil = a.Skills, SkillsKept
		if a.SkillsShift {
			v.SkillsUntil = SkillsShift
		}
	}
	return v
}

// roster lists every agent of the site and of the log, by id; who never logged in is offline.
func roster(board Board, plan *Plan) []acd.Agent {
	all := map[acd.AgentID]acd.Agent{}
	for id := range plan.Agents {
		all[id] = acd.Agent{ID: id, State: acd.AgentOffline}
	}
	for _, a := range board.Agents() {
		all[a.ID] = a
	}
	out := make([]acd.Agent, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[id])
	}
	return out
}

// PhoneView is a device.
type PhoneView struct {
	Phone      acd.PhoneID `json:"phone"`
	Registered bool        `json:"registered"`
	Since      string      `json:"since,omitempty" format:"date-time"`
	Agent      acd.AgentID `json:"agent,omitempty"`
}

// EntryView says whether an entry is closed exceptionally.
type EntryView struct {
	Entry  acd.EntryID `json:"entry"`
	Closed bool        `json:"closed"`
	Since  string      `json:"since,omitempty" format:"date-time"`
	Until  string      `json:"until,omitempty" format:"date-time" doc:"When it opens again by itself."`
	By     string      `json:"by,omitempty"`
}

func entryView(c acd.Closure, now acd.Instant, tz *time.Location) EntryView {
	if c.Closed && !c.On(now) {
		return EntryView{Entry: c.Entry, Since: stamp(c.Until, tz)} // open again since then, by itself
	}
	return EntryView{c.Entry, c.Closed, stamp(c.Since, tz), stamp(c.Until, tz), c.By}
}

// PauseView says whether a queue is paused: nobody is offered from it but who is kept for an agent by
// name, and its callers wait on.
type PauseView struct {
	Queue  acd.QueueID `json:"queue"`
	Paused bool        `json:"paused"`
	Since  string      `json:"since,omitempty" format:"date-time"`
	By     string      `json:"by,omitempty"`
	Reason string      `json:"reason,omitempty"`
}

func pauseView(q acd.QueueID, c acd.Closure, tz *time.Location) PauseView {
	return PauseView{q, c.Closed, stamp(c.Since, tz), c.By, c.Reason}
}
