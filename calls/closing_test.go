package calls

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// closingWorld has a queue that closes in 20 s, with a last call 10 s before, and serves who waits for
// 15 s more.
func closingWorld(t *rapid.T) (w *world, closes, due acd.Instant) {
	w = newWorld(t)
	w.closes, w.lastCall, w.keep = w.now.Add(20*time.Second), 10*time.Second, 15*time.Second
	w.give(evBegin{})
	return w, w.closes, w.closes.Add(w.keep)
}

func (w *world) until(at acd.Instant) {
	for w.now < at {
		w.pass(at.Sub(w.now))
		w.playOut()
	}
}

func (w *world) heardClosing() int { return w.m.script.(*testScript).closing }

// TestLastCall: before the last call a caller gets his place; at closing time he hears so, and is served
// for a while; then the queue gives him up as closed.
func TestLastCall(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, closes, due := closingWorld(rt)
		w.give(evKey{"caller", '1'})
		w.settle()
		if l := w.m.legImage(); l.State != acd.LegQueued || l.Due != due {
			rt.Fatalf("his timer is not in the leg: %+v, want due %d", l, due)
		}
		w.until(closes.Add(-time.Millisecond))
		if w.heardClosing() != 0 {
			rt.Fatal("closing time came early")
		}
		w.until(closes)
		if l := w.m.legImage(); w.heardClosing() != 1 || l.State != acd.LegQueued {
			rt.Fatalf("at closing time: told %d times, %+v", w.heardClosing(), l)
		}
		w.until(due.Add(-time.Millisecond))
		if l := w.m.legImage(); l.State != acd.LegQueued {
			rt.Fatalf("given up early: %+v", l)
		}
		w.until(due)
		if l := w.m.legImage(); l.End == nil || l.End.Reason != string(acd.RefusedClosed) || l.End.Phase != acd.LegMenu || l.Enqueued.Never() {
			rt.Fatalf("after that: %+v", l)
		}
	})
}

// TestLastCallRefusesNewCallers: from the last call on nobody new gets a place.
func TestLastCallRefusesNewCallers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, closes, _ := closingWorld(rt)
		w.now = closes.Add(-w.lastCall)
		w.give(evKey{"caller", '1'})
		w.settle()
		if l := w.m.legImage(); l.End == nil || l.End.Reason != string(acd.RefusedClosed) || !l.Enqueued.Never() || l.FirstQueue != "rdv" {
			rt.Fatalf("%+v", l)
		}
	})
}

// TestAgentAtTheLastMinute: an agent who is found in the last moment gets the caller, though the time
// ends while his phone rings; when he does not answer, it is over.
func TestAgentAtTheLastMinute(t *testing.T) {
	for _, answers := range []bool{true, false} {
		met := 0
		rapid.Check(t, func(rt *rapid.T) {
			w, _, due := closingWorld(rt)
			w.give(evKey{"caller", '1'})
			w.settle()
			w.until(due.Add(-time.Second))
			w.claim()
			w.settle()
			if len(w.ringing()) == 0 {
				return // his phone cannot be reached in this life
			}
			w.until(due.Add(time.Second))
			ring := w.ringing()
			if len(ring) != 1 || w.m.phase != ringing {
				rt.Fatalf("the ring was broken off: %v in %s", ring, w.m.phase)
			}
			met++
			if !answers {
				w.kill(ring[0], evGone{Channel: ring[0], Ending: acd.NoAnswer})
				w.settle()
				if l := w.m.legImage(); l.End == nil || l.End.Reason != string(acd.RefusedClosed) {
					rt.Fatalf("no answer: %+v", l)
				}
				return
			}
			w.channels[ring[0]] = true
			w.give(evUp{ring[0]})
			w.give(evKey{ring[0], '1'})
			w.playOut()
			if l := w.m.legImage(); l.End != nil || w.m.phase == inMenu || w.m.phase == inQueue {
				rt.Fatalf("answered: %s, %+v", w.m.phase, l)
			}
		})
		if met == 0 {
			t.Error("no phone rang at the end")
		}
	}
}

// TestClosingAndTheEmergencyKey: who presses 9 after closing time has kept his place, and his time.
func TestClosingAndTheEmergencyKey(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, closes, due := closingWorld(rt)
		w.give(evKey{"caller", '1'})
		w.settle()
		w.until(closes.Add(2 * time.Second))
		w.give(evKey{"caller", '9'})
		w.settle()
		if l := w.m.legImage(); l.State != acd.LegMenu {
			rt.Fatalf("%+v", l)
		}
		w.give(evKey{"caller", '*'})
		w.settle()
		if l := w.m.legImage(); l.State != acd.LegQueued || l.Due != due {
			rt.Fatalf("back: %+v, want due %d", l, due)
		}
	})
}

// TestClosingOverARestart: both instants are there again when another process takes the call up.
func TestClosingOverARestart(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, closes, due := closingWorld(rt)
		w.give(evKey{"caller", '1'})
		w.settle()
		leg := w.m.legImage()
		w.m = &machine{env: w.m.env, contact: "c1", leg: leg.ID, entry: "3000", script: &testScript{queued: true}, lang: "fr", caller: party{id: "caller", up: true}}
		w.now = w.now.Add(5 * time.Second)
		w.give(evRestored{Found{Leg: leg}})
		if w.m.deadlines[tMaxWait] != due || w.m.deadlines[tClosing] != closes {
			rt.Fatalf("taken up with %d and %d, want %d and %d", w.m.deadlines[tMaxWait], w.m.deadlines[tClosing], due, closes)
		}
		w.until(closes)
		if w.heardClosing() != 1 {
			rt.Fatal("closing time was forgotten")
		}
		w.until(due)
		if l := w.m.legImage(); l.End == nil || l.End.Reason != string(acd.RefusedClosed) {
			rt.Fatalf("%+v", l)
		}
	})
}

// TestOpensAgainMeanwhile: a queue that is open again when a caller's time is over keeps him to the limit
// of his wait.
func TestOpensAgainMeanwhile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, _, due := closingWorld(rt)
		w.give(evKey{"caller", '1'})
		w.settle()
		since := w.m.legImage().Enqueued
		w.until(due.Add(-time.Second))
		w.closes = 0
		w.until(due.Add(time.Second))
		if l := w.m.legImage(); l.State != acd.LegQueued || w.m.deadlines[tMaxWait] != since.Add(time.Minute) {
			rt.Fatalf("given up though it is open: %+v until %d", l, w.m.deadlines[tMaxWait])
		}
		w.until(since.Add(time.Minute))
		if l := w.m.legImage(); l.End == nil || l.End.Reason != string(acd.RefusedMaxWait) {
			rt.Fatalf("%+v", l)
		}
	})
}

// TestEntryClosedUntil: an entry that a person has closed says so to callers, and until when where that
// is known; afterwards it is open by itself.
func TestEntryClosedUntil(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		for _, late := range []bool{false, true} {
			w := newWorld(rt)
			script := &notingScript{Script: w.m.script}
			w.m.script = script
			until := w.now.Add(time.Hour)
			w.must(acd.KindEntryClosure, func(tx *acd.Tx) error { tx.CloseUntil("3000", until, "chef"); return nil })
			if late {
				w.now = until
			}
			w.give(evBegin{})
			_, refused := script.first.(acd.HeardRefused)
			if refused == late || script.scene.Reopens.IsZero() != late || !late && !script.scene.Reopens.Equal(until.Time()) {
				rt.Fatalf("late %v: heard %#v, reopens %v", late, script.first, script.scene.Reopens)
			}
		}
	})
}

// TestAQueueThatCannotBeAsked: who waits and asks for another queue in vain keeps his place, and his time.
func TestAQueueThatCannotBeAsked(t *testing.T) {
	for _, err := range []error{acd.ErrUnavailable, acd.ErrFull} {
		rapid.Check(t, func(rt *rapid.T) {
			w, closes, due := closingWorld(rt)
			w.give(evKey{"caller", '1'})
			w.settle()
			w.m.script = patientScript{w.m.script}
			w.m.deadlines[tMaxWait], w.m.deadlines[tClosing] = w.now.Add(time.Hour), 0 // those of the other queue
			w.give(evEnqueued{Err: err})
			if l := w.m.legImage(); l.State != acd.LegQueued || w.m.deadlines[tMaxWait] != due || w.m.deadlines[tClosing] != closes {
				rt.Fatalf("%v: %s until %d and %d, want %d and %d", err, l.State, w.m.deadlines[tMaxWait], w.m.deadlines[tClosing], due, closes)
			}
		})
	}
}

// patientScript waits on whatever is refused.
type patientScript struct{ acd.Script }

func (s patientScript) Handle(in acd.Heard, at acd.Scene) []acd.Ask {
	if _, refused := in.(acd.HeardRefused); refused {
		return []acd.Ask{acd.AskWait{For: 20 * time.Second}}
	}
	return s.Script.Handle(in, at)
}

// notingScript keeps what its script hears first, and in which scene.
type notingScript struct {
	acd.Script
	first acd.Heard
	scene acd.Scene
}

func (s *notingScript) Handle(in acd.Heard, at acd.Scene) []acd.Ask {
	if s.first == nil {
		s.first, s.scene = in, at
	}
	return s.Script.Handle(in, at)
}
