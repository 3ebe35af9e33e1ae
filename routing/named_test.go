package routing_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// TestNamedAgentNeedsNoSkill: a caller who is handed to an agent by name rings that agent and nobody
// else while the hold runs, whatever the agent's skills; then he is anybody's.
func TestNamedAgentNeedsNoSkill(t *testing.T) {
	t.Parallel()
	hold := 20 * time.Second
	begin := func(free ...acd.AgentID) (*world, acd.LegID) {
		w := newWorld(t, oneQueue(members{"sender": skills("level", 9), "able": skills("level", 9), "named": skills("level", 1)},
			routing.Step{Require: "level >= 5"}))
		w.login("sender")
		first := w.call(acd.Queueing{Queue: "q"})
		w.rings("sender")
		w.talk(first)
		w.login(free...)
		w.must(acd.KindTransferred, func(tx *acd.Tx) error {
			_, err := tx.Transfer(first, "", &acd.Queueing{Queue: "q", Preferred: "named", HoldUntil: w.now.Add(hold)})
			return err
		})
		return w, first.Next()
	}
	w, leg := begin("able", "named")
	w.rings("named")
	w.endOffer(leg, acd.OfferResult{Ending: acd.Busy})
	if got := w.ring(); len(got) != 1 || got[0].Agent == "named" {
		t.Errorf("after the named one was busy: %+v", got)
	}

	w, _ = begin("able", "named")
	w.pause("named")
	w.rings()
	w.after(hold)
	if got := w.ring(); len(got) != 1 || got[0].Agent == "named" {
		t.Errorf("after the hold: %+v", got)
	}
}
