package calls

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"accueil/acd"
)

// keeper takes every recording for one in which three seconds were said, but those that it does not have.
type keeper struct{ missing string }

func (k keeper) Take(_ context.Context, recording string) (Taken, error) {
	if recording == k.missing {
		return Taken{}, ErrGone
	}
	return Taken{Length: 4 * time.Second, Said: 3 * time.Second}, nil
}

func (keeper) Drop(context.Context, string) error { return nil }

func (s *survivors) withMessages(k keeper) *Controller {
	return New(Options{Node: "n1", Telephony: s, Book: s, Scenarios: s, Voice: s, Plan: s, Desk: s, Router: s, Messages: k, Log: zap.NewNop()})
}

// TestLostMessagesAreRecovered: an empty log; who was leaving a message has left it, and who was in the
// survey is not asked again, nor is he a new call.
func TestLostMessagesAreRecovered(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSurvivors()
	now := s.Now()
	s.caller("speaks", 50*time.Second, func(p *packed) {
		p.Phase, p.Leg.Recording = "voicemail", "acc.x.r1"
		p.Leg.Queue, p.Leg.FirstQueue, p.Leg.Reason, p.Leg.Enqueued = "rdv", "rdv", "rdv", now.Add(-40*time.Second)
	})
	s.caller("answers", 90*time.Second, func(p *packed) {
		p.Phase, p.Leg.Queue, p.Leg.Enqueued, p.Leg.Agent, p.Leg.Phone = "survey", "rdv", now.Add(-80*time.Second), testAgent, testPhone
		p.Leg.Bridged = now.Add(-60 * time.Second)
	})
	c := s.withMessages(keeper{})
	defer c.Stop()
	if r, err := c.Reconcile(t.Context()); err != nil || r.Recovered != 2 || r.Adopted != 2 || r.Arrived != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	got := map[string]acd.Leg{}
	for _, l := range s.Legs() {
		got[l.Channel] = l
	}
	if l := got["speaks"]; l.State != acd.LegVoicemail || l.Recording != "acc.x.r1" || l.Enqueued != now.Add(-40*time.Second) || l.Reason != "rdv" {
		t.Errorf("speaks: %+v", l)
	}
	if l := got["answers"]; l.State != acd.LegSurvey || l.Agent != testAgent || l.Parted.Never() || l.Talk(now) <= 0 {
		t.Errorf("answers: %+v", l)
	}
	if a, _ := s.view.Agent(testAgent); len(a.Legs) > 0 {
		t.Errorf("the agent is kept: %+v", a)
	}
}

// TestMessageLeftInAnOutage: his channel is gone and the log says that he was leaving a message: what is in
// the file decides how he counts.
func TestMessageLeftInAnOutage(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, k := range []keeper{{}, {missing: "acc.x.r1"}} {
		s := newSurvivors()
		leg := acd.NewContactID(s.Now()).Leg(1)
		s.Record(acd.KindMessage, func(tx *acd.Tx) error {
			if err := tx.Arrive(acd.Leg{ID: leg, Node: "n1", Channel: "gone", Entry: "3000"}); err != nil {
				return err
			}
			if err := tx.StartMenu(leg); err != nil {
				return err
			}
			return tx.ToMessage(leg, acd.Message{Recording: "acc.x.r1", Reason: "rdv"})
		})
		c := s.withMessages(k)
		if r, err := c.Reconcile(t.Context()); err != nil || r.Ended != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		select {
		case l := <-s.ends:
			outcome, recording := acd.Voicemail, "acc.x.r1"
			if k.missing != "" {
				outcome, recording = acd.Abandoned, ""
			}
			if l.End.Outcome != outcome || l.Recording != recording {
				t.Errorf("ended %+v with %q", l.End, l.Recording)
			}
		case <-t.Context().Done():
			t.Fatal("never ended")
		}
		c.Stop()
	}
}

// TestStateKeysDiffer: two fields of one name would make every channel forget its call.
func TestStateKeysDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range stateFields {
		if seen[f.key] {
			t.Errorf("two fields are called %q", f.key)
		}
		seen[f.key] = true
	}
}
