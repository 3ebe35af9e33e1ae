package calls

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// TestHoldIsAskedOfTheReason: a reason with a hold has the caller kept until its end, counted from his
// first place, in whichever queue.
func TestHoldIsAskedOfTheReason(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		w.hold = 15 * time.Second
		w.give(evBegin{})
		w.m.hear(acd.HeardSilence{}) // the script asks for its queue
		first := enqueued(t, w)
		if want := w.now.Add(w.hold); first.Hold != want {
			t.Fatalf("kept until %d, want %d", first.Hold, want)
		}
		w.carryOut(first)
		since := w.now
		w.now = w.now.Add(10 * time.Second)
		w.m.now, w.m.out = w.now, nil
		w.m.hear(acd.HeardKey{Key: '0'}) // another queue
		if again := enqueued(t, w); again.Hold != since.Add(w.hold) {
			t.Fatalf("in another queue kept until %d, want %d", again.Hold, since.Add(w.hold))
		}
		w.hold, w.m.out = 0, nil
		w.m.hear(acd.HeardKey{Key: '0'})
		if none := enqueued(t, w); !none.Hold.Never() {
			t.Fatalf("a reason without a hold keeps its callers until %d", none.Hold)
		}
	})
}

func enqueued(t *testing.T, w *world) doEnqueue {
	t.Helper()
	for _, a := range w.m.out {
		if e, ok := a.(doEnqueue); ok {
			return e
		}
	}
	t.Fatal("no place was asked for")
	return doEnqueue{}
}

// TestSearchForAnAcquaintanceIsBounded: whoever is found in time is preferred, as often as the caller
// asks for a queue; nobody waits for a store that does not answer.
func TestSearchForAnAcquaintanceIsBounded(t *testing.T) {
	begun, answer := make(chan struct{}), make(chan struct{})
	c := &Controller{ctx: t.Context()}
	c.opt.Acquaintances = func(context.Context, acd.ContactID, acd.TrunkID) map[acd.ReasonID]acd.AgentID {
		close(begun)
		<-answer
		return map[acd.ReasonID]acd.AgentID{"rdv": "a01"}
	}
	a := &actor{c: c, m: &machine{contact: "c1"}}
	c.acquaint(a, "operateur")
	<-begun
	start := time.Now()
	if who := a.acquainted(t.Context(), "rdv"); who != "" {
		t.Errorf("known before it was found out: %s", who)
	}
	if took := time.Since(start); took > acquaintLimit {
		t.Errorf("the caller waited %v", took)
	}
	close(answer)
	c.wg.Wait()
	for range 2 {
		if who := a.acquainted(t.Context(), "rdv"); who != "a01" {
			t.Errorf("found %q, want a01", who)
		}
	}
	if who := a.acquainted(t.Context(), "resultats"); who != "" {
		t.Errorf("for another reason: %s", who)
	}
	if who := (&actor{}).acquainted(t.Context(), "rdv"); who != "" {
		t.Errorf("without a memory: %s", who)
	}
}
