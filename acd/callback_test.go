package acd

import (
	"slices"
	"testing"
	"time"
)

// chosen is how a leg ends whose caller prefers to be called back.
var chosen = End{Outcome: CalledBack, Reason: CallbackChosen, By: ByCaller}

// left is a world in which c/1 has waited for two minutes and left for a callback, c/2.
func left(t *testing.T) *world {
	w := newWorld(t)
	w.fact(KindLogout, func(tx *Tx) error { return tx.Logout("a02") })
	w.queued("c/1")
	w.pass(2 * time.Minute)
	w.fact(KindEnded, func(tx *Tx) error {
		_, err := tx.TakeCallback("c/1", Queueing{Queue: "rdv", Reason: "rdv", Wrapup: 10 * time.Second}, Callback{Until: tx.At().Add(24 * time.Hour)}, chosen)
		return err
	})
	return w
}

// SCENARIOS C16: enqueued at 11:35, callback chosen at 11:37, taken at 11:39, reached at 11:39:25.
func TestACallbackKeepsItsPlace(t *testing.T) {
	t.Parallel()
	w := left(t)
	one, two := w.leg("c/1"), w.leg("c/2")
	began := one.Enqueued
	if one.End.Outcome != CalledBack || one.Wait(w.now) != 2*time.Minute || w.total[MetricAbandoned] != 0 {
		t.Errorf("the first leg ended as %+v after %s", one.End, one.Wait(w.now))
	}
	if two.State != LegCallback || two.WaitsFrom() != began || two.Score() != one.Score() || two.Previous != "c/1" || !two.Enqueued.Never() {
		t.Errorf("the second leg: %+v", two)
	}
	w.check()
	w.pass(2 * time.Minute)
	w.claim("c/2", "a01")
	if w.places["rdv"]["c/2"] != one.Score() {
		t.Error("an offered callback has not its place")
	}
	w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers("c/2") })
	w.pass(25 * time.Second)
	w.fact(KindLegChanged, func(tx *Tx) error { return tx.Reach("c/2", "out") })
	w.fact(KindTalking, func(tx *Tx) error { return tx.Join("c/2") })
	two = w.leg("c/2")
	if two.TimeToHuman(w.now) != 265_000 || two.Channel != "out" || two.Callback.Attempts[0].Result != AttemptReached || two.Callback.Attempts[0].By != "a01" {
		t.Errorf("reached: %+v after %d ms", two, two.TimeToHuman(w.now))
	}
	w.pass(time.Minute)
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/2", End{Outcome: Answered, By: ByCaller}) })
	if w.total[MetricQueueEntered] != 1 || w.total[MetricAnswered] != 0 || w.total[MetricContacts] != 1 {
		t.Errorf("counted: %v", w.total)
	}
	if w.agent("a01").State != AgentWrapup {
		t.Error("no after-call work")
	}
	w.check()
}

// An attempt that reaches nobody costs the agent nothing and the person no place; after the last, or
// when the next would be too late, the callback is lost.
func TestACallbackThatReachesNobody(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]func(Instant) Instant{
		"none left": func(Instant) Instant { return 0 },
		"too late":  func(at Instant) Instant { return at.Add(25 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := left(t)
			idle := w.agent("a01").IdleSince
			w.claim("c/2", "a01")
			w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers("c/2") })
			next := w.now.Add(30 * time.Minute)
			w.fact(KindOfferEnded, func(tx *Tx) error { return tx.NotReached("c/2", AttemptMachine, next) })
			l := w.leg("c/2")
			if l.State != LegCallback || l.Callback.NotBefore != next || l.Agent != "" || l.ExcludedAgent("a01", w.now) {
				t.Errorf("%+v", l)
			}
			if a := w.agent("a01"); a.State != AgentReady || a.Misses != 0 || a.IdleSince != idle {
				t.Errorf("the agent: %+v", a)
			}
			w.check()
			w.pass(time.Hour)
			w.claim("c/2", "a01")
			w.fact(KindOfferEnded, func(tx *Tx) error { return tx.NotReached("c/2", AttemptBusy, last(w.now)) })
			l = w.leg("c/2")
			if l.Live() || l.End.Reason != CallbackLost || l.End.Outcome != CalledBack || len(l.Callback.Attempts) != 2 {
				t.Errorf("after the last: %+v", l)
			}
			if w.agent("a01").State != AgentReady {
				t.Error("the agent is held")
			}
			w.check()
		})
	}
}

// Whoever does not take a callback gives it back as one, at its score; an agent lost in conversation
// leaves a person on the line, who waits like any other.
func TestWhoIsOnTheLineWaitsThere(t *testing.T) {
	t.Parallel()
	w := left(t)
	score := w.leg("c/2").Score()
	w.claim("c/2", "a01")
	w.fact(KindOfferEnded, func(tx *Tx) error { return tx.EndOffer("c/2", OfferResult{Ending: Refused}) })
	if l := w.leg("c/2"); l.State != LegCallback || l.Score() != score {
		t.Errorf("refused: %+v", l)
	}
	w.check()
	w.pass(11 * time.Second)
	w.claim("c/2", "a01")
	w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers("c/2") })
	w.fact(KindLegChanged, func(tx *Tx) error { return tx.Reach("c/2", "out") })
	w.fact(KindOfferEnded, func(tx *Tx) error { return tx.EndOffer("c/2", OfferResult{Ending: Refused}) })
	if l := w.leg("c/2"); l.State != LegQueued || w.places["rdv"]["c/2"] != score {
		t.Errorf("reached and left alone: %+v", l)
	}
	w.check()
	// Another queue is no second entry: in the figures he is where he first waited.
	w.fact(KindQueued, func(tx *Tx) error { return tx.Enqueue("c/2", Queueing{Queue: "accueil", Max: 1}) })
	if l := w.leg("c/2"); !l.Enqueued.Never() || l.Queue != "accueil" || l.Score() != score {
		t.Errorf("moved: %+v", l)
	}
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/2", End{Outcome: Abandoned, By: ByCaller}) })
	if w.total[MetricQueueEntered] != 1 || w.total[MetricAbandoned] != 0 {
		t.Errorf("counted: %v", w.total)
	}
	w.check()
}

// An agent calls somebody who was missed: he is asked first, before anybody, and at once.
func TestAnAgentCallsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queued("c/1")
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Abandoned, By: ByCaller}) })
	since := w.leg("c/1").WaitsFrom()
	w.pass(time.Hour)
	call := func(tx *Tx) error {
		if err := tx.OpenCallback(Leg{ID: "c/2", Previous: "c/1", Node: "n1", AgeFrom: since}, Queueing{Queue: "rdv"},
			Callback{NotBefore: tx.At().Add(time.Hour), Until: tx.At().Add(24 * time.Hour), Task: "t1"}); err != nil {
			return err
		}
		return tx.Push("c/2", "a02", 2*time.Minute, "claire")
	}
	if _, err := w.try(KindCallback, false, call); err != nil {
		t.Fatal(err)
	}
	l := w.leg("c/2")
	if !l.Named() || l.Preferred != "a02" || l.Callback.NotBefore > w.now || l.WaitsFrom() != since || l.Callback.Task != "t1" {
		t.Errorf("%+v %+v", l, l.Callback)
	}
	w.check()
}

func TestCallbacksThatCannotBe(t *testing.T) {
	t.Parallel()
	w := left(t)
	w.claim("c/2", "a01")
	until := w.now.Add(time.Hour)
	for name, what := range map[string]func(*Tx) error{
		"withdrawn while an agent has it": func(tx *Tx) error { return tx.EndCallback("c/2", CallbackWithdrawn, ByCaller) },
		"of a leg that calls back": func(tx *Tx) error {
			_, err := tx.TakeCallback("c/2", Queueing{Queue: "rdv"}, Callback{Until: until}, chosen)
			return err
		},
		"of a leg that has ended": func(tx *Tx) error {
			_, err := tx.TakeCallback("c/1", Queueing{Queue: "rdv"}, Callback{Until: until}, chosen)
			return err
		},
		"without a queue": func(tx *Tx) error { return tx.OpenCallback(Leg{ID: "d/2"}, Queueing{}, Callback{Until: until}) },
		"given up before it begins": func(tx *Tx) error {
			return tx.OpenCallback(Leg{ID: "d/2"}, Queueing{Queue: "rdv"}, Callback{Until: tx.At()})
		},
		"there already": func(tx *Tx) error {
			return tx.OpenCallback(Leg{ID: "c/2"}, Queueing{Queue: "rdv"}, Callback{Until: until})
		},
		"an attempt that is none": func(tx *Tx) error { return tx.NotReached("c/2", AttemptReached, until) },
	} {
		if _, err := w.try(KindEnded, false, what); err == nil {
			t.Errorf("a callback %s was accepted", name)
		}
	}
	if !slices.Contains(LegStatesFor(LegClaimed), LegCallback) {
		t.Error("a callback cannot be claimed")
	}
	w.check()
}
