package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestTheSameCallerAgain: a patient who calls again within a day waits for the agent who dealt with him,
// though somebody else is free: until that agent is, until the hold is over, or until he leaves
// (SCENARIOS C6). His number is in the store under no key but his contact's own.
func TestTheSameCallerAgain(t *testing.T) {
	t.Parallel()
	const hold = 5 * time.Second
	o := with(also(quick(), "autre", "3102", "ring: 5s", "wrapup: 0s", "when_unstaffed: wait", `steps: [{require: "rdv >= 5"}]`, "fallback: {goto: accueil}"), nil,
		`essai: {label: {fr: "essai", en: "trial"}, queue: essai}`, `essai: {label: {fr: "essai", en: "trial"}, queue: essai, hold: 5s}`)
	ctx, s := tell(t, o)
	c := s.in(t)
	first := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1)) // a18 is asked before a15
	next := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	c.sits(ctx, first, "a18", phones.AnswerAfter(0))
	c.sits(ctx, next, "a15", phones.AnswerAfter(0))

	p := c.queued(ctx, "3100")
	meets(ctx, t, p, nextCall(ctx, t, first))
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	if l := c.leg(p); l.Preferred != "" {
		t.Errorf("a first call is kept for %s", l.Preferred)
	}
	noted(ctx, t, s.h)

	// busy lets a18 talk to somebody; the next caller is the patient, for whom a15 is free.
	busy := func(t *testing.T) (talker, again patient) {
		c := s.in(t)
		talker = c.queued(ctx, "3102")
		meets(ctx, t, talker, nextCall(ctx, t, first))
		again = c.queued(ctx, "3100")
		// The hold counts from the wish for a place, which is a little before the place.
		l := c.leg(again)
		if kept := l.HoldUntil.Sub(l.Enqueued); l.Preferred != "a18" || kept > hold || kept < hold-200*time.Millisecond {
			t.Errorf("kept for %q until %v after it was queued", l.Preferred, kept)
		}
		return talker, again
	}
	over := func(c *chapter, all ...patient) {
		for _, p := range all {
			c.hangup(ctx, p.Call)
			c.reaches(ctx, p, acd.LegEnded)
		}
	}
	t.Run("his agent, as soon as he is free", func(t *testing.T) {
		c := s.in(t)
		talker, again := busy(t)
		over(c, talker)
		meets(ctx, t, again, nextCall(ctx, t, first))
		if all := c.offers(ctx, again, 1); len(all) != 1 || all[0].Agent != "a18" {
			t.Errorf("offers %+v", all)
		}
		neverSilent(t, again)
		over(c, again)
	})
	t.Run("anybody, when the hold is over", func(t *testing.T) {
		c := s.in(t)
		talker, again := busy(t)
		meets(ctx, t, again, nextCall(ctx, t, next))
		all := c.offers(ctx, again, 1)
		if kept := all[0].Made.Sub(c.leg(again).Enqueued); all[0].Agent != "a15" || kept < hold-200*time.Millisecond || kept > hold+500*time.Millisecond {
			t.Errorf("offered to %s after %v", all[0].Agent, kept)
		}
		neverSilent(t, again)
		over(c, talker, again)
	})
	t.Run("anybody, when his agent leaves", func(t *testing.T) {
		c := s.in(t)
		c.state(ctx, "a15", acd.AgentPaused) // so that a18 is whom the patient knows again
		p := c.queued(ctx, "3100")
		meets(ctx, t, p, nextCall(ctx, t, first))
		over(c, p)
		c.state(ctx, "a15", acd.AgentReady)
		noted(ctx, t, s.h)
		talker, again := busy(t)
		asked := s.h.App.Book().Now()
		c.state(ctx, "a18", acd.AgentOffline) // he talks on, and will not be back
		meets(ctx, t, again, nextCall(ctx, t, next))
		if all := c.offers(ctx, again, 1); all[0].Agent != "a15" || all[0].Made.Sub(asked) > 500*time.Millisecond {
			t.Errorf("offered to %s %v after the other left", all[0].Agent, all[0].Made.Sub(asked))
		}
		over(c, talker, again)
	})
	if out := s.h.Log.String(); strings.Contains(out, "612345678") {
		t.Error("the log names the patient")
	}
	nothingLeft(ctx, t, s.h)
}

// noted waits until the store knows who answered, and checks that it knows nobody's number by it.
func noted(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	r := client(t, h)
	within(ctx, t, "who answered is noted", func() (string, bool) {
		keys := r.Keys(ctx, "*:caller:*").Val()
		for _, k := range keys {
			if strings.Contains(k, "612345678") {
				t.Errorf("a key holds the number: %s", k)
			}
			if known := r.Get(ctx, k).Val(); strings.HasSuffix(k, ":essai") && strings.HasSuffix(known, " a18") {
				return known, true
			}
		}
		return strings.Join(keys, " "), false
	})
}
