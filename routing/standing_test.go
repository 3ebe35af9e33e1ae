package routing_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

func (l *learner) stands(leg acd.LegID) (acd.Standing, bool) {
	return l.engine.Standing(leg, l.now, &l.hour)
}

// unsaid expects that nothing is said of where the leg stands.
func (l *learner) unsaid(when string, leg acd.LegID) {
	l.t.Helper()
	if s, ok := l.stands(leg); ok {
		l.t.Errorf("%s: %+v", when, s)
	}
}

// C24, as it is told to the caller.
func TestStanding(t *testing.T) {
	t.Parallel()
	w := newLearner(t, oneQueue(crew(4, routing.Member{}), routing.Step{}))
	w.unsaid("no such leg", "nobody/1")
	lonely := w.waiting(1, "q")
	w.unsaid("nobody at work", lonely)
	w.login("a1", "a2", "a3", "a4")
	w.learn()
	if s, ok := w.stands(lonely); !ok || s != (acd.Standing{Place: 1, Wait: acd.UnknownWait}) {
		t.Errorf("before anything was handled: %+v, %t", s, ok)
	}
	if _, ok := w.engine.Pick(w.now); !ok {
		t.Fatal("nobody was chosen")
	}
	w.unsaid("an agent is chosen", lonely)

	w = newLearner(t, oneQueue(crew(4, routing.Member{}), routing.Step{}))
	w.login("a1", "a2", "a3", "a4")
	w.handle(3, "q", 4, 150*time.Second)
	w.busy("q", 4)
	sixth := w.waiting(6, "q")
	if s, ok := w.stands(sixth); !ok || s != (acd.Standing{Place: 6, Wait: 225 * time.Second}) {
		t.Errorf("the sixth: %+v, %t", s, ok)
	}
	w.must(acd.KindEntryClosure, func(tx *acd.Tx) error { tx.PauseQueue("q", true, "", "sup"); return nil })
	w.unsaid("the queue is paused", sixth)
}

// A contact in front that others may take as well counts whole in the place, which is in no case too
// good.
func TestPlaceOverQueues(t *testing.T) {
	t.Parallel()
	rules := oneQueue(crew(2, routing.Member{}), routing.Step{})
	rules.Skills = append(rules.Skills, "it")
	rules.Agents["a1"] = routing.Member{Skills: map[acd.SkillID]int{"it": 5}}
	rules.Queues["it"] = routing.Queue{Steps: []routing.Step{{Require: "it >= 5"}}, WhenUnstaffed: routing.UnstaffedWait, Fallback: "voicemail"}
	w := newLearner(t, rules)
	w.login("a1", "a2")
	w.busy("q", 2)
	w.waiting(1, "q") // half of it falls to a1
	only := w.waiting(1, "it")
	if s, ok := w.stands(only); !ok || s.Place != 2 {
		t.Errorf("%+v, %t", s, ok)
	}
}
