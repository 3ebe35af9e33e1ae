package acd

import "slices"

// Callback is what makes a leg call its contact back: the person who waited has gone, his place has
// not. The leg is offered like any other that waits; whoever takes it is briefed, and then the person
// is rung (DESIGN §4, row callback).
type Callback struct {
	NotBefore Instant   `json:"not_before,omitempty"` // nobody is asked sooner; zero: at once
	Until     Instant   `json:"until"`                // given up then, reached or not
	Attempts  []Attempt `json:"attempts,omitempty"`
	Reached   Instant   `json:"reached,omitempty"` // the person has answered: from now on a call like any other
	Task      TaskID    `json:"task,omitempty"`    // that an agent works on by it; none when the person asked for it
}

// CallsBack reports whether the leg's person is not on the line: he is owed a call.
func (l Leg) CallsBack() bool { return l.Callback != nil && l.Callback.Reached.Never() }

// Callback end reasons, of outcome CalledBack.
const (
	CallbackChosen    = "chosen"    // of the leg that was left for it
	CallbackLost      = "lost"      // not reached after the last attempt (KPI.md, rule 4)
	CallbackExpired   = "expired"   // its time ran out
	CallbackWithdrawn = "withdrawn" // by the person, or by whom he told
	CallbackServed    = "served"    // he rang himself, and was answered
	CallbackResumed   = "resumed"   // he rang himself, and waits at this place
)

// Agreement is a callback that was promised to a caller who is still on the line: whatever becomes of
// his call, he is called back, unless the call itself gives him what the callback is for.
type Agreement struct {
	Queue  QueueID  `json:"queue"`
	Reason ReasonID `json:"reason,omitempty"`
	// Else is where he is called back when a reload has taken the queue away; empty: where the reason leads.
	Else QueueID `json:"else,omitempty"`
}

// Ends says how a leg ends whose caller has been promised a callback, and whether he is still owed it. A
// conversation in the queue of the callback was what it is for. What else somebody did for him, and the
// emergency instruction, stand in the figures; every other ending is that of who is called back.
func (a Agreement) Ends(l Leg, end End) (End, bool) {
	switch end.Outcome {
	case Answered:
		return end, l.Agent == "" || l.Bridged.Never() || l.Queue != a.Queue && l.FirstQueue != a.Queue
	case TransferredOut, Voicemail, Emergency:
		return end, true
	}
	if MayEnd(l.State, CalledBack) || l.State == LegOffered || l.State == LegBriefing {
		return End{Outcome: CalledBack, Reason: CallbackChosen, By: ByCaller}, true
	}
	return end, true
}

// TakeCallback ends a leg whose caller prefers to be called back, and opens the one that does so: it
// keeps his age and his points, and is not counted as entering the queue (KPI.md). The outcome of the
// first, CalledBack as a rule (Agreement.Ends), stands whatever becomes of the second.
func (tx *Tx) TakeCallback(id LegID, q Queueing, c Callback, end End) (LegID, error) {
	old, err := tx.Leg(id)
	if err != nil {
		return "", err
	}
	if old.State == LegCallback || old.CallsBack() || old.State == LegEnded {
		return "", ErrIllegal{"leg", string(id), string(old.State), string(LegToCallback)}
	}
	if err := tx.EndLeg(id, end); err != nil {
		return "", err
	}
	tx.change.Erase = without(tx.change.Erase, func(c ContactID) bool { return c == id.Contact() }) // his number is needed yet
	next := Leg{
		ID: id.Next(), Node: old.Node, Asterisk: old.Asterisk, Medium: old.Medium, Entry: old.Entry, Trunk: old.Trunk, Scenario: old.Scenario,
		Previous: id, Lang: old.Lang, Reason: old.Reason, Path: old.Path, Kept: old.Kept, Slow: old.Slow, Identity: old.Identity, AgeFrom: old.WaitsFrom(), Points: old.Points,
		Degraded: old.Degraded,
	}
	if old.Enqueued.Never() {
		next.Points = ClampPoints(q.Points)
	}
	return next.ID, tx.OpenCallback(next, q, c)
}

// OpenCallback opens a leg that calls its contact back. The seed names it, its node, whence it came and
// how old it is (AgeFrom; now, when it does not say). It fails with ErrIllegal when the leg is there
// already, has no queue, or would be given up before it can begin.
func (tx *Tx) OpenCallback(seed Leg, q Queueing, c Callback) error {
	if _, err := tx.Leg(seed.ID); err == nil {
		return ErrIllegal{"leg", string(seed.ID), "present", string(LegToCallback)}
	}
	if q.Queue == "" || c.Until <= max(tx.At(), c.NotBefore) {
		return ErrIllegal{"leg", string(seed.ID), "without queue or time", string(LegToCallback)}
	}
	l := seed
	l.Rev, l.State, l.Since, l.Arrived = 0, LegMenu, tx.At(), tx.At()
	if err := tx.step(&l, LegToCallback); err != nil {
		return err
	}
	c.Attempts, c.Reached = nil, 0
	l.Callback = &c
	l.Queue, l.FirstQueue, l.Asks, l.Wrapup = q.Queue, q.Queue, q.Asks, q.Wrapup
	l.Preferred, l.HoldUntil = q.Preferred, q.HoldUntil
	if q.Reason != "" {
		l.Reason = q.Reason
	}
	if q.Lang != "" {
		l.Lang = q.Lang
	}
	if q.Path != nil {
		l.Path = q.Path
	}
	if l.AgeFrom.Never() {
		l.AgeFrom = tx.At()
	}
	l.Points = ClampPoints(l.Points)
	tx.putLeg(l)
	return nil
}

// Reach tells that the person who is called back has answered and wants to talk: he is on the channel,
// and the leg is a call like any other.
func (tx *Tx) Reach(id LegID, channel string) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if !l.CallsBack() || !l.State.served() {
		return ErrIllegal{"leg", string(id), string(l.State), "being reached"}
	}
	l.Reach(tx.At(), l.Agent, *l.Callback)
	l.Channel = channel
	tx.putLeg(l)
	return nil
}

// Reach notes in an image that the agent has reached its person; c is the callback where the image knows of
// none.
func (l *Leg) Reach(at Instant, by AgentID, c Callback) {
	if l.Callback == nil {
		l.Callback = &Callback{Task: c.Task, Until: at}
	}
	l.Callback = l.Callback.cloned()
	l.Callback.Reached = at
	l.Callback.Attempts = append(l.Callback.Attempts, Attempt{At: at, By: by, Result: AttemptReached})
}

// NotReached tells that an attempt reached nobody. The agent is free at once, without after-call work
// and without a miss; the leg waits for its next attempt, at its place. A next of zero, or beyond its
// time, says that there is none: the leg is lost.
func (tx *Tx) NotReached(id LegID, r AttemptResult, next Instant) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if !l.CallsBack() || l.Agent == "" || r == AttemptReached || !r.Valid() {
		return ErrIllegal{"leg", string(id), string(l.State), "an attempt that ended as " + string(r)}
	}
	l.attempt(r, tx.At())
	l.Callback.NotBefore = max(next, tx.At())
	tx.putLeg(l)
	if err := tx.EndOffer(id, OfferResult{Ending: CallerGone}); err != nil {
		return err
	}
	if next.Never() || next >= l.Callback.Until {
		return tx.EndLeg(id, End{Outcome: CalledBack, Reason: CallbackLost, By: BySystem})
	}
	return nil
}

// attempt notes how the attempt of the leg's agent ended.
func (l *Leg) attempt(r AttemptResult, at Instant) {
	l.Callback.Attempts = append(l.Callback.Attempts, Attempt{At: at, By: l.Agent, Result: r})
}

// MoveCallback lets a callback that nobody is at work on wait in another queue, at its age and points: its
// own is no more. It fails with ErrIllegal while an agent has it.
func (tx *Tx) MoveCallback(id LegID, q Queueing) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if l.State != LegCallback || q.Queue == "" {
		return ErrIllegal{"leg", string(id), string(l.State), "a callback in another queue"}
	}
	l.Queue, l.Asks, l.Wrapup = q.Queue, q.Asks, q.Wrapup
	tx.putLeg(l)
	return nil
}

// EndCallback gives a callback up that nobody is at work on: withdrawn, served otherwise, resumed by
// the person, expired. It fails with ErrIllegal while an agent has it.
func (tx *Tx) EndCallback(id LegID, reason string, by Party) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if l.State != LegCallback {
		return ErrIllegal{"leg", string(id), string(l.State), "a callback " + reason}
	}
	return tx.EndLeg(id, End{Outcome: CalledBack, Reason: reason, By: by})
}

// TimeToHuman is the time from where the age counts from until somebody was there, as KPI.md has it for
// callbacks; until now while nobody is.
func (l Leg) TimeToHuman(now Instant) (ms int64) {
	from := l.WaitsFrom()
	if from.Never() {
		from = l.Arrived
	}
	if !l.Bridged.Never() {
		now = l.Bridged
	}
	return max(0, now.Sub(from).Milliseconds())
}

// cloned returns a copy that shares nothing with c; nil of nil.
func (c *Callback) cloned() *Callback {
	if c == nil {
		return nil
	}
	n := *c
	n.Attempts = slices.Clone(c.Attempts)
	return &n
}
