package calls

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// agreeing is a caller's walk in which he agrees to a callback with his first key, and may think of
// something else during the last words: key 9 is the instruction, after which silence leads to a human.
type agreeing struct {
	testScript
	human     acd.QueueID // where silence after the instruction leads
	number    *acd.Keyed
	emergency bool
}

func (s *agreeing) Handle(in acd.Heard, _ acd.Scene) []acd.Ask {
	say := acd.AskSay{Prompts: []acd.Prompt{{ID: "words"}}}
	listen := acd.AskListen{For: 10 * time.Second}
	switch in := in.(type) {
	case acd.HeardKey:
		switch {
		case in.Key == '9':
			s.emergency = true
			return []acd.Ask{acd.AskFlag{}, say, listen}
		case s.emergency:
			return nil
		}
		return []acd.Ask{acd.AskCallback{Reason: "rdv", Queue: "rdv", Number: s.number, Else: "autre"}, say}
	case acd.HeardSilence:
		if s.emergency {
			s.emergency = false
			return []acd.Ask{acd.AskQueue{Queue: s.human}}
		}
	case acd.HeardQueued:
		return []acd.Ask{acd.AskWait{For: time.Minute}}
	case acd.HeardSaid:
		if !s.emergency {
			return []acd.Ask{acd.AskHangup{Outcome: acd.CalledBack, Reason: acd.CallbackChosen}}
		}
		return nil
	case acd.HeardGone:
		if s.emergency {
			return []acd.Ask{acd.AskHangup{Outcome: acd.Emergency, Reason: "key_9"}}
		}
	}
	return []acd.Ask{say, listen}
}

// talksTo plays the world until the caller talks with the agent whom the log gives him.
func (w *world) talksTo(rt *rapid.T) {
	w.claim()
	w.settle()
	agent := agentChannel(w.m.leg, 1)
	if _, rings := w.channels[agent]; !rings {
		rt.Skip("the agent's phone could not be rung")
	}
	w.channels[agent] = true
	w.give(evUp{agent})
	w.give(evKey{agent, '1'})
	for range 20 {
		w.said()
		w.pass(100 * time.Millisecond)
		w.settle()
		if w.m.phase == talking {
			return
		}
	}
	rt.Skip("the two could not be joined")
}

// said ends every playback well.
func (w *world) said() {
	for _, id := range slices.Sorted(maps.Keys(w.playing)) {
		delete(w.playing, id)
		w.events = append(w.events, evPlayed{Playback: id})
	}
	w.settle()
}

// Who has agreed to be called back is called back, whatever he does then: unless somebody of that queue
// talks with him in the same call. Each leg has one outcome, the emergency among them.
func TestWhatWasAgreedIsKept(t *testing.T) {
	t.Parallel()
	emergency := func(w *world) {
		w.give(evKey{"caller", '9'})
		w.settle()
	}
	human := func(w *world) {
		emergency(w)
		w.said()
		w.pass(10 * time.Second)
		w.settle()
	}
	gone := func(w *world) { w.kill("caller", evGone{Channel: "caller"}); w.settle() }
	for name, c := range map[string]struct {
		human   acd.QueueID
		then    func(*rapid.T, *world)
		outcome acd.Outcome
		owed    bool
	}{
		"he hangs up in the last words":            {"", func(_ *rapid.T, w *world) { gone(w) }, acd.CalledBack, true},
		"he hears them":                            {"", func(_ *rapid.T, w *world) { w.said(); w.settle() }, acd.CalledBack, true},
		"he hangs up in the emergency instruction": {"", func(_ *rapid.T, w *world) { emergency(w); gone(w) }, acd.Emergency, true},
		"he waits for a human then, and hangs up":  {"accueil", func(_ *rapid.T, w *world) { human(w); gone(w) }, acd.CalledBack, true},
		"he talks about it at once":                {"rdv", func(rt *rapid.T, w *world) { human(w); w.talksTo(rt); gone(w) }, acd.Answered, false},
		"he talks about something else":            {"accueil", func(rt *rapid.T, w *world) { human(w); w.talksTo(rt); gone(w) }, acd.Answered, true},
		"the safety net takes him": {"", func(_ *rapid.T, w *world) {
			w.kill("caller", evGone{Channel: "caller", Net: true})
			w.settle()
		}, acd.CalledBack, true},
		"Asterisk dies": {"", func(_ *rapid.T, w *world) {
			w.kill("caller", evGone{Channel: "caller", Crash: true})
			w.settle()
		}, acd.CalledBack, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				w := newWorld(rt)
				w.rules = Callbacks{Attempts: 2, Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second}
				w.m.script = &agreeing{human: c.human}
				w.give(evBegin{})
				w.said()
				w.give(evKey{"caller", '1'})
				w.settle()
				first := w.m.leg
				if l, _ := w.view.Leg(first); l.Agreed == nil || l.Agreed.Queue != "rdv" || !l.Live() {
					rt.Fatalf("he has agreed, and the log has %+v", l)
				}
				c.then(rt, w)
				for range 10 {
					w.settle()
					w.pass(time.Second)
				}
				l, _ := w.view.Leg(first)
				if l.Live() || l.End.Outcome != c.outcome {
					rt.Fatalf("it ended as %+v", l.End)
				}
				back, there := w.view.Leg(first.Next())
				if there != c.owed || there && (back.State != acd.LegCallback || back.Queue != "rdv" || back.Reason != "rdv" || back.Previous != first) {
					rt.Fatalf("he is owed %+v", back)
				}
				if len(w.illegal) > 0 {
					rt.Fatalf("%q", w.illegal)
				}
			})
		})
	}
}

// changed is a site from which a reload has taken the queue away, or renamed it.
type changed struct {
	*world
	ways map[acd.ReasonID]acd.QueueID // where reasons lead now
	left []acd.QueueID                // queues that are still there
}

func (c changed) Way(r acd.ReasonID, q acd.QueueID, _ acd.Lang) (Way, bool) {
	if q == "" {
		q = c.ways[r]
	}
	return Way{Queueing: acd.Queueing{Queue: q, Reason: r}}, slices.Contains(c.left, q)
}

// A reload during the last words takes the queue away: the callback is kept where the reason leads now,
// where the queue sent whom it could not take, or by those who answer for everything.
func TestAReloadTakesNoCallbackAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ways map[acd.ReasonID]acd.QueueID
		left []acd.QueueID
		want acd.QueueID
	}{
		"nothing has changed":        {map[acd.ReasonID]acd.QueueID{"rdv": "rdv"}, []acd.QueueID{"rdv", "autre", "accueil"}, "rdv"},
		"the queue was renamed":      {map[acd.ReasonID]acd.QueueID{"rdv": "rendez-vous", "accueil": "accueil"}, []acd.QueueID{"rendez-vous", "autre", "accueil"}, "rendez-vous"},
		"queue and reason are gone":  {map[acd.ReasonID]acd.QueueID{"accueil": "accueil"}, []acd.QueueID{"autre", "accueil"}, "autre"},
		"its fallback is gone too":   {map[acd.ReasonID]acd.QueueID{"accueil": "accueil"}, []acd.QueueID{"accueil"}, "accueil"},
		"there is no queue any more": {nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				w := newWorld(rt)
				w.rules = Callbacks{Attempts: 2, Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second}
				w.m.script = &agreeing{}
				w.give(evBegin{})
				w.said()
				w.give(evKey{"caller", '1'})
				w.settle()
				w.m.env.plan = changed{w, c.ways, c.left}
				w.kill("caller", evGone{Channel: "caller"})
				w.settle()
				first, _ := w.view.Leg(w.m.leg)
				back, there := w.view.Leg(w.m.leg.Next())
				switch {
				case c.want == "":
					if there || first.End.Outcome != acd.Failed || first.Agreed != nil { // a missed call, and a task
						rt.Fatalf("%+v, then %+v", first.End, back)
					}
				case !there || back.Queue != c.want || first.End.Outcome != acd.CalledBack:
					rt.Fatalf("%+v, then in %q", first.End, back.Queue)
				}
			})
		})
	}
}

// The controller dies in the last words, and its caller hangs up before the next one looks: he is called
// back. One who is still there is promised it still, and asked nothing again.
func TestWhatWasAgreedOutlivesTheController(t *testing.T) {
	t.Parallel()
	for _, stays := range []bool{false, true} {
		s := newSurvivors()
		ch := s.caller("agreed", 30*time.Second, func(p *packed) { p.Phase, p.Node = "menu", "sys.agreed/rappel" })
		p, _ := unpackState(ch.State)
		s.Record(acd.KindArrived, func(tx *acd.Tx) error {
			if err := tx.Arrive(acd.Leg{ID: p.Leg.ID, Node: "n1", Channel: ch.ID, Entry: "3000", Lang: "fr"}); err != nil {
				return err
			}
			if err := tx.StartMenu(p.Leg.ID); err != nil {
				return err
			}
			return tx.Edit(p.Leg.ID, func(l *acd.Leg) { l.Agreed = &acd.Agreement{Queue: "rdv", Reason: "rdv"} })
		})
		if !stays {
			s.channels = nil
		}
		c := s.controller()
		r, err := c.Reconcile(t.Context())
		if err != nil || r.Ended+r.Adopted != 1 || (r.Adopted == 1) != stays {
			t.Fatalf("%+v, %v", r, err)
		}
		back, there := s.view.Leg(p.Leg.ID.Next())
		switch {
		case stays:
			if there {
				t.Errorf("he is still on the line, and has %+v", back)
			}
			if a := c.contact(p.Leg.ID.Contact()); a == nil || !a.m.scene().Agreed {
				t.Error("his scenario does not know that he has agreed")
			}
		case !there || back.State != acd.LegCallback || back.Queue != "rdv":
			t.Errorf("he is owed %+v", back)
		}
		c.Stop()
	}
}

// A reload takes the queue away while a callback waits in it: it waits on where its person would be called
// back now, at its place; one that an agent has is left to him.
func TestACallbackOutlivesItsQueue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		w.m = nil
		owed := acd.ContactID("c9").Leg(2)
		w.must(acd.KindCallback, func(tx *acd.Tx) error {
			return tx.OpenCallback(acd.Leg{ID: owed, Node: "n1", Entry: "3000", Previous: owed.Contact().Leg(1), AgeFrom: 400_000},
				acd.Queueing{Queue: "rdv", Reason: "rdv"}, acd.Callback{Until: w.now.Add(time.Hour)})
		})
		gone := changed{w, map[acd.ReasonID]acd.QueueID{"accueil": "accueil"}, []acd.QueueID{"accueil"}}
		c := &Controller{opt: Options{Node: "n1", Book: w, Plan: gone}, env: environment{book: w, plan: gone}, contacts: map[acd.ContactID]*actor{owed.Contact(): {}}}
		offered := rapid.Bool().Draw(rt, "offered")
		if offered {
			w.must(acd.KindClaimed, func(tx *acd.Tx) error {
				return tx.Claim(owed, acd.Offer{ID: "o1", Agent: testAgent, Due: w.now.Add(time.Minute)}, acd.Decision{}, acd.Lead{})
			})
		}
		c.tendCallbacks()
		want := acd.QueueID("accueil")
		if offered {
			want = "rdv"
		}
		if l, _ := w.view.Leg(owed); l.Queue != want || l.FirstQueue != "rdv" || l.WaitsFrom() != 400_000 {
			rt.Fatalf("offered %v: it waits in %s since %d", offered, l.Queue, l.WaitsFrom())
		}
		rev := func() int64 { l, _ := w.view.Leg(owed); return l.Rev }
		before := rev()
		if c.tendCallbacks(); rev() != before {
			rt.Fatal("it is moved again and again")
		}
	})
}

// A number that is refused was not agreed on: nothing is promised, and his words go on.
func TestARefusedNumberIsNoAgreement(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		number, asked := acd.KeyedDigits("0612345678"), ""
		w.m.script = &agreeing{number: &number}
		allowed := rapid.Bool().Draw(rt, "allowed")
		w.m.mayKey = func(digits string) bool { asked = digits; return allowed }
		w.give(evBegin{})
		w.said()
		w.give(evKey{"caller", '1'})
		w.settle()
		l, _ := w.view.Leg(w.m.leg)
		if asked != number.Reveal() || (l.Agreed != nil) != allowed {
			rt.Fatalf("allowed %t, asked of %d digits: %+v", allowed, len(asked), l.Agreed)
		}
		if !allowed && (len(w.playing) != 1 || !l.Live()) {
			rt.Fatalf("he hears %d things, his leg is %s", len(w.playing), l.State)
		}
		asked = ""
		w.m.ask(acd.AskCallback{Reason: "rdv"})
		if asked != "" {
			rt.Fatal("the number that he calls from is counted")
		}
	})
}

// Whose number may be keyed in is known after a restart too.
func TestKeyedNumbersAreBoundedAfterARestart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		from := ""
		c := &Controller{opt: Options{Plan: w, Surroundings: Surroundings{
			Kind: func(acd.EntryID, acd.TrunkID, string) acd.CallerKind { return acd.CallerRelay },
			Keyed: func(_ acd.TrunkID, number string) func(string) bool {
				from = number
				return func(string) bool { return false }
			},
		}}}
		if c.remember(w.m, "0800112233"); from != "0800112233" || w.m.mayKey == nil || w.m.mayKey("06") {
			rt.Fatal("nobody is asked")
		}
	})
}

// Who is spoken to slowly is so when he is called back too, from the first word.
func TestWhoIsSpokenToSlowlyIsCalledBackSlowly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		w.rules = Callbacks{Attempts: 2, Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second}
		w.m.script = &agreeing{testScript: testScript{kept: "s=1"}}
		w.give(evBegin{})
		w.said()
		w.m.now, w.m.out = w.now, nil
		w.m.ask(acd.AskSlow{})
		for _, a := range w.m.out {
			w.carryOut(a)
		}
		w.give(evKey{"caller", '1'})
		w.kill("caller", evGone{Channel: "caller"})
		w.settle()
		l, ok := w.view.Leg(w.m.leg.Next())
		if !ok || !l.Slow || l.Kept != "s=1" {
			rt.Fatalf("he is called back as %+v", l)
		}
	})
}
