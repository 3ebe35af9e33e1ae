package routing

import (
	"fmt"
	"testing"

	"accueil/acd"
)

// TestClassesNobodyWaitsInAreForgotten asks for more than a site ever would: the index stays bounded,
// contacts who wait keep their class, and one that was forgotten is made again with everyone in it.
func TestClassesNobodyWaitsInAreForgotten(t *testing.T) {
	t.Parallel()
	e, err := New(Rules{
		Skills: declared,
		Queues: map[acd.QueueID]Queue{"q": {Steps: []Step{{}}, Fallback: "x"}},
		Agents: map[acd.AgentID]Member{"a": {Skills: map[acd.SkillID]int{"fr": 5, "en": 5, "rdv": 5}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	agent := acd.Agent{ID: "a", Rev: 1, State: acd.AgentPaused, Phone: "p"}
	e.Apply(acd.Entry{Agents: []acd.Agent{agent}})
	e.Apply(acd.Entry{Legs: []acd.Leg{{ID: "c/1", Rev: 1, State: acd.LegQueued, Queue: "q", Asks: "fr == 5 and en == 5", Enqueued: 1}}})
	for n := range 1000 {
		asks := fmt.Sprintf("fr == %d and en == %d and rdv == %d", 1+n%10, 1+n/10%10, 1+n/100)
		want := asks == "fr == 5 and en == 5 and rdv == 5"
		if got := e.StaffedFor("q", asks); got != want {
			t.Fatalf("%s: staffed %t", asks, got)
		}
		if len(e.classes) > maxAsking+1 || len(e.scan) != len(e.classes) || len(e.asks) > maxAsking {
			t.Fatalf("%d classes, %d scanned, %d asks", len(e.classes), len(e.scan), len(e.asks))
		}
	}
	if s := e.Staffing("q", "fr == 5", 1); s != (Staffing{Staffed: 1}) {
		t.Errorf("while paused: %+v", s)
	}
	agent.Rev, agent.State = 2, acd.AgentReady
	e.Apply(acd.Entry{Agents: []acd.Agent{agent}})
	if s := e.Staffing("q", "fr == 5", 1); s != (Staffing{Staffed: 1, Routable: 1, Ready: 1}) {
		t.Errorf("while ready: %+v", s)
	}
	if c := e.Decide(2); len(c) != 1 || c[0].Leg != "c/1" {
		t.Errorf("chose %+v", c)
	}
}

func TestWhatTheRulesDoNotKnowIsCountedAndHarmsNobody(t *testing.T) {
	t.Parallel()
	e, err := New(Rules{
		Queues: map[acd.QueueID]Queue{"q": {Steps: []Step{{}}, Fallback: "x"}},
		Agents: map[acd.AgentID]Member{"a": {}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Apply(acd.Entry{
		Agents: []acd.Agent{
			{ID: "a", Rev: 1, State: acd.AgentReady, Phone: "p"},
			{ID: "stranger", Rev: 1, State: acd.AgentReady, Phone: "p2", Skills: map[acd.SkillID]int{"fr": 5}},
		},
		Legs: []acd.Leg{
			{ID: "c1/1", Rev: 1, State: acd.LegQueued, Queue: "gone", Enqueued: 1},
			{ID: "c2/1", Rev: 1, State: acd.LegQueued, Queue: "q", Asks: "fr >", Enqueued: 2},
			{ID: "c3/1", Rev: 1, State: acd.LegQueued, Queue: "q", Enqueued: 3},
		},
	})
	if e.Faults() != 2 {
		t.Errorf("%d faults, want 2: a queue and an expression", e.Faults())
	}
	if c := e.Decide(10); len(c) != 1 || c[0].Leg != "c2/1" || c[0].Agent != "a" || c[0].Decision.Passed["unknown_agent"] != 1 {
		t.Errorf("chose %+v", c)
	}
	if _, err := e.Explain("c1/1", 10); err == nil || err.Error() != "leg c1/1 does not wait in a queue" {
		t.Errorf("explained: %v", err)
	}
}
