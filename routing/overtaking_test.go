package routing_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// TestNobodyIsOvertakenByTenMinutes draws rules from everything that gives points (presets, weights,
// priorities, points of reasons and supervisors, all beyond measure too) and checks each decision: no
// contact that the chosen agent could have taken came ten minutes earlier or more. It checks as well
// that the bound is worth something: nearly ten minutes are overtaken.
func TestNobodyIsOvertakenByTenMinutes(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(3, 7))
	decisions, widest := 0, time.Duration(0)
	for round := range 240 / slowdown {
		rules := randomPolicies(dice)
		w := newWorld(t, rules)
		var live []acd.LegID
		for range 60 {
			w.after(time.Duration(dice.IntN(60)) * time.Second)
			live = append(live, w.call(acd.Queueing{Queue: acd.QueueID(fmt.Sprintf("q%d", dice.IntN(3))), Points: dice.IntN(3) * dice.IntN(12)}))
		}
		for i := range 9 {
			w.login(acd.AgentID(fmt.Sprintf("a%d", i)))
		}
		for {
			c, ok := w.engine.Pick(w.now)
			if !ok {
				break
			}
			decisions++
			chosen, _ := w.view.Leg(c.Leg)
			for _, id := range live {
				l, _ := w.view.Leg(id)
				ahead := chosen.Enqueued.Sub(l.Enqueued)
				if id == c.Leg || l.State != acd.LegQueued || ahead <= 0 {
					continue
				}
				if could(t, w, id, c.Agent) {
					widest = max(widest, ahead)
					if ahead >= 10*time.Minute {
						t.Fatalf("round %d: %s overtakes %s, which came %s earlier", round, c.Leg, id, ahead)
					}
				}
			}
			if err := w.claim(c); err != nil {
				t.Fatal(err)
			}
			if dice.IntN(3) > 0 { // the agent is free again at once
				w.hangUp(c.Leg, acd.Abandoned)
			}
			w.after(time.Duration(dice.IntN(20)) * time.Second)
		}
	}
	if decisions < 300/slowdown || widest < 9*time.Minute {
		t.Errorf("too quiet to prove anything: %d decisions, %s overtaken at most", decisions, widest)
	}
}

// could reports whether the agent could have taken the contact, had he not been chosen for another.
func could(t *testing.T, w *world, id acd.LegID, a acd.AgentID) bool {
	x, err := w.engine.Explain(id, w.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range x.Steps {
		if !step.Open {
			continue
		}
		r, err := routing.ParseRequirement(step.Require, w.engine.Rules().Skills)
		if err != nil {
			t.Fatal(err)
		}
		if _, fits := r.Match(w.engine.Rules().Agents[a].Skills); fits {
			return x.Pending == ""
		}
	}
	return false
}

// randomPolicies draws three queues and nine agents.
func randomPolicies(dice *rand.Rand) routing.Rules {
	rules := routing.Rules{Skills: []acd.SkillID{"x", "y"}, Queues: map[acd.QueueID]routing.Queue{}, Agents: members{}}
	for i := range 3 {
		q := routing.Queue{Fallback: "f", WhenUnstaffed: routing.UnstaffedWait, Steps: []routing.Step{
			{Require: fmt.Sprintf("x >= %d", 1+dice.IntN(9))}, {After: time.Duration(dice.IntN(300)) * time.Second, Require: "y >= 4", Exclusive: dice.IntN(3) == 0},
			{After: 5 * time.Minute}}}
		q.Policy = routing.Policy{Preset: routing.Presets[dice.IntN(3)], ServiceLevel: time.Duration(1+dice.IntN(900)) * time.Second}
		if dice.IntN(2) == 0 {
			first := dice.IntN(11)
			q.Policy.Weights = &routing.Weights{Steps: []int{first, dice.IntN(first + 1)}, Ages: []routing.AgeBand{{Points: dice.IntN(11)},
				{From: time.Duration(1+dice.IntN(300)) * time.Second, Points: dice.IntN(11)}, {From: 10 * time.Minute, Points: dice.IntN(11)}}}
		}
		rules.Queues[acd.QueueID(fmt.Sprintf("q%d", i))] = q
	}
	for i := range 9 {
		m := skills("x", 1+dice.IntN(10), "y", 1+dice.IntN(10))
		m.Queues = map[acd.QueueID]routing.Assignment{acd.QueueID(fmt.Sprintf("q%d", dice.IntN(3))): {Priority: dice.IntN(11)}}
		rules.Agents[acd.AgentID(fmt.Sprintf("a%d", i))] = m
	}
	return rules
}
