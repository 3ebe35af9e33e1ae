package routing_test

import (
	"slices"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// TestPausedQueue: nobody is offered from a paused queue but who is kept for an agent by name; another
// queue's contacts are, and rules read anew do not end the pause. Afterwards the age counts.
func TestPausedQueue(t *testing.T) {
	t.Parallel()
	rules := oneQueue(members{"A": skills("fr", 9), "B": skills("fr", 9)}, routing.Step{Require: "fr >= 1"})
	rules.Queues["other"] = rules.Queues["q"]
	w := newWorld(t, rules)
	pause := func(on bool) {
		w.must(acd.KindQueuePause, func(tx *acd.Tx) error { tx.PauseQueue("q", on, "", "chief"); return nil })
	}
	w.login("A")
	pause(true)
	older := w.call(acd.Queueing{Queue: "q"})
	w.rings()
	x, err := w.engine.Explain(older, w.now)
	if !slices.ContainsFunc(x.Candidates, func(c routing.Candidate) bool { return c.Agent == "A" && c.Passed == routing.PassedQueuePaused }) {
		t.Errorf("explained as %+v, %v", x.Candidates, err)
	}
	if err := w.engine.SetRules(rules); err != nil {
		t.Fatal(err)
	}
	w.after(time.Minute)
	w.rings()
	w.call(acd.Queueing{Queue: "other"})
	w.rings("A")
	w.login("B")
	w.rings()
	w.must(acd.KindPushed, func(tx *acd.Tx) error { return tx.Push(older, "B", time.Minute, "chief") })
	w.rings("B")
	w.endOffer(older, acd.OfferResult{Ending: acd.Busy})
	w.after(time.Minute)
	w.call(acd.Queueing{Queue: "other"})
	pause(false)
	if got := w.rings("B"); len(got) == 1 && got[0].Leg != older {
		t.Errorf("after the pause %s comes before the older one", got[0].Leg)
	}
}
