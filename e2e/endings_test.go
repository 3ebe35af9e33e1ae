package e2e

import (
	"context"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestCallerLeaves hangs up in every phase of a call: one outcome each, with the phase, the agent
// free at once, nothing left.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	add, to := entry("3101", "court")
	ctx, s := tell(t, with(quick("wrapup: 10s"), map[string]string{"court.yaml": shortMenu}, add, to))
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "113", 1))

	t.Run("while the prompt is read", func(t *testing.T) {
		s := s.in(t)
		p := s.patient(ctx, "3000")
		if err := p.Ear().WaitEnergy(ctx); err != nil {
			t.Fatal(err)
		}
		s.hangup(ctx, p.Call)
		s.ends(ctx, p, acd.Abandoned, acd.LegMenu, "")
	})
	t.Run("while a key is awaited", func(t *testing.T) {
		s := s.in(t)
		p := s.patient(ctx, "3101")
		promptOver(ctx, t, p.Call)
		s.hangup(ctx, p.Call)
		s.ends(ctx, p, acd.Abandoned, acd.LegMenu, "")
		neverSilent(t, p)
	})
	t.Run("in the queue", func(t *testing.T) {
		s := s.in(t)
		p := s.queued(ctx, "3100")
		s.hangup(ctx, p.Call)
		s.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
	})
	t.Run("while an agent's phone rings", func(t *testing.T) {
		s := s.in(t)
		s.sits(ctx, phone, "a13", phones.NoAnswer())
		was := s.agent("a13")
		p := s.queued(ctx, "3100")
		at := must[*phones.Call](t)(phone.WaitCall(ctx))
		s.hangup(ctx, p.Call)
		freeAtOnce(t, s.ends(ctx, p, acd.Abandoned, acd.LegOffered, ""), was)
		if end, err := at.WaitEnded(ctx); err != nil || end.By != phones.Theirs {
			t.Errorf("the ring ended %+v, %v", end, err)
		}
		if o := s.offers(ctx, p, 1); len(o) != 1 || o[0].Ending != acd.CallerGone {
			t.Errorf("offers %+v", o)
		}
	})
	t.Run("in the briefing", func(t *testing.T) {
		s := s.in(t)
		s.sits(ctx, phone, "a13", phones.AnswerAfter(0))
		was := s.agent("a13")
		p := s.queued(ctx, "3100")
		at := must[*phones.Call](t)(phone.WaitCall(ctx))
		if err := at.Ear().WaitEnergy(ctx); err != nil {
			t.Fatal("the agent hears no briefing:", err)
		}
		s.hangup(ctx, p.Call)
		freeAtOnce(t, s.ends(ctx, p, acd.Abandoned, acd.LegBriefing, ""), was)
		if _, err := at.WaitEnded(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Run("in conversation", func(t *testing.T) {
		s := s.in(t)
		s.sits(ctx, phone, "a13", phones.AnswerAfter(0))
		p := s.queued(ctx, "3100")
		at := must[*phones.Call](t)(phone.WaitCall(ctx))
		meets(ctx, t, p, at)
		s.hangup(ctx, p.Call)
		end := s.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		if image(end, p.contact).End.By != acd.ByCaller || agentIn(t, end, "a13").State != acd.AgentWrapup {
			t.Errorf("the entry: %+v", end)
		}
		if _, err := at.WaitEnded(ctx); err != nil {
			t.Error(err)
		}
	})
	nothingLeft(ctx, t, s.h)
}

// A menu whose prompt is over soon.
const shortMenu = `version: 1
start: menu
emergency_message: false
nodes:
  menu:
    menu:
      prompt: {fr: "Oui ?", en: "Yes?"}
      options: {"1": file}
  file: {queue: essai}
`

// promptOver waits until a prompt of one word was heard, and no speech since.
func promptOver(ctx context.Context, t *testing.T, p *phones.Call) {
	t.Helper()
	if err := p.Ear().WaitLoud(ctx, loudSound); err != nil {
		t.Fatal("the prompt is not heard:", err)
	}
	if err := p.Ear().WaitSofter(ctx, loudSound, 500*time.Millisecond); err != nil {
		t.Fatal("the prompt is never over:", err)
	}
}

// TestCallerLeavesAsTheAgentAnswers hangs up around the very instant of the answer. Whatever comes
// first, there is one outcome, and the agent is not left with a dead call.
func TestCallerLeavesAsTheAgentAnswers(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, with(quick(), nil, "imagerie: 5}}", "imagerie: 5}, briefing: beep}"))
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "113", 1))
	c := s.in(t)
	c.sits(ctx, phone, "a13", nil)
	seen := map[acd.LegState]int{}
	for i := range 24 {
		// From just before the answer until after the two have met, a beep and a breath later.
		offset := time.Duration(i-4) * 15 * time.Millisecond
		if i >= 16 {
			offset = 200*time.Millisecond + time.Duration(i-16)*60*time.Millisecond
		}
		was := c.waitAgent(ctx, "a13", acd.AgentReady)
		p := c.queued(ctx, "3100")
		at := must[*phones.Call](t)(phone.WaitCall(ctx))
		if err := at.Ring(); err != nil {
			t.Fatal(err)
		}
		left := make(chan error, 1)
		if offset < 0 {
			go func() { left <- p.Hangup(ctx) }()
			after(ctx, -offset)
			_ = at.Answer() // refused when the CANCEL was faster
		} else {
			if err := at.Answer(); err != nil {
				t.Fatal(err)
			}
			after(ctx, offset)
			left <- p.Hangup(ctx)
		}
		if err := <-left; err != nil {
			t.Fatal(err)
		}
		l := c.reaches(ctx, p, acd.LegEnded)
		seen[l.End.Phase]++
		switch l.End.Phase {
		case acd.LegTalking:
			c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		case acd.LegQueued:
			// Asterisk told of the phone's end before the caller's: an entry before this one freed the agent,
			// who pays for it no more than in the other order.
			e := c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
			unharmed(t, c.agent(was.ID), was, e.At)
		default:
			freeAtOnce(t, c.ends(ctx, p, acd.Abandoned, l.End.Phase, ""), was)
		}
		if _, err := at.WaitEnded(ctx); err != nil {
			t.Fatalf("offset %v: the agent keeps a dead call: %v", offset, err)
		}
		c.waitAgent(ctx, "a13", acd.AgentReady)
	}
	t.Logf("ended in %v", seen)
	if len(seen) < 2 {
		t.Errorf("the sweep met one phase only: %v", seen)
	}
	nothingLeft(ctx, t, s.h)
}

// after waits: the offset itself is what is tested.
func after(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
