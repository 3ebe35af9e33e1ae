package routing_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// TestRecallNamesTheContactsAround tells who waited longer and why the agent was not given him, and
// who came next.
func TestRecallNamesTheContactsAround(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hospital())
	heart := w.call(acd.Queueing{Queue: "cardio"}) // not for a01
	w.after(time.Second)
	first := w.call(acd.Queueing{Queue: "rdv"})
	w.after(time.Second)
	next := w.call(acd.Queueing{Queue: "rdv"})
	w.login("a01")
	c, ok := w.engine.Pick(w.now)
	if !ok || c.Leg != first {
		t.Fatalf("chose %+v", c)
	}
	r := w.engine.Recall(c.Decision)
	if r.Choice == nil || r.Choice.Leg != first || r.WaitAhead != 1 || r.WaitBehind != 1 {
		t.Fatalf("recalled %+v", r)
	}
	if len(r.Ahead) != 1 || r.Ahead[0].Leg != heart || r.Ahead[0].Passed != routing.PassedSkills {
		t.Errorf("ahead %+v", r.Ahead)
	}
	if len(r.Behind) != 1 || r.Behind[0].Leg != next || r.Behind[0].Passed != routing.PassedBehind {
		t.Errorf("behind %+v", r.Behind)
	}
}

// TestRecallOfWhatWasNeverChosen shows that a decision which the rules do not give is not confirmed.
func TestRecallOfWhatWasNeverChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hospital())
	leg := w.call(acd.Queueing{Queue: "rdv"})
	w.login("a01", "a02")
	d := acd.Decision{Leg: leg, Agent: "a02", At: w.now}
	if r := w.engine.Recall(d); r.Choice == nil || r.Choice.Agent != "a01" {
		t.Errorf("recalled %+v, want a01", r.Choice)
	}
	d.Pending = []acd.Pairing{{Leg: leg, Agent: "a01"}}
	if r := w.engine.Recall(d); r.Choice != nil || r.Explanation == nil || r.Explanation.Pending != "a01" {
		t.Errorf("recalled %+v though its contact was on its way to a01", r)
	}
	if r := w.engine.Recall(acd.Decision{Leg: "nobody/1", At: w.now}); r.Explanation != nil {
		t.Errorf("explained %+v", r.Explanation)
	}
}
