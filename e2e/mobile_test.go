package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/deploy/local"
	"accueil/phones"
)

// pressing answers, listens to what is asked, presses the keys and goes on as told.
func pressing(keys string, then ...phones.Step) phones.Policy {
	return phones.Run(0, append(phones.Script{phones.WaitEnergy(), phones.Press(keys)}, then...))
}

// TestMobileOfAnAgent: an agent on a mobile, behind the operator's trunk. Whatever answers there, only a
// 1 connects a patient; without it he goes on to the next agent with his age, and the agent's state says
// what happened.
func TestMobileOfAnAgent(t *testing.T) {
	t.Parallel()
	port := must[*local.Reservation](t)(local.FreePort())
	defer port.Release()
	ctx, s := tell(t, with(quick("misses_before_unreachable: 9"), nil,
		"match: [127.0.0.2],", fmt.Sprintf("match: [127.0.0.2], host: 127.0.0.2:%d,", port.Port()),
		"\nphones:\n", "\nphones:\n  \"mobile-a18\": {kind: trunk, trunk: operateur, number: \"0639980118\"}\n",
		"phone: \"118\", pin", "phone: \"mobile-a18\", pin"))
	mobile := must[*phones.Phone](t)(phones.New(context.WithoutCancel(ctx), phones.Config{
		LocalIP: TrunkIP, LocalPort: port.Port(), Server: s.h.Asterisk.SIPAddr(), Tone: phones.AgentVoice(1),
	}))
	defer mobile.Close()
	desk := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))

	for _, c := range []struct {
		name string
		does phones.Policy
	}{
		{"1 takes the call", pressing("1")},
		{"another key first", pressing("51")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.in(t)
			s.sits(ctx, mobile, "a18", c.does)
			p := s.queued(ctx, "3100")
			at := nextCall(ctx, t, mobile)
			name, _ := at.Caller()
			if shown := name + at.Header("X-Motif") + at.Header("X-Attente"); strings.Contains(shown, "essai") || shown != name {
				t.Errorf("the operator is told why the patient calls: %q", shown)
			}
			meets(ctx, t, p, at)
			neverSilent(t, p)
			s.hangup(ctx, at)
			end := s.ends(ctx, p, acd.Answered, acd.LegTalking, "")
			if a := agentIn(t, end, "a18"); a.State != acd.AgentReady || a.Misses != 0 {
				t.Errorf("the agent: %+v", a)
			}
			if o := s.offers(ctx, p, 1); len(o) != 1 || o[0].Ending != acd.Accepted {
				t.Errorf("offers %+v", o)
			}
		})
	}
	for _, c := range []struct {
		name   string
		does   phones.Policy
		ending acd.Ending
		misses int
		keep   time.Duration // from this contact
		out    time.Duration // from all contacts
		least  time.Duration // that the acceptance is waited for
		within time.Duration
	}{
		{"a voicemail answers", phones.AnswerAfter(0), acd.NoAnswer, 1, 60 * time.Second, 0, 10 * time.Second, 16 * time.Second},
		{"other keys only", pressing("2345678*#0"), acd.NoAnswer, 1, 60 * time.Second, 0, 10 * time.Second, 16 * time.Second},
		{"he hangs up instead", phones.Run(0, phones.Script{phones.WaitEnergy(), phones.HangUp()}), acd.Refused, 0, 10 * time.Second, 10 * time.Second, 0, 3 * time.Second},
		{"he is in another call", phones.Busy(), acd.Busy, 0, 60 * time.Second, 60 * time.Second, 0, 2 * time.Second},
		{"he rejects it", phones.Decline(), acd.Refused, 0, 10 * time.Second, 10 * time.Second, 0, 2 * time.Second},
		{"nobody answers", phones.NoAnswer(), acd.NoAnswer, 1, 60 * time.Second, 0, 4 * time.Second, 7 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.in(t)
			s.sits(ctx, mobile, "a18", c.does)
			s.sits(ctx, desk, "a15", phones.AnswerAfter(0))
			was := s.agent("a18")
			p := s.queued(ctx, "3100")
			before := s.leg(p)
			at := must[*phones.Call](t)(mobile.WaitCall(ctx))
			swallowed := at.Ear().Watch(p.Tone())
			o := s.offers(ctx, p, 1)[0]
			if took := o.Ended.Sub(o.Made); o.Agent != "a18" || o.Ending != c.ending || took < c.least || took > c.within {
				t.Errorf("the first offer: %+v after %v, want a18 %s", o, took, c.ending)
			}
			next := nextCall(ctx, t, desk)
			keeps(t, before, s.leg(p))
			meets(ctx, t, p, next)
			neverSilent(t, p)
			if !swallowed.Began().IsZero() {
				t.Error("what answered at the mobile heard the patient")
			}
			a := s.agent("a18")
			if a.State != acd.AgentReady || a.Misses != c.misses || a.Load != 0 || len(a.Legs) > 0 || a.IdleSince != was.IdleSince {
				t.Errorf("the first agent: %+v", a)
			}
			s.excluded(p, "a18", o.Ended, c.keep)
			if a.Excluded.Sub(o.Ended) != c.out && (c.out > 0 || a.Excluded > o.Ended) {
				t.Errorf("kept from all calls until %v after, want %v", a.Excluded.Sub(o.Ended), c.out)
			}
			s.hangup(ctx, next)
			s.ends(ctx, p, acd.Answered, acd.LegTalking, "")
			if _, err := at.WaitEnded(ctx); err != nil {
				t.Error("the mobile keeps a dead call:", err)
			}
		})
	}
	t.Run("the caller leaves while 1 is awaited", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, mobile, "a18", phones.AnswerAfter(0))
		was := c.agent("a18")
		p := c.queued(ctx, "3100")
		at := nextCall(ctx, t, mobile)
		if err := at.Ear().WaitEnergy(ctx); err != nil {
			t.Fatal("the mobile is asked nothing:", err)
		}
		c.hangup(ctx, p.Call)
		freeAtOnce(t, c.ends(ctx, p, acd.Abandoned, acd.LegBriefing, ""), was)
		if _, err := at.WaitEnded(ctx); err != nil {
			t.Error(err)
		}
	})
	nothingLeft(ctx, t, s.h)
}
