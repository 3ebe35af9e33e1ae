package routing_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// TestPossibleIsWhenBothWereThere: what dispatch is timed from is the last of the things that kept
// leg and agent apart, not the moment at which the engine was asked.
func TestPossibleIsWhenBothWereThere(t *testing.T) {
	t.Parallel()
	rules := oneQueue(members{"A": skills("level", 8), "B": skills("level", 3)},
		routing.Step{Require: "level >= 6"}, routing.Step{After: 30 * time.Second, Require: "level >= 1"})
	const late = 7 * time.Millisecond // the engine is asked so long after
	for name, tc := range map[string]func(w *world) acd.Instant{
		"the agent came last": func(w *world) acd.Instant {
			w.pause("B")
			w.call(acd.Queueing{Queue: "q"})
			w.after(time.Second)
			w.login("A")
			return w.now
		},
		"the contact came last": func(w *world) acd.Instant {
			w.login("A")
			w.after(time.Second)
			w.call(acd.Queueing{Queue: "q"})
			return w.now
		},
		"the step opened last": func(w *world) acd.Instant {
			w.login("A")
			w.pause("A")
			w.call(acd.Queueing{Queue: "q"})
			from := w.now
			w.after(30 * time.Second)
			return from.Add(30 * time.Second)
		},
		"the step is skipped": func(w *world) acd.Instant {
			w.call(acd.Queueing{Queue: "q"})
			return w.now
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rules)
			w.login("B")
			want := tc(w)
			w.after(late)
			c, ok := w.engine.Pick(w.now)
			if !ok || c.Decision.Possible != want {
				t.Errorf("possible %d, want %d (asked at %d, choice %t)", c.Decision.Possible, want, w.now, ok)
			}
		})
	}
}

func TestPossibleIsTheEndOfAnExclusion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneQueue(members{"A": skills("level", 8)}, routing.Step{}))
	w.login("A")
	leg := w.call(acd.Queueing{Queue: "q"})
	w.rings("A")
	w.endOffer(leg, acd.OfferResult{Ending: acd.Refused})
	want := w.now.Add(acd.ExcludeAfterRefusal)
	w.after(acd.ExcludeAfterRefusal + time.Second)
	c, ok := w.engine.Pick(w.now)
	if !ok || c.Decision.Possible != want {
		t.Errorf("possible %d, want %d (choice %t)", c.Decision.Possible, want, ok)
	}
}
