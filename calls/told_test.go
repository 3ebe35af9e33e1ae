package calls

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"accueil/acd"
)

// waitingScript queues at once, tells the caller of his wait in slow speech, and notes what it knew.
type waitingScript struct {
	testScript
	scenes []acd.Scene
}

var toldOnce = acd.Told{Minutes: 4, Rose: true, Place: 3}

func (s *waitingScript) Handle(in acd.Heard, at acd.Scene) []acd.Ask {
	s.scenes = append(s.scenes, at)
	switch in.(type) {
	case acd.HeardStart:
		return []acd.Ask{acd.AskQueue{Reason: "rdv"}}
	case acd.HeardQueued:
		return []acd.Ask{acd.AskTold{Told: toldOnce}, acd.AskSlow{}, acd.AskSay{Prompts: []acd.Prompt{{ID: "wait"}}}, acd.AskWait{For: 20 * time.Second}}
	}
	return nil
}

// tongues is a voice that notes in which language it spoke.
type tongues struct {
	*world
	spoken []acd.Lang
}

func (v *tongues) Media(lang acd.Lang, p []acd.Prompt) ([]string, time.Duration, error) {
	v.spoken = append(v.spoken, lang)
	return v.world.Media(lang, p)
}

// TestWhatAWaitingCallerIsToldOf: a script knows how its call stands and how long it has waited while it
// waits, and only then; what it has told is remembered by the channel, and by the log at the end; from
// its word on the caller is spoken to slowly.
func TestWhatAWaitingCallerIsToldOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		script, voice := &waitingScript{}, &tongues{world: w}
		w.m.script, w.m.env.voice = script, voice
		asked := 0
		w.m.env.around.Standing = func(l acd.Leg) *acd.Standing {
			asked++
			if l.State != acd.LegQueued || l.ID != "c1/1" {
				t.Fatalf("asked for %+v", l)
			}
			return &acd.Standing{Place: 3, Wait: 4 * time.Minute}
		}
		must := func(ok bool, what string) {
			if !ok {
				t.Fatalf("%s: scenes %+v, spoken %v, stated %q", what, script.scenes, voice.spoken, w.m.stated)
			}
		}
		w.m.env.desk = w
		w.give(evBegin{})
		must(len(script.scenes) == 2 && script.scenes[0].Standing == nil && script.scenes[0].Waited == 0, "in the menu")
		must(script.scenes[1].Standing != nil && script.scenes[1].Standing.Place == 3, "as he is queued")
		must(slices.Equal(voice.spoken, []acd.Lang{"fr-slow"}), "slowly")
		p, ok := unpackState(w.m.stated)
		must(ok && p.Leg.Told == toldOnce, "the channel remembers")
		w.now = w.now.Add(5 * time.Second)
		w.give(evKey{"caller", '5'})
		must(script.scenes[2].Standing != nil && script.scenes[2].Waited == 5*time.Second, "while he waits")
		before := asked
		w.give(evGone{Channel: "caller"})
		l, _ := w.Leg("c1/1")
		must(l.End != nil && l.Told == toldOnce, "the log at the end")
		must(asked <= before+1, "asked too often")
	})
}

// A caller of the kind relay is spoken to slowly from his first word on.
func TestRelayIsSpokenToSlowly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		voice := &tongues{world: w}
		w.m.env.voice, w.m.kind = voice, acd.CallerRelay
		w.give(evBegin{})
		if len(voice.spoken) == 0 || slices.ContainsFunc(voice.spoken, func(l acd.Lang) bool { return l != "fr-slow" }) {
			t.Fatalf("spoken %v", voice.spoken)
		}
	})
}

// resumed notes what scripts are opened with after a restart.
type resumed struct {
	*survivors
	legs []acd.Leg
}

func (r *resumed) Resume(l acd.Leg) (acd.Script, error) {
	r.legs = append(r.legs, l)
	return r.survivors.Resume(l)
}

// keptLong is as much as a scenario keeps.
var keptLong = strings.Repeat("_age=adulte&", 18)

// TestWhatWasToldOutlivesARestart: what he was told, and what his scenario keeps; of a call that the log knows, and of one that it has lost.
func TestWhatWasToldOutlivesARestart(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSurvivors()
	now := s.Now()
	s.caller("lost", 50*time.Second, func(p *packed) {
		p.Leg.Queue, p.Leg.FirstQueue, p.Leg.Reason, p.Leg.Enqueued = "rdv", "rdv", "rdv", now.Add(-40*time.Second)
		p.Leg.Told, p.Leg.Kept = toldOnce, keptLong
	})
	known := s.caller("known", 30*time.Second, func(p *packed) {
		p.Leg.Queue, p.Leg.Enqueued, p.Leg.Told = "rdv", now.Add(-20*time.Second), acd.Told{Minutes: 2}
		p.Leg.Kept = "r=rdv"
	})
	p, _ := unpackState(known.State)
	s.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: p.Leg.ID, Rev: 3, State: acd.LegQueued, Since: now, Node: "n1", Channel: "known", Entry: "3000",
		Queue: "rdv", FirstQueue: "rdv", Arrived: p.Leg.Arrived, Enqueued: p.Leg.Enqueued, Lang: "fr"}}})
	r := &resumed{survivors: s}
	c := New(Options{Node: "n1", Telephony: s, Book: s, Scenarios: r, Voice: s, Plan: s, Desk: s, Router: s, Log: nop})
	defer c.Stop()
	if _, err := c.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := map[string]acd.Told{}
	for _, l := range r.legs {
		if want := map[string]string{"lost": keptLong, "known": "r=rdv"}[l.Channel]; l.Kept != want {
			t.Errorf("the scenario of who was %s knows %q of before, want %q", l.Channel, l.Kept, want)
		}
		told[l.Channel] = l.Told
	}
	if len(told) != 2 || told["lost"] != toldOnce || told["known"] != (acd.Told{Minutes: 2}) {
		t.Errorf("%+v", told)
	}
}
