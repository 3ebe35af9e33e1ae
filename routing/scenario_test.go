package routing_test

import (
	"slices"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

type members = map[acd.AgentID]routing.Member

func TestA2LanguageAskedByTheContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("en", 10), "B": skills("fr", 5)}, routing.Step{}))
	w.login("A", "B")
	english := w.call(acd.Queueing{Queue: "q", Asks: "en >= 9"})
	w.rings("A")
	w.talk(english)
	w.hangUp(english, acd.Answered)
	w.call(acd.Queueing{Queue: "q", Asks: "fr >= 1"})
	w.rings("B")
}

func TestA4UnstaffedStepIsSkippedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 8), "B": skills("level", 3)},
		routing.Step{Require: "level >= 6"}, routing.Step{After: 30 * time.Second, Require: "level >= 1"}))
	w.login("B")
	w.call(acd.Queueing{Queue: "q"})
	c := w.rings("B")[0]
	if c.Step != 2 || !slices.Equal(c.Decision.Skipped, []int{1}) {
		t.Errorf("step %d, skipped %v; want 2 and [1]", c.Step, c.Decision.Skipped)
	}
}

func TestA7EarlierStepFirst(t *testing.T) {
	t.Parallel()
	rules := oneQueue(members{"first": skills("level", 6), "second": skills("level", 1)},
		routing.Step{Require: "level >= 6"}, routing.Step{Require: "level >= 1"})
	w := newWorld(t, rules)
	w.login("second", "first")
	one := w.call(acd.Queueing{Queue: "q"})
	w.rings("first")
	w.endOffer(one, acd.OfferResult{Ending: acd.Refused})
	w.rings("second")
	w.talk(one)
	w.after(acd.ExcludeAfterRefusal)
	w.call(acd.Queueing{Queue: "q"})
	w.rings("first")

	w = newWorld(t, rules)
	w.login("first", "second")
	w.call(acd.Queueing{Queue: "q"})
	w.rings("first")
	w.call(acd.Queueing{Queue: "q"})
	w.rings("second")
}

func TestA8OutsideTheBandIsNeverRung(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 3)}, routing.Step{Require: "level in 5..8"}))
	w.login("A")
	leg := w.call(acd.Queueing{Queue: "q", Due: w.now.Add(3 * time.Second)})
	w.rings()
	w.after(3 * time.Second)
	w.rings()
	x, err := w.engine.Explain(leg, w.now)
	if err != nil || x.Candidates[0].Passed != routing.PassedSkills {
		t.Fatalf("explained as %+v, %v; want skills", x.Candidates, err)
	}
	w.hangUp(leg, acd.Overflow)
	if _, err := w.engine.Explain(leg, w.now); err == nil {
		t.Error("a leg that left is still explained")
	}
}

func TestA10PausedAgentsAreNotRung(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5), "B": skills("fr", 5)}, routing.Step{}))
	w.login("A", "B")
	w.pause("A")
	w.pause("B")
	w.call(acd.Queueing{Queue: "q"})
	w.rings()
	if !w.engine.StaffedFor("q", "") {
		t.Error("paused agents do not count as staff")
	}
	w.ready("B")
	w.rings("B")
}

func TestA14StaffedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5), "B": skills("en", 5)}, routing.Step{Require: "fr >= 1"}))
	staffed := func(asks string, want bool) {
		t.Helper()
		if got := w.engine.StaffedFor("q", asks); got != want {
			t.Errorf("staffed for %q: %t, want %t", asks, got, want)
		}
	}
	staffed("", false)
	w.login("B")
	staffed("", false)
	w.login("A")
	staffed("", true)
	staffed("en >= 1", false)
	staffed("fr >= 1", true)
	w.logout("A")
	staffed("", false)
	if w.engine.StaffedFor("nowhere", "") {
		t.Error("a queue that does not exist is staffed")
	}
}

func TestA22EndingsOfOffers(t *testing.T) {
	t.Parallel()
	agents := members{"A": skills("fr", 5), "B": skills("fr", 6)}
	t.Run("misses", func(t *testing.T) {
		w := newWorld(t, oneQueue(agents, routing.Step{}))
		w.login("A", "B")
		for miss := 1; miss <= 3; miss++ {
			leg := w.call(acd.Queueing{Queue: "q"})
			w.rings("A")
			if w.engine.LastRoutable("A") {
				t.Fatal("A is said to be the last one though B is there")
			}
			w.after(15 * time.Second)
			w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer, MissLimit: 3})
			w.rings("B") // at once, never A again within the minute
			w.talk(leg)
			w.hangUp(leg, acd.Answered)
		}
		a, _ := w.view.Agent("A")
		if a.State != acd.AgentUnreachable || a.Reason != acd.UnreachableMissed {
			t.Fatalf("after 3 misses A is %s (%s)", a.State, a.Reason)
		}
		if !w.engine.LastRoutable("B") {
			t.Error("B is alone now and not said to be the last one")
		}
	})
	t.Run("last one", func(t *testing.T) {
		w := newWorld(t, oneQueue(agents, routing.Step{}))
		w.login("A")
		leg := w.call(acd.Queueing{Queue: "q"})
		for range 4 {
			w.rings("A")
			w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer, MissLimit: 2, LastRoutable: w.engine.LastRoutable("A")})
			w.ringsAfter(60*time.Second, "A")
			w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer, MissLimit: 2, LastRoutable: w.engine.LastRoutable("A")})
			w.after(60 * time.Second)
		}
	})
	for _, c := range []struct {
		ending acd.Ending
		delay  time.Duration
	}{{acd.Busy, 60 * time.Second}, {acd.Refused, 10 * time.Second}} {
		t.Run(string(c.ending), func(t *testing.T) {
			w := newWorld(t, oneQueue(agents, routing.Step{}))
			w.login("A")
			leg := w.call(acd.Queueing{Queue: "q"})
			w.rings("A")
			w.endOffer(leg, acd.OfferResult{Ending: c.ending, MissLimit: 1})
			if a, _ := w.view.Agent("A"); a.Misses != 0 || a.State != acd.AgentReady {
				t.Errorf("counted as a miss: %+v", a)
			}
			w.ringsAfter(c.delay, "A")
		})
	}
}

var relaxing = []routing.Step{
	{Require: "cardio >= 7 and fr >= 5"},
	{After: 20 * time.Second, Require: "cardio >= 4"},
	{After: 40 * time.Second},
}

func TestC1Relaxation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("cardio", 5, "fr", 8), "busy": skills("cardio", 9, "fr", 9)}, relaxing...))
	w.login("A", "busy")
	w.pause("busy")
	w.call(acd.Queueing{Queue: "q"})
	c := w.ringsAfter(20*time.Second, "A")[0]
	if c.Step != 2 || len(c.Decision.Skipped) != 0 {
		t.Errorf("step %d, skipped %v; want 2 and none", c.Step, c.Decision.Skipped)
	}
}

func TestC1AMissDoesNotRestartTheSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("cardio", 8, "fr", 8), "B": skills("cardio", 5)}, relaxing...))
	w.login("A", "B")
	leg := w.call(acd.Queueing{Queue: "q"})
	w.rings("A")
	w.after(15 * time.Second)
	w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer})
	w.ringsAfter(5*time.Second, "B") // 20 s after the first enqueue, not after the miss
}

func TestC2Skip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("cardio", 5, "fr", 8), "away": skills("cardio", 9, "fr", 9)}, relaxing...))
	w.login("A")
	w.call(acd.Queueing{Queue: "q"})
	if c := w.rings("A")[0]; c.Step != 2 || !slices.Equal(c.Decision.Skipped, []int{1}) {
		t.Errorf("step %d, skipped %v; want 2 and [1]", c.Step, c.Decision.Skipped)
	}
}

func TestSkippingReachesTheLastStepOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 1), "B": skills("fr", 1)}, relaxing...))
	w.login("A", "B")
	w.call(acd.Queueing{Queue: "q"})
	if c := w.rings("A")[0]; c.Step != 3 || !slices.Equal(c.Decision.Skipped, []int{1, 2}) {
		t.Errorf("step %d, skipped %v; want 3 and [1 2]", c.Step, c.Decision.Skipped)
	}
}

func TestC6PreferredAgent(t *testing.T) {
	t.Parallel()
	rules := oneQueue(members{"X": skills("fr", 9), "Y": skills("fr", 5)}, routing.Step{Require: "fr >= 1"})
	held := func(w *world) acd.Queueing {
		return acd.Queueing{Queue: "q", Preferred: "X", HoldUntil: w.now.Add(15 * time.Second)}
	}
	// begin makes X busy with a first call, so that only Y is free.
	begin := func(t *testing.T) (*world, acd.LegID) {
		w := newWorld(t, rules)
		w.login("X")
		first := w.call(acd.Queueing{Queue: "q"})
		w.rings("X")
		w.talk(first)
		w.login("Y")
		return w, first
	}
	t.Run("held until the end", func(t *testing.T) {
		w, _ := begin(t)
		w.call(held(w))
		w.ringsAfter(15*time.Second, "Y")
	})
	t.Run("released when he leaves", func(t *testing.T) {
		w, first := begin(t)
		w.call(held(w))
		w.after(4 * time.Second)
		w.rings()
		w.logout("X") // while serving: he will not be back, and Y need not wait for that
		w.rings("Y")
		w.hangUp(first, acd.Answered)
	})
	t.Run("released when he goes on a pause", func(t *testing.T) {
		w, _ := begin(t)
		w.call(held(w))
		w.after(4 * time.Second)
		w.rings()
		w.pause("X")
		w.rings("Y")
	})
	t.Run("his as soon as he is free", func(t *testing.T) {
		w, first := begin(t)
		w.call(held(w))
		w.after(4 * time.Second)
		w.hangUp(first, acd.Answered)
		w.rings("X")
	})
	t.Run("released when he misses it", func(t *testing.T) {
		w, first := begin(t)
		leg := w.call(held(w))
		w.hangUp(first, acd.Answered)
		w.rings("X")
		w.after(5 * time.Second)
		w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer})
		w.rings("Y")
	})
	t.Run("without capacity he is never offered", func(t *testing.T) {
		w := newWorld(t, rules)
		w.login("X", "Y")
		x, _ := w.view.Agent("X")
		x.Rev, x.Load = x.Rev+1, 30 // a chat
		w.engine.Apply(acd.Entry{Agents: []acd.Agent{x}})
		w.call(held(w))
		w.ringsAfter(15*time.Second, "Y")
	})
	t.Run("first among the free, whatever the surplus", func(t *testing.T) {
		w := newWorld(t, rules)
		w.login("X", "Y")
		w.call(acd.Queueing{Queue: "q", Preferred: "X"})
		if c := w.rings("X")[0]; c.Decision.Parts[0] != (acd.ScorePart{Name: "preferred", Value: 1}) {
			t.Errorf("parts %v", c.Decision.Parts)
		}
	})
}

func TestC7LeastSurplusThenLongestIdle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"ten": skills("fr", 10), "five": skills("fr", 5), "b": skills("fr", 6), "a": skills("fr", 6)},
		routing.Step{Require: "fr >= 5"}))
	w.login("ten")
	w.after(290 * time.Second)
	w.login("five")
	w.after(10 * time.Second)
	w.call(acd.Queueing{Queue: "q"})
	c := w.rings("five")[0]
	if r := c.Decision.RunnersUp; len(r) != 1 || r[0].Agent != "ten" {
		t.Errorf("runners-up %+v, want ten", r)
	}
	w.login("b")
	w.after(time.Second)
	w.login("a")
	w.call(acd.Queueing{Queue: "q"})
	w.rings("b") // longer idle than a; less surplus than ten
}

func TestTheIdleClockRunsOnThroughAMiss(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"a": skills("fr", 5), "b": skills("fr", 5)}, routing.Step{}))
	w.login("a")
	w.after(time.Second)
	w.login("b")
	one := w.call(acd.Queueing{Queue: "q"})
	w.rings("a")
	w.hangUp(one, acd.Abandoned) // while it rings: a is free at once, as long idle as before
	w.call(acd.Queueing{Queue: "q"})
	w.rings("a")
}

func TestNobodyWaitsBehindWhoCannotBeServed(t *testing.T) {
	t.Parallel()
	rules := oneQueue(members{"A": skills("fr", 5)}, routing.Step{Require: "cardio >= 1"})
	rules.Queues["other"] = routing.Queue{Steps: []routing.Step{{Require: "fr >= 1"}}, WhenUnstaffed: routing.UnstaffedWait, Fallback: "voicemail"}
	w := newWorld(t, rules)
	w.call(acd.Queueing{Queue: "q", Points: 10})
	w.call(acd.Queueing{Queue: "other", Asks: "cardio >= 1"})
	w.after(time.Second)
	served := w.call(acd.Queueing{Queue: "other"})
	w.login("A")
	if c := w.rings("A")[0]; c.Leg != served {
		t.Errorf("rung for %s, want %s", c.Leg, served)
	}
}

func TestPointsAreWorthAMinuteAndNeverMoreThanTen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		gap      time.Duration
		points   int
		overtake bool
	}{{59 * time.Second, 1, true}, {61 * time.Second, 1, false}, {599 * time.Second, 99, true}, {601 * time.Second, 99, false}} {
		w := newWorld(t, oneQueue(members{"A": skills("fr", 5)}, routing.Step{}))
		old := w.call(acd.Queueing{Queue: "q"})
		w.after(c.gap)
		urgent := w.call(acd.Queueing{Queue: "q", Points: c.points})
		w.login("A")
		want := old
		if c.overtake {
			want = urgent
		}
		if got := w.rings("A")[0].Leg; got != want {
			t.Errorf("%d points after %s: rung for %s, want %s", c.points, c.gap, got, want)
		}
	}
}

func TestLiveSkillsTakeEffectOnThoseWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5)}, routing.Step{Require: "cardio >= 4"}))
	w.login("A")
	w.call(acd.Queueing{Queue: "q"})
	w.rings()
	w.must(acd.KindAgentSkills, func(tx *acd.Tx) error {
		return tx.SetSkills("A", map[acd.SkillID]int{"cardio": 4}, false, "chief")
	})
	w.rings("A")
}

func TestAChoiceIsPendingUntilTheLogAnswers(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*world, routing.Choice) {
		w := newWorld(t, oneQueue(members{"A": skills("fr", 5)}, routing.Step{}))
		w.login("A")
		w.call(acd.Queueing{Queue: "q"})
		got := w.engine.Decide(w.now)
		if len(got) != 1 {
			t.Fatalf("%d choices, want 1", len(got))
		}
		if again := w.engine.Decide(w.now); len(again) != 0 {
			t.Fatalf("chosen again: %v", again)
		}
		return w, got[0]
	}
	t.Run("refused", func(t *testing.T) {
		w, c := begin(t)
		w.engine.Retry(c.Leg, "someone else", w.now)
		w.rings()
		w.engine.Retry(c.Leg, c.Agent, w.now)
		w.rings("A")
	})
	t.Run("refused, later", func(t *testing.T) {
		w, c := begin(t)
		w.engine.Retry(c.Leg, c.Agent, w.now.Add(250*time.Millisecond))
		w.ringsAfter(250*time.Millisecond, "A")
	})
	t.Run("unanswered", func(t *testing.T) {
		w, _ := begin(t)
		w.ringsAfter(routing.PendingFor, "A")
	})
	t.Run("caller leaves meanwhile", func(t *testing.T) {
		w, c := begin(t)
		w.hangUp(c.Leg, acd.Abandoned)
		if w.claim(c) == nil {
			t.Fatal("the claim of a leg that left was taken")
		}
		w.call(acd.Queueing{Queue: "q"})
		w.rings("A")
	})
	t.Run("agent pauses meanwhile", func(t *testing.T) {
		w, _ := begin(t)
		w.pause("A")
		w.rings()
		w.ready("A")
		w.rings("A")
	})
	t.Run("resynchronised meanwhile", func(t *testing.T) {
		w, c := begin(t)
		w.engine.Reset(w.view.Image())
		w.rings()
		if err := w.claim(c); err != nil {
			t.Fatal(err)
		}
		w.rings()
	})
	t.Run("other rules meanwhile", func(t *testing.T) {
		w, c := begin(t)
		if err := w.engine.SetRules(oneQueue(members{"A": skills("fr", 5), "B": skills("fr", 1)}, routing.Step{})); err != nil {
			t.Fatal(err)
		}
		w.rings()
		if err := w.claim(c); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRulesThatChangeApplyToThoseWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5)}, routing.Step{Require: "fr >= 9"}))
	w.login("A")
	w.call(acd.Queueing{Queue: "q"})
	w.rings()
	if err := w.engine.SetRules(oneQueue(members{"A": skills("fr", 5)}, routing.Step{Require: "wrong >"})); err == nil {
		t.Fatal("faulty rules were taken")
	}
	if err := w.engine.SetRules(oneQueue(members{"A": skills("fr", 5)}, routing.Step{Require: "fr >= 5"})); err != nil {
		t.Fatal(err)
	}
	w.rings("A")
}

func TestADecisionSaysWhyTheOthersWerePassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{
		"win": skills("cardio", 7, "fr", 5), "later": skills("cardio", 8, "fr", 5), "closed": skills("cardio", 5),
		"paused": skills("cardio", 9, "fr", 9), "away": skills("cardio", 9, "fr", 9), "tried": skills("cardio", 7, "fr", 5), "none": {},
	}, relaxing[:2]...))
	w.login("tried")
	leg := w.call(acd.Queueing{Queue: "q"})
	w.rings("tried")
	w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer})
	w.login("win", "later", "closed", "paused", "none")
	w.pause("paused")
	before, err := w.engine.Explain(leg, w.now)
	if err != nil {
		t.Fatal(err)
	}
	d := w.rings("win")[0].Decision
	want := map[string]int{"ranked_lower": 1, "step_closed": 1, "paused": 1, "offline": 1, "tried_already": 1, "skills": 1}
	if !equalCounts(d.Passed, want) || !equalCounts(counts(before), want) {
		t.Errorf("passed over %v, explained %v, want %v", d.Passed, counts(before), want)
	}
	if before.Candidates[0].Agent != "win" || before.Candidates[1].Agent != "later" {
		t.Errorf("candidates %+v", before.Candidates[:2])
	}
	if d.LastID == "" || d.At != w.now || d.Rules != w.engine.Hash() || d.Agent != "win" || d.Leg != leg {
		t.Errorf("decision %+v", d)
	}
}

// Clocks of two nodes differ by a moment: who was queued "just ahead of now" must not wait for it.
func TestAFirstStepIsOpenToWhoIsQueuedAMomentAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5)}, routing.Step{}))
	w.login("A")
	w.after(5 * time.Millisecond)
	w.call(acd.Queueing{Queue: "q"})
	w.after(-5 * time.Millisecond)
	w.rings("A")
}

func TestAPendingContactIsNotChosenForItsNewPreferredAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5), "B": skills("fr", 6)}, routing.Step{}))
	w.login("A", "B")
	leg := w.call(acd.Queueing{Queue: "q"})
	if got := w.engine.Decide(w.now); len(got) != 1 || got[0].Agent != "A" {
		t.Fatalf("chose %v, want A", got)
	}
	w.must(acd.KindMoved, func(tx *acd.Tx) error {
		return tx.Enqueue(leg, acd.Queueing{Queue: "q", Preferred: "B", HoldUntil: w.now.Add(10 * time.Second)})
	})
	w.rings()
	w.engine.Retry(leg, "A", w.now)
	w.rings("B")
}
