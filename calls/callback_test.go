package calls

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// owing is a world whose contact has left the queue for a callback: its leg waits in the log, and the
// machine has just been made for it.
func owing(t *rapid.T, rules Callbacks) *world {
	w := newWorld(t)
	w.rules = rules
	leg := w.m.leg
	w.must(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(leg) })
	w.must(acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(leg, acd.Queueing{Queue: "rdv", Reason: "r"}) })
	w.now += 120_000
	w.must(acd.KindEnded, func(tx *acd.Tx) error {
		_, err := tx.TakeCallback(leg, acd.Queueing{Queue: "rdv", Reason: "r"}, acd.Callback{Until: tx.At().Add(24 * time.Hour)})
		return err
	})
	delete(w.channels, "caller")
	w.events = nil
	w.m = &machine{env: w.m.env, contact: w.m.contact, leg: leg.Next(), entry: "3000", script: &testScript{}, lang: "fr", phase: inQueue, owed: true}
	return w
}

// TestNothingIsLeftOfACallback: random lives of a callback, with agents who leave at any moment and
// people who answer, hang up, or are machines. Whatever happens, the leg has one end, its agent is free,
// and no channel is left.
func TestNothingIsLeftOfACallback(t *testing.T) {
	t.Parallel()
	for range 10 { // a hundred lives each
		rapid.Check(t, aCallback)
	}
}

func aCallback(rt *rapid.T) {
	w := owing(rt, Callbacks{Attempts: rapid.IntRange(1, 4).Draw(rt, "attempts"), Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second,
		Confirm: rapid.Bool().Draw(rt, "confirm")})
	w.deaf = rapid.IntRange(0, 9).Draw(rt, "deaf") == 0
	for range rapid.IntRange(5, 60).Draw(rt, "steps") {
		if w.finished {
			break
		}
		w.randomStep()
		w.checkWaits()
	}
	// In the end everybody goes, and whoever is still owed a call says that he no longer wants it.
	for range 400 {
		if w.finished && len(w.events) == 0 {
			break
		}
		for _, ch := range w.ours() {
			w.kill(ch, evGone{Channel: ch, Ending: acd.NoAnswer})
		}
		if l, ok := w.view.Leg(w.m.leg); ok && l.State == acd.LegCallback {
			_ = w.write(acd.KindEnded, func(tx *acd.Tx) error {
				return tx.EndCallback(l.ID, acd.CallbackWithdrawn, acd.BySupervisor)
			})
		}
		w.deliver(0)
		w.pass(time.Second)
	}
	w.checkEnd()
}

// calledBack plays the world up to the moment at which the person's phone rings, and returns his channel.
func calledBack(rt *rapid.T, w *world) string {
	w.claim()
	w.settle()
	agent := agentChannel(w.m.leg, 1)
	if _, rings := w.channels[agent]; !rings {
		rt.Skip("the agent's phone could not be rung")
	}
	w.channels[agent] = true
	w.give(evUp{agent})
	w.give(evKey{agent, '1'}) // accepted, where that is asked
	for range 20 {
		w.playOut()
		w.pass(100 * time.Millisecond)
		w.settle()
		if w.m.phase == calling {
			break
		}
	}
	for _, ch := range w.ringing() {
		if strings.HasPrefix(ch, "acc.") {
			return ch
		}
	}
	rt.Skip("the person's phone could not be rung")
	return ""
}

// What answers and presses nothing is a machine: it has heard that somebody calls, and nothing else.
func TestAMachineHearsNothingOfHealth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := owing(rt, Callbacks{Attempts: 2, Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second, Confirm: true})
		person := calledBack(rt, w)
		w.channels[person] = true
		w.give(evUp{person})
		for range 40 {
			for id, on := range w.playing {
				if on == person {
					delete(w.playing, id)
					w.give(evPlayed{Playback: id})
				}
			}
			w.pass(time.Second)
			if b := w.bridges[w.m.bridge]; slices.Contains(b, person) {
				rt.Fatal("the agent talks to a machine")
			}
			if w.m.missed != "" {
				break
			}
		}
		if w.m.missed != acd.AttemptMachine {
			rt.Fatalf("the attempt ended as %q", w.m.missed)
		}
		if _, there := w.channels[person]; there {
			rt.Fatal("the machine was not hung up")
		}
		w.settle()
		w.playOut()
		w.pass(time.Minute)
		l, _ := w.view.Leg(w.m.leg)
		if l.State != acd.LegCallback || len(l.Callback.Attempts) != 1 || l.Callback.NotBefore <= l.Callback.Attempts[0].At {
			rt.Fatalf("%+v %+v", l, l.Callback)
		}
		if a, _ := w.view.Agent(testAgent); a.State != acd.AgentReady || a.Misses != 0 {
			rt.Fatalf("the agent %+v", a)
		}
	})
}

// Who presses a key is a person: he and the agent meet, and it is a call like any other from then on.
func TestAPersonIsReached(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := owing(rt, Callbacks{Attempts: 2, Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second, Confirm: rapid.Bool().Draw(rt, "confirm")})
		person := calledBack(rt, w)
		w.channels[person] = true
		w.give(evUp{person})
		w.give(evKey{person, '1'})
		for range 5 { // a join that was not kept is noticed when its time is over
			w.settle()
			w.pass(time.Second)
		}
		l, _ := w.view.Leg(w.m.leg)
		if l.Callback.Reached.Never() || l.Channel != person {
			rt.Fatalf("%+v %+v", l, l.Callback)
		}
		switch l.State {
		case acd.LegTalking:
			if l.TimeToHuman(w.now) < 120_000 {
				rt.Errorf("after %d ms", l.TimeToHuman(w.now))
			}
		case acd.LegQueued, acd.LegOffered: // the two could not be joined: he waits on the line
			if w.m.owed || !w.m.caller.up {
				rt.Error("he is on the line, and nobody knows")
			}
		default:
			rt.Errorf("it is %s", l.State)
		}
	})
}
