package calls

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestCallerFoundWhileOffered: when we connect, Asterisk lists a caller whom its dialplan only offers to
// us; it refuses all that we ask for him until he has entered our application. Then he is answered.
func TestCallerFoundWhileOffered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		give := func(ev Event) (out []Action) {
			out = w.m.handle(ev, w.now)
			for _, a := range out {
				if r, ok := a.(doRecord); ok {
					_ = w.write(r.Kind, r.Build)
				}
			}
			return out
		}
		answers := func(a Action) bool { _, ok := a.(doAnswer); return ok }
		speaks := func(a Action) bool { _, ok := a.(doPlay); return ok }
		refused := errors.New("the channel is not in the application")
		for _, a := range give(evBegin{}) {
			switch a := a.(type) {
			case doAnswer, doPlay, doMusic:
				give(evFault{a, refused})
			}
		}
		out := give(evArrived{})
		first := slices.IndexFunc(out, answers)
		if prompt := slices.IndexFunc(out, speaks); first < 0 || prompt < first || !w.m.caller.speaking() {
			t.Fatalf("his channel has arrived: %#v", out)
		}
		if again := give(evArrived{}); len(again) > 0 {
			t.Fatalf("a repeat: %#v", again)
		}
		if len(w.illegal) > 0 {
			t.Fatal(w.illegal)
		}
	})
}

// TestAsteriskWouldNotAnswer: Asterisk refuses every command for a while (503). The caller is answered and
// greeted as soon as it takes them again, though no event tells that.
func TestAsteriskWouldNotAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		refused := errBusy
		does := func(out []Action) (answers, speaks bool) {
			for _, a := range out {
				switch a := a.(type) {
				case doAnswer:
					answers = true
				case doPlay:
					speaks = true
				case doRecord:
					_ = w.write(a.Kind, a.Build)
				}
			}
			return answers, speaks
		}
		out := w.m.handle(evBegin{}, w.now)
		for round := range 3 {
			if answers, speaks := does(out); !answers || !speaks {
				t.Fatalf("round %d: %#v", round, out)
			}
			for _, a := range out {
				switch a.(type) {
				case doAnswer, doPlay, doMusic:
					does(w.m.handle(evFault{a, refused}, w.now))
				}
			}
			w.now = w.now.Add(answerAgain)
			out = w.m.handle(evTick{}, w.now)
		}
		if answers, speaks := does(out); !answers || !speaks {
			t.Fatalf("commands are taken again: %#v", out)
		}
		w.now = w.now.Add(answerAgain)
		if answers, _ := does(w.m.handle(evTick{}, w.now)); answers {
			t.Error("answered twice")
		}
	})
}
