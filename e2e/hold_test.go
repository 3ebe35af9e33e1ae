package e2e

import (
	"testing"

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
