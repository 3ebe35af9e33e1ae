package e2e

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestHoldButton: an agent puts his patient on hold by the phone's own button, with and without media
// the other way. The patient hears music, everybody sees the hold, and the record counts it.
func TestHoldButton(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
	p := c.queued(ctx, "3100")
	at := nextCall(ctx, t, phone)
	meets(ctx, t, p, at)
	for n, nothing := range []bool{false, true} {
		if err := at.Hold(ctx, nothing); err != nil {
			t.Fatal(err)
		}
		if l := c.reaches(ctx, p, acd.LegHeld); l.Holds != n+1 || l.Agent != "a18" {
			t.Errorf("on hold: %+v", l)
		}
		p.Ear().Reset()
		if err := p.Ear().WaitEnergy(ctx); err != nil {
			t.Error("no music on hold:", err)
		}
		neverSilent(t, p)
		if err := at.Resume(ctx); err != nil {
			t.Fatal(err)
		}
		c.reaches(ctx, p, acd.LegTalking)
		meets(ctx, t, p, at)
	}
	c.hangup(ctx, at)
	if l := image(c.ends(ctx, p, acd.Answered, acd.LegTalking, ""), p.contact); l.Holds != 2 || l.Held <= 0 || l.Held > l.Talk(l.End.At) {
		t.Errorf("%d holds, %v in all", l.Holds, l.Held)
	}
	nothingLeft(ctx, t, s.h)
}

// TestAgentVanishesInTheBriefing: he was heard, and his network is gone before the two meet. The caller
// stays in his music and goes to the next, instead of into silence until Asterisk notices.
func TestAgentVanishesInTheBriefing(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	c := s.in(t)
	first := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	next := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	c.sits(ctx, first, "a18", phones.AnswerAfter(0))
	p := c.queued(ctx, "3100")
	at := nextCall(ctx, t, first)
	if err := at.Ear().WaitEnergy(ctx); err != nil { // the briefing is being spoken
		t.Fatal(err)
	}
	at.Vanish()
	c.sits(ctx, next, "a15", phones.AnswerAfter(0))
	o := c.offers(ctx, p, 1)[0]
	if took := o.Ended.Sub(c.entry(acd.KindBriefing, p).At); o.Ending != acd.OfferFailed || took > 5*time.Second {
		t.Errorf("the offer ended %s %v after the answer", o.Ending, took)
	}
	if a := c.agent("a18"); a.State != acd.AgentUnreachable || a.Reason != acd.UnreachableMedia {
		t.Errorf("the agent: %+v", a)
	}
	meets(ctx, t, p, nextCall(ctx, t, next))
	neverSilent(t, p)
	c.hangup(ctx, p.Call)
	l := image(c.ends(ctx, p, acd.Answered, acd.LegTalking, ""), p.contact)
	if l.Agent != "a15" {
		t.Errorf("answered by %s", l.Agent)
	}
	_ = at.Hangup(ctx)
}
