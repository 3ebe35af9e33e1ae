package routing_test

import (
	"slices"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// ahead folds a fact that the log does not hold yet, and returns its entry.
func (w *world) ahead(op string, build func(*acd.Tx) error) acd.Entry {
	w.t.Helper()
	tx := acd.Begin(w.view, acd.KindAgentState, w.now, "n1", true)
	if err := build(tx); err != nil {
		w.t.Fatal(err)
	}
	e := tx.Change().Entry
	e.Op = op
	w.engine.Apply(e)
	return e
}

// TestADecisionNamesWhatItKnewAheadOfTheLog: a fact of the node's own counts before the log holds it;
// the decision says so until the log does, or until it is clear that it never will.
func TestADecisionNamesWhatItKnewAheadOfTheLog(t *testing.T) {
	t.Parallel()
	rules := oneQueue(members{"A": skills("level", 8), "B": skills("level", 8)}, routing.Step{})
	ready := func(a acd.AgentID) func(*acd.Tx) error { return func(tx *acd.Tx) error { return tx.Ready(a) } }
	for name, tc := range map[string]struct {
		then func(w *world, fact acd.Entry)
		want []string
	}{
		"not in the log yet": {func(*world, acd.Entry) {}, []string{"op1"}},
		"told twice without": {func(w *world, fact acd.Entry) { w.engine.Apply(fact) }, []string{"op1"}},
		"in the log": {func(w *world, fact acd.Entry) {
			fact.ID = "900-0"
			w.engine.Apply(fact)
		}, nil},
		"never came": {func(w *world, _ acd.Entry) { w.after(routing.PendingFor + time.Millisecond) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rules)
			w.login("A", "B")
			w.pause("A")
			w.pause("B")
			w.call(acd.Queueing{Queue: "q"})
			if _, ok := w.engine.Pick(w.now); ok {
				t.Fatal("a choice though everybody is on a pause")
			}
			tc.then(w, w.ahead("op1", ready("A")))
			c, ok := w.engine.Pick(w.now)
			if !ok || c.Agent != "A" || !slices.Equal(c.Decision.Ahead, tc.want) {
				t.Errorf("choice %t for %q, ahead of the log %v, want %v", ok, c.Agent, c.Decision.Ahead, tc.want)
			}
		})
	}
}

// TestAFactThatNeverWasIsTakenBack: an image that does not hold what was folded ahead replaces it,
// though its revisions are lower.
func TestAFactThatNeverWasIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 8)}, routing.Step{}))
	w.login("A")
	w.pause("A")
	w.call(acd.Queueing{Queue: "q"})
	w.ahead("op1", func(tx *acd.Tx) error { return tx.Ready("A") })
	w.engine.Reset(w.view.Image())
	if c, ok := w.engine.Pick(w.now); ok {
		t.Errorf("%q is chosen, who is on a pause", c.Agent)
	}
}
