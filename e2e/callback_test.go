package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/deploy/local"
	"accueil/phones"
)

// Prompts of callbacks, each a tone of its own.
const (
	saysOffer   = 60
	saysTaken   = 62
	saysPending = 64
	saysKept    = 66
	saysAccept  = 68
	saysNumber  = 70
	saysHelp    = 72 // the emergency instruction
)

// back is the number from which the operator's phone of these tests calls, and at which it is reached.
const back = "0612345677"

const callbackScenario = `version: 1
start: rappel
emergency_message: false
nodes:
  rappel: {callback: essai}
`

// calledBack is a hospital whose entry 3200 leads to a callback in the trial queue, and the phone that
// stands for everybody outside.
func calledBack(t *testing.T, rules string) (context.Context, *story, *phones.Phone) {
	return calledBackBy(t, "", rules)
}

func calledBackBy(t *testing.T, binary, rules string) (context.Context, *story, *phones.Phone) {
	t.Helper()
	port := must[*local.Reservation](t)(local.FreePort())
	t.Cleanup(port.Release)
	pairs := append(recorded(t, map[string]int{"sys.callback_offer": saysOffer, "sys.callback_taken": saysTaken, "sys.callback_pending": saysPending,
		"sys.callback_kept": saysKept, "sys.callback_accept": saysAccept, "sys.callback_number": saysNumber, "sys.emergency_instruction": saysHelp}),
		"match: [127.0.0.2],", fmt.Sprintf("match: [127.0.0.2], host: 127.0.0.2:%d,", port.Port()),
		"\ncallbacks: {hours: jour-et-nuit}", "\ncallbacks: {hours: jour-et-nuit, "+rules+"}",
		"\nentries:\n", "\nentries:\n  \"3200\": {trunk: operateur, scenario: rappel}\n")
	o := with(quick("misses_before_unreachable: 9"), map[string]string{"rappel.yaml": callbackScenario}, pairs...)
	o.Binary = binary
	ctx, s := tell(t, o)
	outside := must[*phones.Phone](t)(phones.New(context.WithoutCancel(ctx), phones.Config{
		LocalIP: TrunkIP, LocalPort: port.Port(), Server: s.h.Asterisk.SIPAddr(), Tone: phones.ToneFor(90),
	}))
	t.Cleanup(func() { _ = outside.Close() })
	return ctx, s, outside
}

// promised is a patient who has called and is to be called back at his number.
func promised(ctx context.Context, t *testing.T, c *chapter) patient {
	t.Helper()
	p := c.caller(ctx, "3200", phones.CallOptions{User: back})
	heard(ctx, t, p, saysOffer)
	press(ctx, t, p.Call, "1")
	heard(ctx, t, p, saysTaken)
	c.until(ctx, "the caller has left for a callback", func(v *acd.View, _ []acd.Entry) bool {
		l, ok := v.Leg(p.contact.Leg(1))
		if ok && !l.Live() && (l.End.Outcome != acd.CalledBack || l.End.Reason != acd.CallbackChosen) {
			t.Fatalf("he left as %+v", l.End)
		}
		return ok && !l.Live()
	})
	return p
}

// second is the leg that calls the patient back.
func (s *chapter) second(ctx context.Context, p patient, fits func(acd.Leg) bool) (l acd.Leg) {
	s.t.Helper()
	s.until(ctx, "the callback", func(v *acd.View, _ []acd.Entry) bool {
		var ok bool
		l, ok = v.Leg(p.contact.Leg(2))
		return ok && fits(l)
	})
	return l
}

// TestCallback: a patient leaves for a callback, with the key for it; the agent who takes his turn is
// briefed, and he is called then. A machine hears nothing and is tried again; a person presses a key and
// talks (SCENARIOS C16, A23).
func TestCallback(t *testing.T) {
	t.Parallel()
	ctx, s, outside := calledBack(t, "gap: 1m, attempts: 2")
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))

	t.Run("reached", func(t *testing.T) {
		c := s.in(t)
		p := promised(ctx, t, c)
		l := c.second(ctx, p, func(l acd.Leg) bool { return l.State == acd.LegCallback })
		if l.Queue != "essai" || l.Previous != p.contact.Leg(1) || !l.Enqueued.Never() {
			t.Errorf("it waits as %+v", l)
		}
		c.state(ctx, "a18", acd.AgentReady)
		at := nextCall(ctx, t, agent)
		if err := at.Answer(); err != nil {
			t.Fatal(err)
		}
		him := nextCall(ctx, t, outside)
		if b := c.second(ctx, p, func(acd.Leg) bool { return true }); b.State != acd.LegBriefing || b.Agent != "a18" {
			t.Errorf("he is called while it is %s of %s", b.State, b.Agent)
		}
		if name, number := him.Caller(); strings.Contains(name+number+him.Header("X-Motif"), "essai") {
			t.Errorf("the operator is told why he is called: %q %q", name, number)
		}
		if err := him.Answer(); err != nil {
			t.Fatal(err)
		}
		if err := him.Ear().WaitTone(ctx, phones.ToneFor(saysAccept)); err != nil {
			t.Fatal("he is not asked for a key:", err)
		}
		press(ctx, t, him, "1")
		c.second(ctx, p, func(l acd.Leg) bool { return l.State == acd.LegTalking })
		for what, err := range map[string]error{
			"he does not hear the agent": him.Ear().WaitTone(ctx, agent.Tone()),
			"the agent not him":          at.Ear().WaitTone(ctx, outside.Tone()),
		} {
			if err != nil {
				t.Error(what, err)
			}
		}
		c.hangup(ctx, him)
		l = c.second(ctx, p, func(l acd.Leg) bool { return !l.Live() })
		if l.End.Outcome != acd.Answered || len(l.Callback.Attempts) != 1 || l.Callback.Attempts[0].Result != acd.AttemptReached || l.TimeToHuman(l.End.At) <= 0 {
			t.Errorf("it ended as %+v, %+v", l.End, l.Callback)
		}
	})
	t.Run("a machine", func(t *testing.T) {
		c := s.in(t)
		c.state(ctx, "a18", acd.AgentPaused)
		p := promised(ctx, t, c)
		c.state(ctx, "a18", acd.AgentReady)
		at := nextCall(ctx, t, agent)
		if err := at.Answer(); err != nil {
			t.Fatal(err)
		}
		machine := nextCall(ctx, t, outside)
		if err := machine.Answer(); err != nil { // it speaks, as machines do, and presses nothing
			t.Fatal(err)
		}
		recording := machine.Ear().Watch(agent.Tone())
		l := c.second(ctx, p, func(l acd.Leg) bool { return len(l.Callback.Attempts) == 1 && l.State == acd.LegCallback })
		if a := l.Callback.Attempts[0]; a.Result != acd.AttemptMachine || a.By != "a18" || l.Callback.NotBefore.Sub(a.At) < 59*time.Second {
			t.Errorf("%+v", l.Callback)
		}
		if !recording.Began().IsZero() {
			t.Error("the machine has recorded the agent")
		}
		waited := c.waitAgent(ctx, "a18", acd.AgentReady)
		if waited.Misses != 0 {
			t.Errorf("the agent pays for it: %+v", waited)
		}
		if _, err := machine.WaitEnded(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := at.WaitEnded(ctx); err != nil {
			t.Fatal(err)
		}
	})
	nothingLeft(ctx, t, s.h)
}

// TestCallbackIsKept: who rings again is asked whether he wants to keep his callback or to wait at its
// place; who drops his phone while he waits has his place back.
func TestCallbackIsKept(t *testing.T) {
	t.Parallel()
	ctx, s, _ := calledBack(t, "gap: 1m")
	c := s.in(t)
	from := phones.CallOptions{User: back}
	first := promised(ctx, t, c)
	kept := c.second(ctx, first, func(l acd.Leg) bool { return l.State == acd.LegCallback })

	again := c.caller(ctx, "3200", from)
	heard(ctx, t, again, saysPending)
	press(ctx, t, again.Call, "1")
	heard(ctx, t, again, saysKept)
	c.ends(ctx, again, acd.SelfServed, acd.LegMenu, "callback_kept")
	if l := c.second(ctx, first, func(acd.Leg) bool { return true }); l.State != acd.LegCallback {
		t.Fatalf("what was kept is %s", l.State)
	}

	waits := c.caller(ctx, "3200", from)
	heard(ctx, t, waits, saysPending)
	press(ctx, t, waits.Call, "2")
	l := c.reaches(ctx, waits, acd.LegQueued)
	if l.WaitsFrom() != kept.WaitsFrom() || l.Queue != "essai" {
		t.Errorf("he waits in %s since %d, his callback since %d", l.Queue, l.WaitsFrom(), kept.WaitsFrom())
	}
	if gone := c.second(ctx, first, func(l acd.Leg) bool { return !l.Live() }); gone.End.Reason != acd.CallbackResumed {
		t.Errorf("his callback ended as %+v", gone.End)
	}
	c.hangup(ctx, waits.Call)
	c.ends(ctx, waits, acd.Abandoned, acd.LegQueued, "")
	after(ctx, time.Second) // nobody dials again in less; whose place it was is looked up meanwhile

	dropped := c.caller(ctx, "3100", from)
	l = c.reaches(ctx, dropped, acd.LegQueued)
	if l.WaitsFrom() != kept.WaitsFrom() {
		t.Errorf("after he dropped his phone he waits since %d, before since %d", l.WaitsFrom(), kept.WaitsFrom())
	}
	other := c.caller(ctx, "3100", phones.CallOptions{User: "0612345676"})
	if l := c.reaches(ctx, other, acd.LegQueued); l.WaitsFrom() != l.Enqueued {
		t.Errorf("somebody else has his place: %+v", l)
	}
	c.hangup(ctx, dropped.Call)
	c.hangup(ctx, other.Call)
	c.ends(ctx, dropped, acd.Abandoned, acd.LegQueued, "")
	c.ends(ctx, other, acd.Abandoned, acd.LegQueued, "")
	// Who has agreed, hears the emergency instruction and hangs up there is an emergency, and is called back.
	worried := c.caller(ctx, "3200", phones.CallOptions{User: "0612345675"})
	heard(ctx, t, worried, saysOffer)
	press(ctx, t, worried.Call, "1")
	heard(ctx, t, worried, saysTaken)
	press(ctx, t, worried.Call, "9")
	heard(ctx, t, worried, saysHelp)
	c.hangup(ctx, worried.Call)
	c.until(ctx, "his call is an emergency", func(v *acd.View, _ []acd.Entry) bool {
		l, ok := v.Leg(worried.contact.Leg(1))
		if ok && !l.Live() && (l.End.Outcome != acd.Emergency || l.End.Reason != "key_9" || !l.Flagged) {
			t.Fatalf("it ended as %+v", l.End)
		}
		return ok && !l.Live()
	})
	if l := c.second(ctx, worried, func(acd.Leg) bool { return true }); l.State != acd.LegCallback || l.Queue != "essai" {
		t.Errorf("what he was promised is %s in %s", l.State, l.Queue)
	}
	if out := s.h.Log.String(); strings.Contains(out, back[1:]) {
		t.Error("the log names the patient")
	}
	nothingLeft(ctx, t, s.h)
}

// TestCallbackOutlivesTheController: killed while a callback waits, and while the person's phone rings.
// The callback is made all the same, at its place, and nobody is left in a call.
func TestCallbackOutlivesTheController(t *testing.T) {
	t.Parallel()
	ctx, s, outside := calledBackBy(t, builtBinary(t), "gap: 1m")
	c := s.in(t)
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	p := promised(ctx, t, c)
	kept := c.second(ctx, p, func(l acd.Leg) bool { return l.State == acd.LegCallback })
	restart := func() {
		s.h.Kill()
		if err := s.h.StartApp(ctx); err != nil {
			t.Fatal(err)
		}
	}
	// Two days later the store has forgotten who he is; his task has not. He rings again, and is known.
	chosen := "/v1/tasks/" + string(owedIs(ctx, t, s.h, 1)[0].Task)
	s.h.Kill()
	store := client(t, s.h)
	forgotten := must[[]string](t)(store.Keys(ctx, "*:personal:*").Result())
	if len(forgotten) == 0 || store.Del(ctx, forgotten...).Err() != nil {
		t.Fatalf("the store does not forget: %d records", len(forgotten))
	}
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	within(ctx, t, "his task tells who he is", func() (string, bool) {
		var v struct{ Story []struct{ What string } }
		get(ctx, t, s.h, chosen, &v)
		return fmt.Sprint(v.Story), slices.ContainsFunc(v.Story, func(s struct{ What string }) bool { return s.What == "recognise" })
	})
	again := c.caller(ctx, "3200", phones.CallOptions{User: back})
	heard(ctx, t, again, saysPending)
	press(ctx, t, again.Call, "1")
	heard(ctx, t, again, saysKept)
	c.ends(ctx, again, acd.SelfServed, acd.LegMenu, "callback_kept")
	c.state(ctx, "a18", acd.AgentReady)
	at := nextCall(ctx, t, agent)
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	him := nextCall(ctx, t, outside)
	if err := him.Ring(); err != nil {
		t.Fatal(err)
	}
	restart()
	for who, call := range map[string]*phones.Call{"the agent": at, "the patient": him} {
		if _, err := call.WaitEnded(ctx); err != nil {
			t.Errorf("%s is left in a call: %v", who, err)
		}
	}
	at = nextCall(ctx, t, agent)
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	him = nextCall(ctx, t, outside)
	if err := him.Answer(); err != nil {
		t.Fatal(err)
	}
	if err := him.Ear().WaitTone(ctx, phones.ToneFor(saysAccept)); err != nil {
		t.Fatal(err)
	}
	press(ctx, t, him, "5")
	l := c.second(ctx, p, func(l acd.Leg) bool { return l.State == acd.LegTalking })
	if l.WaitsFrom() != kept.WaitsFrom() {
		t.Errorf("it waited since %d, at first since %d", l.WaitsFrom(), kept.WaitsFrom())
	}
	restart()
	if err := him.Ear().WaitTone(ctx, agent.Tone()); err != nil {
		t.Error("the conversation was cut:", err)
	}
	// Redis is emptied too: what the node has saved of itself may be older than the conversation.
	s.h.Kill()
	if err := errors.Join(flush(ctx, s.h), s.h.StartApp(ctx)); err != nil {
		t.Fatal(err)
	}
	stands := func(want acd.LegState) { // asked of the node: the log that the test followed is no more
		within(ctx, t, "he is "+string(want), func() (string, bool) {
			var v struct{ State acd.LegState }
			get(ctx, t, s.h, "/v1/contacts/"+string(p.contact), &v)
			return string(v.State), v.State == want
		})
	}
	stands(acd.LegTalking)
	if err := him.Ear().WaitTone(ctx, agent.Tone()); err != nil {
		t.Error("the conversation was cut:", err)
	}
	if err := at.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := him.WaitEnded(ctx); err != nil {
		t.Fatal("he is left on the line:", err)
	}
	stands(acd.LegEnded)
	waitAgent(ctx, t, s.h, "a18", acd.AgentReady)
}
