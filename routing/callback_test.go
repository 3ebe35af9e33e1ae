package routing_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// back lets the contact leave for a callback and returns the leg that makes it.
func (w *world) back(leg acd.LegID, notBefore acd.Instant) acd.LegID {
	w.t.Helper()
	w.must(acd.KindEnded, func(tx *acd.Tx) error {
		_, err := tx.TakeCallback(leg, acd.Queueing{Queue: "q"}, acd.Callback{NotBefore: notBefore, Until: tx.At().Add(24 * time.Hour)}, acd.End{Outcome: acd.CalledBack})
		return err
	})
	return leg.Next()
}

// SCENARIOS A23: five wait, the third takes a callback. It is offered after the first two and before the
// last two; one agent makes one at a time, and whoever gives it back leaves it at its place.
func TestA23CallbackKeepsItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 5)}, routing.Step{}))
	var legs []acd.LegID
	for range 5 {
		legs = append(legs, w.call(acd.Queueing{Queue: "q"}))
		w.after(time.Second)
	}
	legs[2] = w.back(legs[2], 0)
	w.login("A")
	for i, leg := range legs {
		c := w.rings("A")
		if c[0].Leg != leg {
			t.Fatalf("offer %d is %s, want %s", i+1, c[0].Leg, leg)
		}
		if i == 2 {
			w.endOffer(leg, acd.OfferResult{Ending: acd.AgentGone, Cause: acd.UnreachablePhone})
			w.ready("A")
			w.after(acd.ExcludeAfterMiss)
			if c := w.rings("A"); c[0].Leg != leg {
				t.Fatalf("given back, it lost its place to %s", c[0].Leg)
			}
			w.must(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(leg) })
			w.must(acd.KindLegChanged, func(tx *acd.Tx) error { return tx.Reach(leg, "out") })
			w.must(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(leg) })
		} else {
			w.talk(leg)
		}
		w.rings() // nobody else is free
		w.hangUp(leg, acd.Answered)
	}
}

// A callback whose time has not come is nobody's; the engine says when to look again.
func TestCallbackWaitsForItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 5)}, routing.Step{}))
	leg := w.back(w.call(acd.Queueing{Queue: "q"}), w.now.Add(time.Hour))
	w.login("A")
	w.rings()
	if next, ok := w.engine.Next(w.now); !ok || next != w.now.Add(time.Hour) {
		t.Errorf("to look again at %d (%t), want in an hour", next, ok)
	}
	w.after(time.Hour - time.Millisecond)
	w.rings()
	w.after(time.Millisecond)
	if c := w.rings("A"); c[0].Leg != leg {
		t.Fatalf("%s is offered", c[0].Leg)
	}
	w.must(acd.KindOfferEnded, func(tx *acd.Tx) error { return tx.NotReached(leg, acd.AttemptBusy, tx.At().Add(time.Minute)) })
	w.rings()
	w.after(time.Minute)
	w.rings("A")
}
