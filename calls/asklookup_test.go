package calls

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// askingScript asks a lookup at once, and notes what it hears and knows.
type askingScript struct {
	testScript
	heard []string
	scene acd.Scene
}

func (s *askingScript) Handle(in acd.Heard, at acd.Scene) []acd.Ask {
	s.scene = at
	switch in := in.(type) {
	case acd.HeardStart:
		return []acd.Ask{acd.AskLookup{Lookup: "dossier", For: 800 * time.Millisecond, Identity: true,
			Keyed: map[string]acd.Keyed{"naissance": acd.KeyedDigits("07031950")}}}
	case acd.HeardLookup:
		s.heard = append(s.heard, "lookup "+string(in.Outcome))
		return []acd.Ask{acd.AskSMS{Text: "article.documents"}}
	case acd.HeardSMS:
		s.heard = append(s.heard, fmt.Sprint("sms ", in.Sent))
		return []acd.Ask{acd.AskQueue{Reason: "rdv", Asks: "imagerie >= 3"}}
	case acd.HeardKey:
		return []acd.Ask{acd.AskListen{For: time.Hour}}
	}
	return nil
}

// TestLookupTakesAlwaysTheSame: the caller hears the answer to a lookup at one instant after asking,
// whatever it is and whenever it comes. So he cannot tell one who must not be confirmed from one
// unknown; nor can who is told the status.
func TestLookupTakesAlwaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		script := &askingScript{}
		w.m.script = script
		begin := w.now
		w.give(evBegin{})
		answer := rapid.SampledFrom([]acd.LookupOutcome{acd.LookupFound, acd.LookupUnknown, acd.LookupError, ""}).Draw(t, "answer")
		want := answer
		if answer != "" {
			w.now = begin.Add(time.Duration(rapid.IntRange(0, 799).Draw(t, "ms")) * time.Millisecond)
			w.give(evLookup{w.m.questions, acd.HeardLookup{Outcome: answer}})
			if rapid.Bool().Draw(t, "stale") {
				w.give(evLookup{w.m.questions - 1, acd.HeardLookup{Outcome: acd.LookupFound}})
			}
		} else {
			want = acd.LookupError // none came
		}
		w.now = begin.Add(799 * time.Millisecond)
		w.give(evTick{})
		if len(script.heard) > 0 {
			t.Fatalf("heard early: %v", script.heard)
		}
		w.now = begin.Add(800 * time.Millisecond)
		w.give(evTick{})
		if len(script.heard) != 1 || script.heard[0] != "lookup "+string(want) {
			t.Fatalf("heard %v, want %s", script.heard, want)
		}
		l, _ := w.view.Leg(w.m.leg)
		if status := map[acd.LookupOutcome]acd.LookupOutcome{acd.LookupError: ""}; want == acd.LookupError && l.Identity != status[want] || want != acd.LookupError && l.Identity != want {
			t.Fatalf("the agent is told %q of %q", l.Identity, want)
		}
		sent := rapid.Bool().Draw(t, "sent")
		if rapid.Bool().Draw(t, "late") {
			sent = false
			w.now = w.now.Add(smsLimit)
			w.give(evTick{})
		}
		w.give(evSMS{w.m.questions, sent})
		if len(script.heard) != 2 || script.heard[1] != fmt.Sprint("sms ", sent) {
			t.Fatalf("heard %v, want sms %v", script.heard, sent)
		}
	})
}

// TestLookupIsLeft: a key that leads elsewhere ends the question; its answer means nothing then.
func TestLookupIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		script := &askingScript{}
		w.m.script = script
		w.give(evBegin{})
		w.give(evKey{"caller", '0'})
		w.give(evLookup{w.m.questions, acd.HeardLookup{Outcome: acd.LookupFound}})
		w.now = w.now.Add(time.Minute)
		w.give(evTick{})
		if len(script.heard) > 0 {
			t.Fatalf("heard %v", script.heard)
		}
	})
}

// TestSceneIsHandedOver: the script sees what the surroundings tell, and what set asked of agents goes
// into the queue.
func TestSceneIsHandedOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		script := &askingScript{}
		w.m.script, w.m.kind = script, acd.CallerRelay
		w.m.env.around = Surroundings{
			Figures: func(acd.Lang) map[acd.QueueID]acd.Figures {
				return map[acd.QueueID]acd.Figures{"rdv": {Agents: 2, Waiting: 7, Wait: acd.UnknownWait}}
			},
			Announced: func(e acd.EntryID) []acd.AnnouncementID { return []acd.AnnouncementID{acd.AnnouncementID("at-" + e)} },
		}
		w.give(evBegin{})
		if s := script.scene; s.Caller != acd.CallerRelay || s.Queues["rdv"].Waiting != 7 || len(s.Announced) != 1 || s.Announced[0] != "at-3000" || !s.Now.Equal(w.now.Time()) {
			t.Fatalf("%+v", s)
		}
		if !script.scene.Reopens.IsZero() {
			t.Fatalf("an open entry reopens %v", script.scene.Reopens)
		}
		if got := bothAsk("en >= 1", "imagerie >= 3"); got != "(en >= 1) and (imagerie >= 3)" || bothAsk("", "x >= 1") != "x >= 1" {
			t.Fatal(got)
		}
	})
}

// TestKindIsAKind: what the site says of callers is one of the kinds, or unknown.
func TestKindIsAKind(t *testing.T) {
	t.Parallel()
	c := &Controller{}
	if c.kind("3000", "t", "1") != acd.CallerUnknown {
		t.Error("a kind without surroundings")
	}
	for said, want := range map[acd.CallerKind]acd.CallerKind{acd.CallerRelay: acd.CallerRelay, "": acd.CallerUnknown, "doctor": acd.CallerUnknown} {
		c.opt.Surroundings.Kind = func(acd.EntryID, acd.TrunkID, string) acd.CallerKind { return said }
		if got := c.kind("3000", "t", "1"); got != want {
			t.Errorf("%q is %q", said, got)
		}
	}
}

// TestDigitsAreMasked: what was keyed in is in no print of what carries it.
func TestDigitsAreMasked(t *testing.T) {
	t.Parallel()
	k := acd.KeyedDigits("07031950")
	request := LookupRequest{AskLookup: acd.AskLookup{Keyed: map[string]acd.Keyed{"n": k}}}
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %q %x", k, k, k, k, k), fmt.Sprintf("%+v", request), fmt.Errorf("asking: %v", k).Error(), errors.Join(fmt.Errorf("%s", k)).Error()} {
		if containsDigits(s) {
			t.Errorf("shown: %s", s)
		}
	}
}

func containsDigits(s string) bool {
	for i := range len(s) - 3 {
		if s[i:i+4] == "0703" || s[i:i+4] == "3037" || s[i:i+4] == "1950" {
			return true
		}
	}
	return false
}
