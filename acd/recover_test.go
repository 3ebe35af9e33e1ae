package acd

import (
	"testing"
	"time"
)

// A waiting leg that the log has lost comes back with its place, and is counted as entered: what counted
// it was lost with it.
func TestALostPlaceIsRecovered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lost := Leg{ID: "c/1", State: LegQueued, Node: "n1", Channel: "ch", Entry: "3000", Arrived: w.now.Add(-time.Minute),
		Queue: "rdv", FirstQueue: "rdv", Reason: "rdv", Enqueued: w.now.Add(-40 * time.Second), Points: 3}
	w.fact(KindAsserted, func(tx *Tx) error { return tx.Recover(lost) })
	l := w.leg("c/1")
	if w.places["rdv"]["c/1"] != Score(lost.Enqueued, 3) || l.Wait(w.now) != 40*time.Second || w.counts[MetricQueueEntered+",rdv,rdv"] != 1 {
		t.Errorf("%+v, places %v, counts %v", l, w.places, w.counts)
	}
	w.check()
	w.fact(KindAsserted, func(tx *Tx) error { return tx.Recover(lost) })
	if w.total[MetricQueueEntered] != 1 {
		t.Error("counted again")
	}
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Abandoned, By: ByCaller}) })
	w.check()
	if _, err := w.try(KindAsserted, true, func(tx *Tx) error { return tx.Recover(lost) }); err == nil {
		t.Error("an ended leg was revived")
	}
}

// A conversation that the log has not seen begin: whoever holds the caller is busy with him, logged in
// or not, and whoever the log gave him to is free.
func TestALostConversationIsRecovered(t *testing.T) {
	t.Parallel()
	for _, agent := range []AgentID{"a01", "a02", "a03"} {
		w := newWorld(t)
		w.queued("c/1")
		w.claim("c/1", "a01")
		l := w.leg("c/1")
		l.State, l.Agent, l.Phone, l.Bridged, l.Dequeued, l.Wrapup = LegTalking, agent, "103", w.now, w.now, 10*time.Second
		if agent != "a03" {
			l.Phone = w.agent(agent).Phone
		}
		w.fact(KindAsserted, func(tx *Tx) error { return tx.Recover(l) })
		if a := w.agent(agent); a.State != AgentBusy || a.Load != VoiceLoad || a.Phone != l.Phone || !a.Holds("c/1") {
			t.Errorf("%s: %+v", agent, a)
		}
		if a := w.agent("a01"); agent != "a01" && (a.State != AgentReady || a.Load != 0) {
			t.Errorf("%s: the first agent %+v", agent, a)
		}
		if len(w.places["rdv"]) > 0 {
			t.Error("a place is left")
		}
		w.check()
		w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Answered, By: ByCaller}) })
		if a := w.agent(agent); a.State != AgentWrapup || a.Load != 0 || w.total[MetricAnswered] != 1 {
			t.Errorf("%s after: %+v, answered %d", agent, a, w.total[MetricAnswered])
		}
		w.check()
	}
}

func TestWhatCannotBeRecovered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, l := range []Leg{{ID: "c/1", State: LegQueued, Queue: "rdv"}, {ID: "c/1", State: LegQueued, Enqueued: 1}, {ID: "c/1", State: LegOffered}, {ID: "c/1", State: LegEnded}, {ID: "c/1"}} {
		if _, err := w.try(KindAsserted, true, func(tx *Tx) error { return tx.Recover(l) }); err == nil {
			t.Errorf("%+v was recovered", l)
		}
	}
}

// A call that nobody led is one contact with the times it happened at, and whoever tells of it twice
// names the same contact.
func TestAnUnseenCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	began := w.now.Add(-time.Hour)
	id := ContactIDOf(began, "1795645832.0").Leg(1)
	if id != ContactIDOf(began, "1795645832.0").Leg(1) || id == ContactIDOf(began, "1795645832.1").Leg(1) || id.Contact()[14] != '7' || len(id.Contact()) != 36 {
		t.Errorf("id %s", id)
	}
	seed := Leg{ID: id, Node: "n1", Channel: "1795645832.0", Entry: "3000", Arrived: began, Bridged: began.Add(10 * time.Second)}
	end := End{Outcome: Overflow, Reason: "controller_away", By: BySystem, At: began.Add(time.Minute)}
	w.fact(KindEnded, func(tx *Tx) error { return tx.Unseen(seed, end) })
	l := w.leg(id)
	if l.State != LegEnded || l.Arrived != began || l.End.At != end.At || l.End.Phase != LegArrived || l.Bridged != seed.Bridged || l.Anomaly || l.Rev != 1 {
		t.Errorf("%+v, end %+v", l, l.End)
	}
	if w.counts[MetricContacts+",3000,,,overflow,arrived"] != 1 {
		t.Errorf("counts %v", w.counts)
	}
	w.check()
	if _, err := w.try(KindEnded, true, func(tx *Tx) error { return tx.Unseen(seed, end) }); err == nil {
		t.Error("told twice")
	}
}
