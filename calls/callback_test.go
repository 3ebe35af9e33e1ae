package calls

import (
	"context"
	"errors"
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
		_, err := tx.TakeCallback(leg, acd.Queueing{Queue: "rdv", Reason: "r"}, acd.Callback{Until: tx.At().Add(24 * time.Hour)}, acd.End{Outcome: acd.CalledBack})
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

// Nobody is called at night: an offer that comes then is given back, and the next is not made before the
// morning. An agent who asks for the person himself calls him all the same.
func TestNobodyIsCalledAtNight(t *testing.T) {
	t.Parallel()
	for _, asked := range []bool{false, true} {
		rapid.Check(t, func(rt *rapid.T) {
			w := owing(rt, Callbacks{Attempts: 2, Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second})
			morning := w.now.Add(8 * time.Hour)
			w.rules.Open = func(acd.Instant) acd.Instant { return morning }
			if asked {
				w.must(acd.KindMoved, func(tx *acd.Tx) error { return tx.Push(w.m.leg, testAgent, time.Minute, "a01") })
			}
			w.claim()
			if l, _ := w.view.Leg(w.m.leg); l.State != acd.LegOffered {
				rt.Fatalf("nobody was offered it: %s", l.State)
			}
			for len(w.events) > 0 && w.m.phase == inQueue {
				w.deliver(0)
			}
			if asked {
				if w.m.phase != ringing {
					rt.Fatalf("who asked for him is not rung: %s", w.m.phase)
				}
				return
			}
			if ours := w.ours(); len(ours) > 0 || w.m.phase != inQueue {
				rt.Fatalf("at night there are %v, in %s", ours, w.m.phase)
			}
			l, _ := w.view.Leg(w.m.leg)
			if l.State != acd.LegCallback || l.Callback.NotBefore != morning || len(l.Callback.Attempts) != 0 {
				rt.Fatalf("%+v %+v", l, l.Callback)
			}
			if a, _ := w.view.Agent(testAgent); a.State != acd.AgentReady || a.Misses != 0 {
				rt.Fatalf("the agent %+v", a)
			}
		})
	}
}

// Who wants to wait at the place that is kept for him, and gets none, keeps his callback.
func TestWhoGetsNoPlaceKeepsHisCallback(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		owed := acd.ContactID("c9").Leg(2)
		w.must(acd.KindCallback, func(tx *acd.Tx) error {
			return tx.OpenCallback(acd.Leg{ID: owed, Node: "n1", Entry: "3000", Previous: owed.Contact().Leg(1), AgeFrom: 400_000},
				acd.Queueing{Queue: "rdv"}, acd.Callback{Until: w.now.Add(time.Hour)})
		})
		w.give(evBegin{})
		w.m.past.Callback, w.m.now, w.m.out = owed, w.now, nil
		w.m.askQueue(acd.AskQueue{Reason: "rdv", Resume: true})
		var wish doEnqueue
		for _, a := range w.m.out {
			switch a := a.(type) {
			case doEnqueue:
				wish = a
			case doRecord:
				w.Record(a.Kind, a.Build)
			}
		}
		if l, _ := w.view.Leg(owed); l.State != acd.LegCallback {
			rt.Fatalf("before he has a place his callback is %s", l.State)
		}
		if full := rapid.Bool().Draw(rt, "full"); full {
			w.give(evEnqueued{Err: acd.ErrFull})
			if l, _ := w.view.Leg(owed); l.State != acd.LegCallback {
				rt.Fatalf("without a place his callback is %s", l.State)
			}
			return
		}
		w.carryOut(wish)
		l, _ := w.view.Leg(owed)
		if l.Live() || l.End.Reason != acd.CallbackResumed {
			rt.Fatalf("he waits, and is called back too: %+v", l)
		}
		if l, _ := w.view.Leg(w.m.leg); l.State != acd.LegQueued || l.WaitsFrom() != 400_000 {
			rt.Fatalf("%s since %d", l.State, l.WaitsFrom())
		}
	})
}

// storeAway is a book that knows nobody while the store is away.
type storeAway struct{ *world }

func (storeAway) Personal(context.Context, acd.ContactID) (acd.Personal, bool, error) {
	return acd.Personal{}, false, errors.New("the store is away")
}

// dialled is a telephony that notes whom it rings.
type dialled struct {
	Telephony
	endpoint string
}

func (d *dialled) Ring(_ context.Context, o Origination) error { d.endpoint = o.Endpoint; return nil }

// outwardOnly is a plan by which nothing but numbers can be rung.
type outwardOnly struct{ *world }

func (p outwardOnly) Outward(number string) (Endpoint, bool) {
	end, _ := p.world.Outward(number)
	return end, number != ""
}

// While the store is away the number is taken from where else it is kept. That nobody can tell it now is
// another thing than that there is none: only the second is an attempt.
func TestACallbackOutlivesTheStore(t *testing.T) {
	t.Parallel()
	away := errors.New("the database is away")
	for name, c := range map[string]struct {
		store  func(*world) Book
		owed   func(context.Context, acd.Leg) (string, error)
		rings  string
		failed bool // it is an attempt
	}{
		"kept elsewhere too":      {storeIsAway, tells("0123456789", nil), "PJSIP/0123456789@operateur", false},
		"the database is away":    {storeIsAway, tells("", away), "", false},
		"it is kept nowhere else": {storeIsAway, nil, "", false},
		"forgotten, and away":     {func(w *world) Book { return w }, tells("", away), "", false},
		"he has none":             {func(w *world) Book { return w }, tells("", nil), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				w, phone := newWorld(rt), &dialled{}
				a := &actor{m: w.m, c: &Controller{opt: Options{Book: c.store(w), Plan: outwardOnly{w}, Telephony: phone, Owed: c.owed}}}
				err := a.call(t.Context(), doCall{Channel: "x"})
				if phone.endpoint != c.rings || (err == nil) != (c.rings != "") || errors.Is(err, ErrNotCallable) != c.failed {
					rt.Fatalf("rung: %q, %v", phone.endpoint, err)
				}
			})
		})
	}
}

func storeIsAway(w *world) Book { return storeAway{w} }

func tells(number string, err error) func(context.Context, acd.Leg) (string, error) {
	return func(context.Context, acd.Leg) (string, error) { return number, err }
}

// An outage uses up no attempt of what was promised: nobody was dialled. The callback waits for its next
// turn, in the hours, and its agent is free. A number that leads nowhere was tried.
func TestAnOutageUsesUpNoAttempt(t *testing.T) {
	t.Parallel()
	fault := func(err error) func(*world, string) {
		return func(w *world, person string) {
			delete(w.channels, person)
			w.give(evFault{Action: doCall{Channel: person}, Err: err})
		}
	}
	ends := func(how acd.Ending) func(*world, string) {
		return func(w *world, person string) { w.kill(person, evGone{Channel: person, Ending: how}) }
	}
	for name, c := range map[string]struct {
		what     func(*world, string)
		attempts int
	}{
		"store and database are away":    {fault(acd.ErrUnavailable), 0},
		"the trunk is down":              {fault(ErrUnreachable), 0},
		"Asterisk refuses":               {fault(errBusy), 0},
		"the network carries nothing":    {ends(acd.OfferFailed), 0},
		"the number must not be rung":    {fault(ErrNotCallable), 1},
		"the operator knows it not":      {ends(acd.AgentGone), 1},
		"he is on the telephone already": {ends(acd.Busy), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				w := owing(rt, Callbacks{Attempts: 1, Gap: 30 * time.Minute, Keep: 168 * time.Hour, Ring: 20 * time.Second})
				opens := rapid.SampledFrom([]acd.Instant{0, w.now.Add(2 * time.Hour)}).Draw(rt, "opens")
				person := calledBack(rt, w)
				w.rules.Open = func(at acd.Instant) acd.Instant { return max(at, opens) }
				before := w.now
				c.what(w, person)
				for range 10 {
					w.settle()
					w.said()
					w.pass(time.Second)
				}
				l, _ := w.view.Leg(w.m.leg)
				if len(l.Callback.Attempts) != c.attempts || l.Live() != (c.attempts == 0) {
					rt.Fatalf("%s after %d attempts", l.State, len(l.Callback.Attempts))
				}
				if l.Live() && (l.State != acd.LegCallback || l.Callback.NotBefore < max(opens, before.Add(w.rules.Gap)) || l.Callback.NotBefore >= l.Callback.Until) {
					rt.Fatalf("%+v %+v", l, l.Callback)
				}
				if a, _ := w.view.Agent(testAgent); a.State != acd.AgentReady || a.Misses != 0 {
					rt.Fatalf("the agent %+v", a)
				}
				if len(w.ours()) > 0 {
					rt.Fatalf("there are %v", w.ours())
				}
			})
		})
	}
}

// Who is called back and then waits may be called elsewhere, by the same bounds as any caller.
func TestKeyedNumbersAreBoundedForWhoIsCalledBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w, from := newWorld(rt), ""
		a := &actor{m: w.m, c: &Controller{opt: Options{Book: storeAway{w}, Plan: w, Telephony: &dialled{}, Owed: tells("0123456789", nil),
			Surroundings: Surroundings{Keyed: func(_ acd.TrunkID, number string) func(string) bool {
				from = number
				return func(string) bool { return false }
			}}}}}
		if err := a.call(t.Context(), doCall{Channel: "x"}); err != nil || from != "0123456789" || w.m.mayKey == nil || w.m.mayKey("06") {
			rt.Fatalf("nobody is asked: %v", err)
		}
	})
}

// The log tells of an offer, and so may the end of the contact's own call: it is led once.
func TestACallbackIsLedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		first := &actor{m: w.m}
		c := &Controller{contacts: map[acd.ContactID]*actor{w.m.contact: first}}
		c.start(&machine{contact: w.m.contact, owed: true}, evLog{})
		if c.contacts[w.m.contact] != first {
			rt.Fatal("a second one leads it")
		}
	})
}

// Who says his message again has left what he said last, however long the first takes to be put away.
func TestTheLastMessageCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		said := Taken{Length: 8 * time.Second, Said: 6 * time.Second}
		w.m.now, w.m.phase = w.now, inMessage
		w.m.takes = map[string]taking{"first": {since: w.now.Add(-time.Minute), lasted: 8 * time.Second}, "last": {since: w.now, lasted: 8 * time.Second}}
		order := rapid.Permutation([]string{"first", "last"}).Draw(rt, "order")
		for _, id := range order {
			w.m.taken(evTaken{Recording: id, Taken: said})
		}
		if w.m.message != "last" {
			rt.Fatalf("after %v he has left %q", order, w.m.message)
		}
		if !slices.ContainsFunc(w.m.out, func(a Action) bool { d, ok := a.(doDrop); return ok && d.Recording == "first" }) {
			rt.Fatal("the first is kept for ever")
		}
	})
}

// The number of a relay is everybody's who calls through it: it tells of no callback, and none is offered
// there. After a restart too: what is known of a number is looked for by it.
func TestARelayIsNobodysNumber(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		c := &Controller{opt: Options{Plan: w, Surroundings: Surroundings{
			Kind: func(_ acd.EntryID, _ acd.TrunkID, number string) acd.CallerKind {
				if number == "0800112233" {
					return acd.CallerRelay
				}
				return acd.CallerPatient
			},
			Past: func(acd.TrunkID, string) Past { return Past{Callback: "c9/2", Queue: "rdv"} },
		}}}
		c.remember(w.m, "0800112233")
		if w.m.kind != acd.CallerRelay || w.m.callable || w.m.past != (Past{}) {
			rt.Fatalf("through a relay: %s, callable %t, %+v", w.m.kind, w.m.callable, w.m.past)
		}
		c.remember(w.m, "0612345678")
		if w.m.kind != acd.CallerPatient || !w.m.callable || w.m.past.Callback == "" {
			rt.Fatalf("by himself: %s, callable %t, %+v", w.m.kind, w.m.callable, w.m.past)
		}
	})
}

// An agent who has reached nobody hears whether another attempt follows; what he hears is what happens.
func TestWhoReachedNobodyHearsWhatFollows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := owing(rt, Callbacks{Attempts: rapid.IntRange(1, 2).Draw(rt, "attempts"), Gap: time.Duration(rapid.IntRange(1, 48).Draw(rt, "gap")) * time.Hour, Keep: time.Hour, Ring: 20 * time.Second})
		person := calledBack(rt, w)
		words := w.m.unreachedWords()
		w.kill(person, evGone{Channel: person, Ending: acd.Busy})
		w.settle()
		w.said()
		w.pass(time.Minute)
		l, _ := w.view.Leg(w.m.leg)
		if l.Live() != (words == "sys.callback_unreached") || len(l.Callback.Attempts) != 1 {
			rt.Fatalf("he hears %s, and the callback is %s after %d attempts", words, l.State, len(l.Callback.Attempts))
		}
	})
}
