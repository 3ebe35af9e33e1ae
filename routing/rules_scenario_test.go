package routing_test

import (
	"slices"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// change returns the rules with another queue "q".
func change(rules routing.Rules, edit func(*routing.Queue)) routing.Rules {
	q := rules.Queues["q"]
	edit(&q)
	rules.Queues["q"] = q
	return rules
}

// points returns one of the parts that a contact's points are made of.
func points(d acd.Decision, name string) int64 {
	i := slices.IndexFunc(d.Points, func(p acd.ScorePart) bool { return p.Name == name })
	if i < 0 {
		return 0
	}
	return d.Points[i].Value
}

func TestPresets(t *testing.T) {
	t.Parallel()
	steps := []routing.Step{{Require: "cardio >= 5"}, {Require: "fr >= 1"}}
	for _, c := range []struct {
		name   string
		policy routing.Policy
		lead   time.Duration // the first contact waits so long when the second comes
		later  time.Duration // and then so long both wait
		first  bool          // whether the first one is next
		part   string        // of the points of the one who is
		worth  int64
	}{
		{"fair order", routing.Policy{}, time.Second, time.Second, true, "points", 0},
		{"skills first: the specialist's own", routing.Policy{Preset: routing.SkillsFirst}, 179 * time.Second, 0, false, "step", 5},
		{"skills first: three minutes are too much", routing.Policy{Preset: routing.SkillsFirst}, 181 * time.Second, 0, true, "step", 2},
		{"service level: still in time", routing.Policy{Preset: routing.ServiceLevelFirst}, 4 * time.Minute, 19 * time.Second, false, "age", 5},
		{"service level: late as well", routing.Policy{Preset: routing.ServiceLevelFirst}, 4 * time.Minute, 20 * time.Second, true, "points", 0},
		{"service level: nobody waits for ever", routing.Policy{Preset: routing.ServiceLevelFirst}, 301 * time.Second, 0, true, "points", 0},
		{"service level of the queue's own", routing.Policy{Preset: routing.ServiceLevelFirst, ServiceLevel: time.Minute}, 4 * time.Minute, 59 * time.Second, false, "age", 5},
		{"weights of its own", routing.Policy{Weights: &routing.Weights{Ages: []routing.AgeBand{{Points: 0}, {From: 10 * time.Second, Points: 9}, {From: time.Minute}}}},
			8 * time.Minute, 10 * time.Second, false, "age", 9},
		{"all together are ten at most", routing.Policy{Weights: &routing.Weights{Steps: []int{10, 0}, Ages: []routing.AgeBand{{Points: 10}, {From: time.Minute}}}},
			601 * time.Second, 0, true, "points", 0},
	} {
		// The agent is a second choice for the first contact (it asks for French) and the first choice for the other.
		rules := oneQueue(members{"A": skills("cardio", 6, "fr", 5)}, steps...)
		rules.Queues["first"] = routing.Queue{Steps: []routing.Step{{Require: "cardio >= 9"}, {Require: "fr >= 1"}}, Policy: c.policy,
			WhenUnstaffed: routing.UnstaffedWait, Fallback: "x"}
		rules = change(rules, func(q *routing.Queue) { q.Policy = c.policy })
		w := newWorld(t, rules)
		old := w.call(acd.Queueing{Queue: "first"})
		w.after(c.lead)
		young := w.call(acd.Queueing{Queue: "q"})
		w.after(c.later)
		w.login("A")
		want := young
		if c.first {
			want = old
		}
		got := w.rings("A")[0]
		if got.Leg != want || points(got.Decision, c.part) != c.worth {
			t.Errorf("%s: rung for %s with %v, want %s with %d of %s", c.name, got.Leg, got.Decision.Points, want, c.worth, c.part)
		}
		if waits := got.Decision.At - acd.Instant(got.Decision.Score); waits < 0 || got.Decision.Score > int64(w.now) {
			t.Errorf("%s: score %d", c.name, got.Decision.Score)
		}
	}
}

func TestOrderOfAgents(t *testing.T) {
	t.Parallel()
	agents := members{"high": skills("cardio", 9, "fr", 9), "low": skills("cardio", 5), "tired": skills("cardio", 7)}
	for _, c := range []struct {
		order []routing.Criterion
		want  []acd.AgentID
	}{
		{nil, []acd.AgentID{"low", "tired", "high"}},
		{[]routing.Criterion{routing.HighestLevel}, []acd.AgentID{"high", "tired", "low"}},
		{[]routing.Criterion{routing.LongestIdle}, []acd.AgentID{"high", "low", "tired"}},
		{[]routing.Criterion{routing.LeastOccupied, routing.HighestLevel}, []acd.AgentID{"high", "low", "tired"}},
		{[]routing.Criterion{routing.LeastOccupied, routing.LeastSurplus}, []acd.AgentID{"low", "high", "tired"}},
	} {
		w := newWorld(t, change(oneQueue(agents, routing.Step{Require: "cardio >= 5"}), func(q *routing.Queue) { q.Order = c.order }))
		w.login("tired")
		first := w.call(acd.Queueing{Queue: "q"})
		w.rings("tired")
		w.talk(first)
		w.after(time.Minute)
		w.login("high")
		w.after(time.Second)
		w.login("low")
		w.after(time.Second)
		w.hangUp(first, acd.Answered)
		w.after(time.Second)
		leg := w.call(acd.Queueing{Queue: "q"})
		x, err := w.engine.Explain(leg, w.now)
		if err != nil {
			t.Fatal(err)
		}
		var got []acd.AgentID
		for _, k := range x.Candidates {
			got = append(got, k.Agent)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.order, got, c.want)
		}
		w.rings(c.want[0])
	}
}

func TestExclusiveStepClosesThoseBefore(t *testing.T) {
	t.Parallel()
	rules := oneQueue(members{"first": skills("level", 9), "senior": skills("cardio", 9), "any": {}},
		routing.Step{Require: "level >= 5"}, routing.Step{After: 20 * time.Second, Require: "cardio >= 5", Exclusive: true}, routing.Step{After: 40 * time.Second})
	w := newWorld(t, rules)
	w.login("senior")
	w.pause("senior")
	leg := w.call(acd.Queueing{Queue: "q"})
	w.login("first")
	w.pause("first")
	w.after(20 * time.Second)
	w.ready("first")
	w.rings() // his step was closed by the next one
	x, err := w.engine.Explain(leg, w.now)
	if err != nil || !x.Steps[0].Closed || x.Steps[0].Open || !x.Steps[1].Open || !x.Steps[1].Exclusive {
		t.Fatalf("explained %+v, %v", x.Steps, err)
	}
	w.ringsAfter(20*time.Second, "first") // through the last step

	w = newWorld(t, rules) // with nobody at work for it, an exclusive step closes nothing
	w.login("first")
	w.pause("first")
	w.call(acd.Queueing{Queue: "q"})
	w.after(25 * time.Second)
	w.ready("first")
	if c := w.rings("first")[0]; c.Step != 1 || !slices.Equal(c.Decision.Skipped, []int{2}) {
		t.Errorf("step %d, skipped %v", c.Step, c.Decision.Skipped)
	}
}

func TestStepThatConsidersCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 9), "B": skills("fr", 1)},
		routing.Step{Require: "level >= 5"}, routing.Step{Require: "fr >= 1", Consider: "waiting > 2 * logged_in"}))
	w.login("A", "B")
	w.pause("A")
	one := w.call(acd.Queueing{Queue: "q"})
	w.call(acd.Queueing{Queue: "q"})
	w.rings()
	x, err := w.engine.Explain(one, w.now)
	if err != nil || x.Steps[1].Considered || x.Steps[1].Consider == "" || !equalCounts(counts(x), map[string]int{"paused": 1, "step_closed": 1}) {
		t.Fatalf("explained %+v, %v", x, err)
	}
	w.call(acd.Queueing{Queue: "q"})
	if c := w.rings("B")[0]; c.Leg != one || c.Step != 2 {
		t.Errorf("rung for %s through step %d", c.Leg, c.Step)
	}
}

func TestPriorityAndDelayOfAnAgent(t *testing.T) {
	t.Parallel()
	rules := func(a routing.Assignment) routing.Rules {
		r := oneQueue(members{"A": skills("fr", 5), "B": skills("fr", 5)}, routing.Step{})
		r.Queues["other"] = r.Queues["q"]
		r.Agents["A"] = routing.Member{Skills: r.Agents["A"].Skills, Queues: map[acd.QueueID]routing.Assignment{"q": a}}
		return r
	}
	w := newWorld(t, rules(routing.Assignment{Priority: 2}))
	w.call(acd.Queueing{Queue: "other"})
	w.after(119 * time.Second)
	mine := w.call(acd.Queueing{Queue: "q"})
	w.login("A")
	if c := w.rings("A")[0]; c.Leg != mine || points(c.Decision, "priority") != 2 {
		t.Errorf("rung for %s, points %v", c.Leg, c.Decision.Points)
	}

	w = newWorld(t, rules(routing.Assignment{Priority: 1}))
	w.login("B", "A") // B is idle as long and comes after A by name; priority decides before
	w.call(acd.Queueing{Queue: "q"})
	w.rings("A")

	w = newWorld(t, rules(routing.Assignment{Delay: 30 * time.Second}))
	w.login("A")
	leg := w.call(acd.Queueing{Queue: "q"})
	w.rings()
	x, err := w.engine.Explain(leg, w.now)
	if err != nil || !equalCounts(counts(x), map[string]int{"delayed": 1, "offline": 1}) {
		t.Fatalf("explained %+v, %v", x.Candidates, err)
	}
	w.ringsAfter(30*time.Second, "A")
}

func TestAPausedQueueOffersNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 9), "B": skills("level", 9)}, routing.Step{Require: "level >= 1"}))
	pause := func(on bool) {
		w.must(acd.KindQueuePause, func(tx *acd.Tx) error { tx.PauseQueue("q", on, "", "chief"); return nil })
	}
	w.login("A")
	pause(true)
	leg := w.call(acd.Queueing{Queue: "q"})
	w.rings()
	if x, err := w.engine.Explain(leg, w.now); err != nil || !x.Paused || !equalCounts(counts(x), map[string]int{"queue_paused": 1, "offline": 1}) {
		t.Fatalf("explained %+v, %v", x, err)
	}
	if err := w.engine.SetRules(w.engine.Rules()); err != nil {
		t.Fatal(err)
	}
	w.after(time.Minute)
	w.rings() // other rules do not lift it
	w.must(acd.KindPushed, func(tx *acd.Tx) error { return tx.Push(leg, "A", 10*time.Second, "chief") })
	w.rings("A") // asked for by name
	w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer})
	w.login("B")
	w.rings()
	pause(false)
	if c := w.rings("B")[0]; c.Decision.Possible != w.now || w.now.Sub(acd.Instant(c.Decision.Score)) != time.Minute {
		t.Errorf("possible at %d, score %d; its age ran on", c.Decision.Possible-w.now, c.Decision.Score)
	}
}

func TestAPushedContactIsTheAgentsNext(t *testing.T) {
	t.Parallel()
	begin := func() (w *world, old, young acd.LegID) {
		w = newWorld(t, oneQueue(members{"A": skills("level", 1), "B": skills("level", 9)}, routing.Step{Require: "level >= 5"}))
		w.login("A", "B")
		w.pause("A")
		w.pause("B")
		old = w.call(acd.Queueing{Queue: "q"})
		w.after(20 * time.Minute)
		young = w.call(acd.Queueing{Queue: "q"})
		return w, old, young
	}
	w, old, young := begin()
	push := func(to acd.AgentID) { // refused for one on a pause: he goes on it afterwards
		w.ready(to)
		w.must(acd.KindPushed, func(tx *acd.Tx) error { return tx.Push(young, to, 30*time.Second, "chief") })
		w.pause(to)
	}
	push("B")
	if x, err := w.engine.Explain(old, w.now); err != nil || x.Candidates[0].Passed != routing.PassedPaused {
		t.Fatalf("%+v, %v", x.Candidates, err)
	}
	w.ready("B")
	if x, err := w.engine.Explain(old, w.now); err != nil || !equalCounts(counts(x), map[string]int{"reserved": 1, "skills": 1}) {
		t.Fatalf("%+v, %v", x.Candidates, err)
	}
	if c := w.rings("B")[0]; c.Leg != young || !equalCounts(c.Decision.Passed, map[string]int{"skills": 1}) {
		t.Errorf("rung for %s, passed over %v", c.Leg, c.Decision.Passed)
	}

	w, _, young = begin() // pulled by somebody without the skill
	w.ready("A")
	w.must(acd.KindPushed, func(tx *acd.Tx) error { return tx.Push(young, "A", 30*time.Second, "A") })
	if c := w.rings("A")[0]; c.Leg != young {
		t.Errorf("rung for %s", c.Leg)
	}

	w, old, young = begin() // the hold ends: nobody is reserved any more
	push("B")
	w.after(30 * time.Second)
	w.ready("B")
	if c := w.rings("B")[0]; c.Leg != old {
		t.Errorf("rung for %s", c.Leg)
	}
}

// TestC6WhoIsWaitedFor decides the corners of the preference for an agent who cannot take the caller now.
func TestC6WhoIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make   func(w *world)
		waited bool
	}{
		"in a call":             {func(w *world) { w.talk(w.occupy("X")) }, true},
		"being rung":            {func(w *world) { w.occupy("X") }, true},
		"in a call of his own":  {func(w *world) { w.must(acd.KindOwnCall, func(tx *acd.Tx) error { return tx.OwnCall("X", 1) }) }, true},
		"in a call, then pause": {func(w *world) { w.talk(w.occupy("X")); w.pause("X") }, false},
		"in a call, then home":  {func(w *world) { w.talk(w.occupy("X")); w.logout("X") }, false},
		"on a pause":            {func(w *world) { w.pause("X") }, false},
		"logged out":            {func(w *world) { w.logout("X") }, false},
		"without a phone": {func(w *world) {
			w.must(acd.KindPhone, func(tx *acd.Tx) error { return tx.PhoneChanged("phone-X", true, "n1", "") })
			w.must(acd.KindPhone, func(tx *acd.Tx) error { return tx.PhoneChanged("phone-X", false, "n1", "") })
		}, false},
		"busy a moment ago": {func(w *world) { w.endOffer(w.occupy("X"), acd.OfferResult{Ending: acd.Busy}) }, false},
		"refused a moment ago, back before the hold ends": {func(w *world) {
			w.endOffer(w.occupy("X"), acd.OfferResult{Ending: acd.Refused})
		}, true},
		"without the skill": {func(w *world) {
			w.must(acd.KindAgentSkills, func(tx *acd.Tx) error { return tx.SetSkills("X", map[acd.SkillID]int{"en": 5}, false, "chief") })
		}, false},
	} {
		w := newWorld(t, oneQueue(members{"X": skills("fr", 9), "Y": skills("fr", 5)}, routing.Step{Require: "fr >= 1"}))
		w.login("X")
		c.make(w)
		for _, l := range w.view.Legs() { // what he was occupied with has gone elsewhere
			if l.State == acd.LegQueued {
				w.hangUp(l.ID, acd.Abandoned)
			}
		}
		w.login("Y")
		w.call(acd.Queueing{Queue: "q", Preferred: "X", HoldUntil: w.now.Add(15 * time.Second)})
		if got := len(w.ring()) == 0; got != c.waited {
			t.Errorf("%s: waited for %t, want %t", name, got, c.waited)
		}
	}
}

// occupy rings the agent for a contact of his own.
func (w *world) occupy(a acd.AgentID) acd.LegID {
	w.t.Helper()
	leg := w.call(acd.Queueing{Queue: "q"})
	w.rings(a)
	return leg
}

func TestCapacityAcrossMedia(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5)}, routing.Step{}))
	w.login("A")
	take := func(m acd.Medium, room bool) acd.LegID {
		t.Helper()
		leg := w.contact(m, acd.Queueing{Queue: "q"})
		if !room {
			w.rings()
			if x, err := w.engine.Explain(leg, w.now); err != nil || x.Candidates[0].Passed == "" {
				t.Errorf("%q explained %+v, %v", m, x.Candidates, err)
			}
			w.hangUp(leg, acd.Abandoned)
			return leg
		}
		w.rings("A")
		w.talk(leg)
		return leg
	}
	mail := take(acd.Mail, true)
	call := take(acd.Voice, true) // mail may be interrupted by voice
	take(acd.Voice, false)        // voice by nothing
	take(acd.Chat, false)
	take(acd.Mail, false)
	w.hangUp(call, acd.Answered)
	chats := []acd.LegID{take(acd.Chat, true), take(acd.Chat, true)}
	take(acd.Voice, false) // a chat is not interrupted
	take(acd.Chat, false)  // 20 + 60 + 30 is more than there is
	take(acd.Mail, true)
	w.hangUp(mail, acd.Answered)
	w.hangUp(chats[0], acd.Answered)
	take(acd.Chat, true)
}

func TestStaffingOfAQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("fr", 5), "B": skills("en", 5)}, routing.Step{}))
	w.login("A", "B")
	w.pause("A")
	w.pause("B")
	w.call(acd.Queueing{Queue: "q"})
	w.call(acd.Queueing{Queue: "q", Asks: "fr >= 1"})
	if got := w.engine.Staffing("q", "en >= 1", w.now); got != (routing.Staffing{Staffed: 1}) {
		t.Errorf("staffing %+v", got)
	}
	w.ready("A")
	if got := w.engine.Staffing("q", "", w.now); got != (routing.Staffing{Staffed: 2, Routable: 1, Ready: 1}) {
		t.Errorf("with one who is free: %+v", got)
	}
	w.engine.Pick(w.now)
	if got := w.engine.Staffing("q", "", w.now); got != (routing.Staffing{Staffed: 2, Routable: 1}) {
		t.Errorf("while he is chosen: %+v", got)
	}
	if got := w.engine.Staffing("nowhere", "", w.now); got != (routing.Staffing{}) {
		t.Errorf("of no queue: %+v", got)
	}
}
