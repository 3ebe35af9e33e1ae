package routing_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// learner is a world whose last hour is learnt from.
type learner struct {
	*world
	hour routing.LastHour
}

func newLearner(t *testing.T, rules routing.Rules) *learner {
	return &learner{world: newWorld(t, rules)}
}

// learn folds what has happened, all of it again: what is known already changes nothing.
func (l *learner) learn() {
	image := l.view.Image()
	image.At = l.now
	l.hour.Apply(image)
}

// handle lets the free agents take a contact each, n times, and gives each the time.
func (l *learner) handle(n int, q acd.QueueID, agents int, took time.Duration) {
	l.t.Helper()
	for range n {
		var legs []acd.LegID
		for range agents {
			legs = append(legs, l.call(acd.Queueing{Queue: q}))
		}
		if got := len(l.ring()); got != agents {
			l.t.Fatalf("%d contacts were taken, want %d", got, agents)
		}
		l.learn()
		for _, leg := range legs {
			l.talk(leg)
		}
		l.learn()
		l.after(took)
		for _, leg := range legs {
			l.hangUp(leg, acd.Answered)
		}
		l.learn()
	}
}

// busy occupies the free agents.
func (l *learner) busy(q acd.QueueID, agents int) {
	l.t.Helper()
	for range agents {
		leg := l.call(acd.Queueing{Queue: q})
		if len(l.ring()) != 1 {
			l.t.Fatal("nobody took the contact")
		}
		l.talk(leg)
	}
	l.learn()
}

func (l *learner) waiting(n int, q acd.QueueID) (last acd.LegID) {
	for range n {
		last = l.call(acd.Queueing{Queue: q})
		l.now++ // the next one comes later
	}
	l.learn()
	return last
}

func (l *learner) estimate(leg acd.LegID) (routing.Estimate, bool) {
	return l.engine.Estimate(leg, l.now, &l.hour)
}

func (l *learner) estimated(leg acd.LegID) routing.Estimate {
	l.t.Helper()
	e, ok := l.estimate(leg)
	if !ok {
		l.t.Fatal("nothing is foretold")
	}
	if e.Low > e.Wait || e.High < e.Wait || e.Confidence != routing.RangeConfidence || e.At != l.now {
		l.t.Errorf("range %s to %s around %s at %d", e.Low, e.High, e.Wait, e.At)
	}
	return e
}

// crew are agents a1 to an with the skills.
func crew(n int, m routing.Member) map[acd.AgentID]routing.Member {
	out := map[acd.AgentID]routing.Member{}
	for i := range n {
		out[acd.AgentID(fmt.Sprintf("a%d", i+1))] = m
	}
	return out
}

// C24: AHT 150 s, place 6 (own place counted), 4 eligible agents, share 1, abandonment 0.
func TestC24EstimatedWait(t *testing.T) {
	t.Parallel()
	w := newLearner(t, oneQueue(crew(4, routing.Member{}), routing.Step{}))
	w.login("a1", "a2", "a3", "a4")
	w.learn()
	w.handle(3, "q", 4, 150*time.Second)
	w.busy("q", 4)
	sixth := w.waiting(6, "q")
	e := w.estimated(sixth)
	if e.Place != 6 || e.Agents != 4 || e.Capacity != 4 || e.Handling != 150*time.Second || e.Handled != 12 || e.Hazard != 0 ||
		e.Wait != 225*time.Second || e.Minutes() != 4 {
		t.Errorf("%+v", e)
	}
	w.logout("a1") // when this conversation ends
	if e := w.estimated(sixth); e.Agents != 3 || e.Wait != 300*time.Second || e.Minutes() != 5 {
		t.Errorf("with three agents: %+v", e)
	}
	for _, a := range []acd.AgentID{"a2", "a3", "a4"} {
		w.logout(a)
	}
	if e, ok := w.estimate(sixth); ok {
		t.Errorf("with nobody eligible: %+v", e)
	}
}

func TestNothingIsForetoldThatIsNotHonest(t *testing.T) {
	t.Parallel()
	w := newLearner(t, oneQueue(crew(2, routing.Member{}), routing.Step{}))
	w.login("a1", "a2")
	w.learn()
	w.handle(9, "q", 1, time.Minute)
	w.busy("q", 2)
	leg := w.waiting(1, "q")
	if e, ok := w.estimate(leg); ok {
		t.Errorf("after 9 contacts: %+v", e)
	}
	w.hangUp(acd.ContactID("c00010").Leg(1), acd.Answered) // the tenth
	w.learn()
	w.ring()
	w.learn()
	leg = w.waiting(1, "q")
	if _, ok := w.estimate(leg); !ok {
		t.Error("nothing after 10 contacts")
	}
	w.after(50 * time.Minute)
	if _, ok := w.estimate(leg); !ok {
		t.Error("nothing in the hour")
	}
	w.after(12 * time.Minute)
	if e, ok := w.estimate(leg); ok {
		t.Errorf("an hour later, without a contact: %+v", e)
	}
	if e, ok := w.estimate("nobody/1"); ok {
		t.Errorf("of an unknown leg: %+v", e)
	}
}

func TestPausedAgentsCountNothing(t *testing.T) {
	t.Parallel()
	w := newLearner(t, oneQueue(crew(2, routing.Member{}), routing.Step{}))
	w.login("a1", "a2")
	w.learn()
	w.handle(6, "q", 2, 100*time.Second)
	w.pause("a2")
	w.busy("q", 1)
	leg := w.waiting(2, "q")
	if e := w.estimated(leg); e.Agents != 1 || e.Wait != 200*time.Second {
		t.Errorf("%+v", e)
	}
	w.pause("a1") // when this conversation ends
	if e, ok := w.estimate(leg); ok {
		t.Errorf("everybody goes on a pause: %+v", e)
	}
}

// Agents to whom a step opens while the contact waits join in then.
func TestStepsThatOpenMeanwhile(t *testing.T) {
	t.Parallel()
	agents := map[acd.AgentID]routing.Member{"a1": skills("cardio", 9), "a2": skills("cardio", 1)}
	w := newLearner(t, oneQueue(agents, routing.Step{Require: "cardio >= 5"}, routing.Step{After: time.Minute}))
	w.login("a1")
	w.learn()
	w.handle(10, "q", 1, 100*time.Second)
	w.busy("q", 1)
	w.login("a2")
	w.learn()
	third := w.waiting(3, "q")
	w.learn()
	// 0.6 of three places in the first minute, the other 2.4 by two agents: 60 + 120 s.
	if e := w.estimated(third); e.Place != 3 || e.Agents != 2 || e.Capacity != 1 || e.Wait != 180*time.Second {
		t.Errorf("%+v", e)
	}
	w.logout("a1")
	// Nobody for a minute... but a1's step has nobody at work now: no, he still talks.
	if e := w.estimated(third); e.Capacity != 0 || e.Wait.Round(time.Second) != 60*time.Second+300*time.Second {
		t.Errorf("until the step opens nobody counts: %+v", e)
	}
}

// twoQueues has a queue for cardio and one for fr.
func twoQueues(agents map[acd.AgentID]routing.Member) routing.Rules {
	r := oneQueue(agents, routing.Step{Require: "cardio >= 1"})
	r.Queues["p"] = routing.Queue{Steps: []routing.Step{{Require: "fr >= 1"}}, WhenUnstaffed: routing.UnstaffedWait, Fallback: "voicemail"}
	return r
}

// Contacts of other queues stand in front by the part that the same agents have of them.
func TestPlaceCountsWhomTheSameAgentsServe(t *testing.T) {
	t.Parallel()
	both, cardio, fr := skills("cardio", 1, "fr", 1), skills("cardio", 1), skills("fr", 1)
	for name, c := range map[string]struct {
		agents      map[acd.AgentID]routing.Member
		place, wait float64
	}{
		"same agents":         {map[acd.AgentID]routing.Member{"a1": both, "a2": both}, 6, 300},
		"half of them":        {map[acd.AgentID]routing.Member{"a1": both, "a2": fr}, 2 + 3./2, 350},
		"apart":               {map[acd.AgentID]routing.Member{"a1": cardio, "a2": fr}, 2, 200},
		"one serves all mine": {map[acd.AgentID]routing.Member{"a1": both, "a2": cardio}, 5, 250},
	} {
		w := newLearner(t, twoQueues(c.agents))
		w.login("a1")
		w.learn()
		w.handle(10, "q", 1, 100*time.Second)
		w.busy("q", 1)
		w.login("a2")
		other := acd.QueueID("p")
		if name == "one serves all mine" {
			other = "q"
		}
		w.busy(other, 1)
		w.waiting(3, "p")
		leg := w.waiting(2, "q")
		want := c
		if name == "same agents" {
			want.place, want.wait = 5, 250
		}
		if e := w.estimated(leg); math.Abs(e.Place-want.place) > 1e-9 || math.Abs(e.Wait.Seconds()-want.wait) > 1e-3 {
			t.Errorf("%s: %+v", name, e)
		}
		w.waiting(4, "p") // behind: no matter
		if e := w.estimated(leg); math.Abs(e.Place-want.place) > 1e-9 {
			t.Errorf("%s: who comes later moved it to %g", name, e.Place)
		}
	}
}

// Who gave up in the last hour shortens the wait of those behind.
func TestExpectedAbandonment(t *testing.T) {
	t.Parallel()
	w := newLearner(t, oneQueue(crew(1, routing.Member{}), routing.Step{}))
	w.login("a1")
	w.learn()
	w.handle(10, "q", 1, 100*time.Second)
	w.busy("q", 1)
	for range 2 {
		leg := w.waiting(1, "q")
		w.after(50*time.Second - 1)
		w.hangUp(leg, acd.Abandoned)
		w.learn()
	}
	const hazard = 2. / 100 // a second; those served did not wait
	leg := w.waiting(3, "q")
	want := 1/(.01) + 1/(.01+hazard) + 1/(.01+2*hazard)
	if e := w.estimated(leg); math.Abs(e.Hazard-hazard) > 1e-9 || math.Abs(e.Wait.Seconds()-want) > 1e-3 {
		t.Errorf("%+v, want %.3f s", e, want)
	}
}

// Calls of his own and rings in vain leave an agent less time for contacts.
func TestShareOfTime(t *testing.T) {
	t.Parallel()
	w := newLearner(t, oneQueue(crew(1, routing.Member{}), routing.Step{}))
	w.login("a1")
	w.learn()
	w.handle(10, "q", 1, 60*time.Second)
	w.must(acd.KindOwnCall, func(tx *acd.Tx) error { return tx.OwnCall("a1", 1) })
	w.learn()
	w.after(8 * time.Minute)
	w.must(acd.KindOwnCall, func(tx *acd.Tx) error { return tx.OwnCall("a1", -1) })
	w.learn()
	leg := w.call(acd.Queueing{Queue: "q"})
	w.ring()
	w.learn()
	w.after(2 * time.Minute)
	w.endOffer(leg, acd.OfferResult{Ending: acd.NoAnswer, MissLimit: 2})
	w.hangUp(leg, acd.Abandoned)
	w.learn()
	w.busy("q", 1)
	// 10 of 20 minutes were lost.
	e := w.estimated(w.waiting(1, "q"))
	if math.Abs(e.Capacity-.5) > .002 || e.Handling != time.Minute || e.Handled != 10 || math.Abs(e.Wait.Seconds()-120) > .5 {
		t.Errorf("%+v", e)
	}
}

// The same log teaches the same, however often and in whatever pieces it is told; an engine fed alike
// foretells alike.
func TestEstimatesAreDeterministic(t *testing.T) {
	t.Parallel()
	var first routing.Estimate
	for i := range 20 {
		agents := crew(7, skills("cardio", 1, "fr", 2))
		agents["b"] = skills("cardio", 1)
		agents["c"] = skills("fr", 1)
		w := newLearner(t, twoQueues(agents))
		w.login("a1", "a2", "a3")
		w.learn()
		w.handle(5, "q", 3, 77*time.Second)
		w.login("b", "c", "a4")
		w.busy("q", 5)
		w.busy("p", 1)
		w.waiting(3, "p")
		leg := w.waiting(5, "q")
		if i%2 == 1 {
			w.learn()
			image := w.view.Image()
			image.At = w.now
			w.hour.Reset(image)
			w.engine.Reset(image)
		}
		e := w.estimated(leg)
		if i == 0 {
			first = e
		}
		if e != first {
			t.Fatalf("%+v\n%+v", e, first)
		}
	}
}

// The range holds what a gamma distribution of its variance says, within 2 %.
func TestSpreadIsThatOfAGamma(t *testing.T) {
	t.Parallel()
	cdf := func(shape, x float64) float64 { // of mean 1, by Simpson's rule over y = t^shape, which has no pole
		const steps = 4000
		top := math.Pow(x*shape, shape)
		f := func(y float64) float64 { return math.Exp(-math.Pow(y, 1/shape)) }
		sum := f(0) + f(top)
		for i := 1; i < steps; i++ {
			sum += f(top*float64(i)/steps) * float64(2+2*(i%2))
		}
		return sum * top / steps / 3 / math.Gamma(shape+1)
	}
	for _, place := range []float64{1, 1.5, 2, 5, 20, 1000} {
		for _, confidence := range []float64{.5, .8, .9} {
			low, high := routing.Spread(place, .4, .45, confidence)
			shape := 1 / (.4/place + .45)
			if got := cdf(shape, high) - cdf(shape, low); math.Abs(got-confidence) > .02 {
				t.Errorf("place %g: %.3f to %.3f holds %.3f, want %.2f", place, low, high, got, confidence)
			}
		}
	}
}
