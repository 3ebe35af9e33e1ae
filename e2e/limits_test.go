package e2e

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestLimitsNameTheirWays: each limit of a queue sends callers where it says, the figures stay with the
// queue, and a place that is kept for transfers is had by a transfer only.
func TestLimitsNameTheirWays(t *testing.T) {
	t.Parallel()
	o := also(quick(), "limitee", "3102", "ring: 5s", "wrapup: 0s", "max_waiting: 2", "keep: 50%", "max_wait: 6s", "when_unstaffed: wait", "waiting: attente",
		"fallback: {goto: accueil}", `overflow: {full: {goto: message}, wait: {goto: "4000"}, ratio: {goto: essai}}`, `steps: [{require: "imagerie >= 9"}]`)
	o = also(o, "serree", "3103", "ring: 5s", "wrapup: 0s", "max_waiting: 9", "max_ratio: 100%", "when_unstaffed: wait", "waiting: attente",
		"fallback: {goto: message}", `overflow: {ratio: {goto: essai}}`, `steps: [{require: "resultats >= 9"}]`)
	ctx, s := tell(t, o)
	one := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c := s.in(t)
	c.sits(ctx, one, "a18", phones.AnswerAfter(0))

	t.Run("full for everybody but a transfer", func(t *testing.T) {
		c := s.in(t)
		handed := c.queued(ctx, "3100")
		meets(ctx, t, handed, nextCall(ctx, t, one))
		first := c.queued(ctx, "3102")
		second := c.patient(ctx, "3102") // one place is taken, the other is kept
		c.ends(ctx, second, acd.SelfServed, acd.LegMenu, "message")
		if l := c.leg(second); !l.Enqueued.Never() {
			t.Errorf("was queued: %+v", l)
		}
		if code, why := asked(ctx, t, s.h, "POST", "/v1/contacts/"+string(handed.contact)+"/transfer", map[string]string{"kind": "queue", "to": "limitee"}); code != 202 {
			t.Fatalf("the transfer: %d %+v", code, why)
		}
		c.until(ctx, "the transfer has the kept place", func(v *acd.View, _ []acd.Entry) bool {
			l, ok := v.Leg(handed.contact.Leg(2))
			return ok && l.State == acd.LegQueued && l.Queue == "limitee"
		})
		// After max_wait both go to the extension that this limit names.
		s.h.Services.Set("4000", phones.Run(0, phones.Script{phones.WaitEnergy(), phones.Press("1"), phones.Stay()}))
		l := c.reaches(ctx, first, acd.LegTalking)
		if l.Target != "4000" || l.FirstQueue != "limitee" {
			t.Errorf("after the maximum wait: %+v", l)
		}
		c.hangup(ctx, first.Call)
		c.ends(ctx, first, acd.TransferredOut, acd.LegTalking, "")
		c.hangup(ctx, handed.Call)
		c.reaches(ctx, handed, acd.LegEnded)
	})
	t.Run("too many for those at work", func(t *testing.T) {
		c := s.in(t)
		put(ctx, t, s.h, "/v1/agents/a18/skills", map[string]any{"skills": map[string]int{"resultats": 9, "rdv": 5, "fr": 10}, "until": "shift"})
		talker := c.queued(ctx, "3100")
		meets(ctx, t, talker, nextCall(ctx, t, one))
		first := c.queued(ctx, "3103")  // one for one agent
		second := c.queued(ctx, "3103") // one too many: the queue that the ratio names
		if l := c.leg(second); l.Queue != "essai" || l.FirstQueue != "serree" {
			t.Errorf("one too many waits in %s, first %s", l.Queue, l.FirstQueue)
		}
		if l := c.leg(first); l.Queue != "serree" {
			t.Errorf("the first one waits in %s", l.Queue)
		}
		for _, p := range []patient{first, second, talker} {
			c.hangup(ctx, p.Call)
			c.reaches(ctx, p, acd.LegEnded)
		}
	})
	nothingLeft(ctx, t, s.h)
}

// TestEverybodyGoesHome: who waits when the last agent leaves is told, once it is sure that nobody comes
// back: not while an agent is only on a break, and not at the instant at which one changes his desk.
func TestEverybodyGoesHome(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick("when_unstaffed: dissuade"))
	c := s.in(t)
	must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.state(ctx, "a18", acd.AgentReady)
	c.state(ctx, "a18", acd.AgentPaused)
	p := c.queued(ctx, "3100")
	c.state(ctx, "a18", acd.AgentOffline)
	left := time.Now()
	c.ends(ctx, p, acd.Dissuaded, acd.LegMenu, string(acd.RefusedUnstaffed))
	if d := time.Since(left); d < 10*time.Second || d > 45*time.Second {
		t.Errorf("he was told %v after the last agent had left", d)
	}
	neverSilent(t, p)
	nothingLeft(ctx, t, s.h)
}
