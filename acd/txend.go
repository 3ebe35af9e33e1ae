package acd

import "strconv"

// Transfer ends a conversation by handing the caller on: the old leg ends as answered, and a new,
// linked one begins, ringing out to an extension (target) or waiting in a queue (queueing). The
// sender is free for his after-call work.
func (tx *Tx) Transfer(id LegID, target string, q *Queueing) (LegID, error) {
	old, err := tx.Leg(id)
	if err != nil {
		return "", err
	}
	if old.State != LegTalking && old.State != LegHeld {
		return "", ErrIllegal{"leg", string(id), string(old.State), "transfer"}
	}
	if _, err := tx.Leg(id.Next()); err == nil {
		return "", ErrIllegal{"leg", string(id.Next()), "present", "transfer"}
	}
	next := Leg{
		ID: id.Next(), State: LegMenu, Since: tx.At(), Node: old.Node, Asterisk: old.Asterisk, Channel: old.Channel,
		Medium: old.Medium, Entry: old.Entry, Trunk: old.Trunk, Scenario: old.Scenario, Arrived: tx.At(), Previous: id, From: old.Agent,
		Lang: old.Lang, Reason: old.Reason, Path: old.Path, Kept: old.Kept, Slow: old.Slow, LeftMenu: tx.At(), Flagged: old.Flagged, Identity: old.Identity, Points: old.Points,
		Degraded: old.Degraded, Agreed: old.Agreed,
	}
	if !old.Enqueued.Never() {
		next.AgeFrom = old.WaitsFrom()
	}
	if err := tx.EndLeg(id, End{Outcome: Answered, Reason: "transferred", By: ByAgent}); err != nil {
		return "", err
	}
	tx.putLeg(next)
	if q != nil {
		return next.ID, tx.Enqueue(next.ID, *q)
	}
	return next.ID, tx.RingOut(next.ID, target)
}

// EndLeg ends a leg, frees who served it and counts it. The phase is the state it was in; a fact
// with an outcome that this state does not know is kept and flagged.
func (tx *Tx) EndLeg(id LegID, end End) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	end.At, end.Phase = tx.At(), l.State
	switch {
	case end.Outcome != Failed:
		end.Fault = ""
	case end.Fault == "":
		end.Fault = FaultUnknown
	}
	if !MayEnd(l.State, end.Outcome) {
		if !tx.change.Fact || l.State == LegEnded {
			return ErrIllegal{"leg", string(id), string(l.State), "ending as " + string(end.Outcome)}
		}
		tx.anomaly("leg_" + string(l.State) + "_ends_" + string(end.Outcome))
		l.Anomaly = true
	}
	was := l.State
	if err := tx.step(&l, LegEnds); err != nil {
		return err
	}
	l.stopHold(tx.At())
	tx.dequeue(&l)
	agent, offered, counts := l.Agent, was == LegOffered || was == LegBriefing, l.Offer != nil
	l.Due, l.Offer, l.End = 0, nil, &end
	if end.Outcome != Voicemail && end.Outcome != Emergency { // he did not leave it at that
		l.Recording = ""
	}
	tx.countEnd(l, was)
	tx.putLeg(l)
	if end.Outcome != Answered || end.Reason != "transferred" {
		tx.change.Erase = append(tx.change.Erase, id.Contact())
	}
	switch {
	case agent == "":
	case offered:
		if counts { // else it was counted when they talked, and a late word has led back here
			tx.change.Entry.Ending = CallerGone
			tx.change.count(MetricOffers, string(l.Queue), string(CallerGone))
		}
		tx.releaseOffered(agent, l, OfferResult{Ending: CallerGone})
	default:
		tx.releaseTalked(agent, l)
	}
	return nil
}

func (tx *Tx) countEnd(l Leg, was LegState) {
	if l.Initial() {
		tx.change.count(MetricContacts, string(l.Entry), string(l.FirstQueue), string(l.Reason), string(l.End.Outcome), string(was))
	}
	// Answered and abandoned are counted here alone: a leg that lost its agent's audio and waited again
	// was bridged twice, or bridged and then abandoned, and is still one leg (Q = A + B + K + O + E).
	if wait := l.Wait(tx.At()).Milliseconds(); !l.Enqueued.Never() {
		switch l.End.Outcome {
		case Answered:
			tx.change.count(MetricAnswered, string(l.FirstQueue), string(l.Reason))
			tx.change.observe(MetricAnswerWait, wait, string(l.FirstQueue))
		case Abandoned:
			tx.change.count(MetricAbandoned, string(l.FirstQueue), string(l.Reason), strconv.FormatBool(wait <= ShortAbandon))
			tx.change.observe(MetricAbandonWait, wait, string(l.FirstQueue))
		}
	}
	if !l.Bridged.Never() && !l.Enqueued.Never() {
		tx.change.observe(MetricTalk, l.Talk(tx.At()).Milliseconds(), string(l.FirstQueue))
	}
}
