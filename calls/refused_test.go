package calls

import (
	"testing"

	"pgregory.net/rapid"

	"accueil/acd"
)

// TestRefusedCallerIsInTheQueuesFigures: whom a queue did not take ends in the figures of that queue and
// of his reason, though he never had a place.
func TestRefusedCallerIsInTheQueuesFigures(t *testing.T) {
	for _, why := range []acd.Refusal{acd.RefusedFull, acd.RefusedUnstaffed, acd.RefusedRatio} {
		rapid.Check(t, func(rt *rapid.T) {
			w := newWorld(rt)
			w.refuses = why
			w.give(evBegin{})
			w.m.now, w.m.out = w.now, nil
			w.m.hear(acd.HeardSilence{}) // the script asks for its queue, and hangs up
			for _, a := range w.m.out {
				w.carryOut(a)
			}
			l, ok := w.Leg("c1/1")
			if !ok || l.End == nil || l.End.Outcome != acd.Dissuaded {
				t.Fatalf("ended %+v", l)
			}
			if l.FirstQueue != "rdv" || l.Reason != "rdv" || !l.Enqueued.Never() || l.Queue != "" {
				t.Errorf("%s: in the figures of queue %q and reason %q: %+v", why, l.FirstQueue, l.Reason, l)
			}
		})
	}
}
