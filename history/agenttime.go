package history

import (
	"cmp"
	"slices"
	"time"

	"accueil/acd"
)

// Span is a stretch of an agent's day in one state.
type Span struct {
	Agent  acd.AgentID    `json:"agent"`
	State  acd.AgentState `json:"state"`
	Reason string         `json:"reason,omitempty"` // of a pause, or of being unreachable
	Leg    acd.LegID      `json:"leg,omitempty"`    // whose after-call work this is
	Queue  acd.QueueID    `json:"queue,omitempty"`  // of that leg
	From   acd.Instant    `json:"from"`
	To     acd.Instant    `json:"to,omitempty"` // zero while it lasts
	Login  bool           `json:"login,omitempty"`
}

// withContact reports whether the agent has a contact in this state. Ringing is neither this nor
// idle (KPI.md, occupancy).
func (s Span) withContact() bool { return s.State == acd.AgentBusy || s.State == acd.AgentWrapup }

func (s Span) idle() bool { return s.State == acd.AgentReady }

func (s Span) spend(t *tally, d time.Duration) {
	switch {
	case s.withContact():
		t.contact += d
	case s.idle():
		t.idle += d
	}
}

// follow returns the span that the image opens after the open one, and whether it opens one at all:
// an image that changes neither state nor reason nor session does not. The instant at is that of the
// change, for those that leave the state as it is.
func follow(open Span, seen bool, was, a acd.Agent, at acd.Instant) (Span, bool) {
	next := Span{Agent: a.ID, State: a.State, Reason: a.Reason, Leg: a.WrapupFor, Queue: a.WrapupQueue, From: a.Since}
	in := a.State != acd.AgentOffline
	switch {
	case !seen:
		next.Login = in
	case was.State != a.State || was.Since != a.Since:
		next.Login = in && (was.State == acd.AgentOffline || was.LoggedIn != a.LoggedIn)
	case was.Reason != a.Reason || was.LoggedIn != a.LoggedIn || was.WrapupFor != a.WrapupFor:
		next.From = at
		next.Login = in && was.LoggedIn != a.LoggedIn
	default:
		return Span{}, false
	}
	if next.From.Never() {
		next.From = at
	}
	if seen {
		next.From = max(next.From, open.From)
	}
	return next, true
}

// AgentTime is how an agent spent a period. Individual figures are for the agent and his supervisor
// only (DESIGN §8).
type AgentTime struct {
	Agent       acd.AgentID                   `json:"agent"`
	Logins      int                           `json:"logins"`
	Login       time.Duration                 `json:"login_ns"` // everything but offline
	Ready       time.Duration                 `json:"ready_ns"`
	Offered     time.Duration                 `json:"offered_ns"`
	Busy        time.Duration                 `json:"busy_ns"`
	BusyOwn     time.Duration                 `json:"busy_own_ns"`
	Wrapup      time.Duration                 `json:"wrapup_ns"`
	WrapupBy    map[acd.QueueID]time.Duration `json:"wrapup_by_queue_ns,omitempty"`
	Pause       time.Duration                 `json:"pause_ns"`
	PauseBy     map[string]time.Duration      `json:"pause_by_reason_ns,omitempty"`
	Unreachable time.Duration                 `json:"unreachable_ns"`
	Calls       int                           `json:"calls"`
	Talk        time.Duration                 `json:"talk_ns"` // bridged to ended, holds included
}

// AgentTimes returns the agents' time between from and to, by agent, split at the bounds. Spans that
// still last run until now; those in disorder count nothing.
func AgentTimes(records []Record, spans []Span, from, to, now acd.Instant) []AgentTime {
	times := map[acd.AgentID]*AgentTime{}
	of := func(id acd.AgentID) *AgentTime {
		t := times[id]
		if t == nil {
			t = &AgentTime{Agent: id}
			times[id] = t
		}
		return t
	}
	if to.Never() || to > now {
		to = now
	}
	for _, s := range spans {
		end := s.To
		if end.Never() {
			end = now
		}
		d := overlap(s.From, end, from, to)
		t := of(s.Agent)
		if s.Login && s.From >= from && s.From < to {
			t.Logins++
		}
		t.spend(s, d)
	}
	for _, r := range records {
		if d := overlap(r.Bridged, r.talked(), from, to); r.Handled() && d > 0 {
			t := of(r.Agent)
			t.Calls++
			t.Talk += d
		}
	}
	out := make([]AgentTime, 0, len(times))
	for _, t := range times {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b AgentTime) int { return cmp.Compare(a.Agent, b.Agent) })
	return out
}

func (t *AgentTime) spend(s Span, d time.Duration) {
	if s.State != acd.AgentOffline {
		t.Login += d
	}
	switch s.State {
	case acd.AgentReady:
		t.Ready += d
	case acd.AgentOffered:
		t.Offered += d
	case acd.AgentBusy:
		t.Busy += d
	case acd.AgentBusyOwn:
		t.BusyOwn += d
	case acd.AgentUnreachable:
		t.Unreachable += d
	case acd.AgentWrapup:
		t.Wrapup += d
		if t.WrapupBy == nil {
			t.WrapupBy = map[acd.QueueID]time.Duration{}
		}
		t.WrapupBy[s.Queue] += d
	case acd.AgentPaused:
		t.Pause += d
		if t.PauseBy == nil {
			t.PauseBy = map[string]time.Duration{}
		}
		t.PauseBy[s.Reason] += d
	}
}

// overlap is how much of a..b lies in from..to.
func overlap(a, b, from, to acd.Instant) time.Duration {
	return max(0, min(b, to).Sub(max(a, from)))
}
