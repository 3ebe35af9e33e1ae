package e2e

import (
	"context"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// keeps checks that a caller who was given back has the age and the place that he had.
func keeps(t *testing.T, before, after acd.Leg) {
	t.Helper()
	if after.Enqueued != before.Enqueued || after.Score() != before.Score() {
		t.Errorf("the caller waits since %d (score %d), was %d (%d)", after.Enqueued, after.Score(), before.Enqueued, before.Score())
	}
}

// TestAgentDoesNotTakeTheCall goes through all ways of not taking it. Each time the caller keeps his
// age, hears music all along, and the next agent is rung at once.
func TestAgentDoesNotTakeTheCall(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	first := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1)) // a18 is asked before a15
	next := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	other := must[*phones.Phone](t)(s.h.Phone(ctx, "120", 3)) // nobody sits there
	other.SetPolicy(phones.AnswerAfter(0))

	for _, c := range []struct {
		name   string
		does   phones.Policy
		ending acd.Ending
		misses int
		keep   time.Duration // from this contact
		out    time.Duration // from all contacts
		state  acd.AgentState
		within time.Duration // the ring is over
	}{
		{"rings out", phones.NoAnswer(), acd.NoAnswer, 1, 60 * time.Second, 0, acd.AgentReady, 7 * time.Second},
		{"is busy", phones.Busy(), acd.Busy, 0, 60 * time.Second, 60 * time.Second, acd.AgentReady, 2 * time.Second},
		{"is unavailable at once", phones.Unavailable(), acd.Busy, 0, 60 * time.Second, 60 * time.Second, acd.AgentReady, 2 * time.Second},
		{"refuses", phones.RejectAfter(50*time.Millisecond, 603), acd.Refused, 0, 10 * time.Second, 10 * time.Second, acd.AgentReady, 2 * time.Second},
		{"forwards", phones.Forward("120"), acd.Busy, 0, 60 * time.Second, 60 * time.Second, acd.AgentReady, 2 * time.Second},
		{"hangs up in the briefing", phones.Run(50*time.Millisecond, phones.Script{phones.WaitEnergy(), phones.HangUp()}), acd.Refused, 0, 10 * time.Second, 10 * time.Second, acd.AgentReady, 3 * time.Second},
		{"is never heard", phones.AnswerDead(50 * time.Millisecond), acd.OfferFailed, 0, 60 * time.Second, 0, acd.AgentUnreachable, 12 * time.Second},
		{"is dead", phones.Ignore(), acd.NoAnswer, 1, 60 * time.Second, 0, acd.AgentReady, 7 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.in(t)
			s.sits(ctx, first, "a18", c.does)
			s.sits(ctx, next, "a15", phones.AnswerAfter(0))
			was := s.agent("a18")
			p := s.queued(ctx, "3100")
			before := s.leg(p)
			o := s.offers(ctx, p, 1)[0]
			if o.Agent != "a18" || o.Ending != c.ending {
				t.Errorf("the first offer: %+v, want a18 %s", o, c.ending)
			}
			if took := o.Ended.Sub(o.Made); took > c.within {
				t.Errorf("the offer took %v", took)
			}
			if c.name == "is never heard" { // SCENARIOS C11: at 10.0 s; the phone's own rtp_timeout, which is coarser, may come just before
				if took := o.Ended.Sub(s.entry(acd.KindBriefing, p).At); took < 9800*time.Millisecond || took > 10500*time.Millisecond {
					t.Errorf("the dead phone was given up after %v", took)
				}
			}
			at := nextCall(ctx, t, next)
			keeps(t, before, s.leg(p))
			two := s.offers(ctx, p, 2)
			if two[1].Agent != "a15" || two[1].Made.Sub(o.Ended) > time.Second {
				t.Errorf("the second offer came %v after the first: %+v", two[1].Made.Sub(o.Ended), two[1])
			}
			meets(ctx, t, p, at)
			neverSilent(t, p)
			a := s.agent("a18")
			if a.State != c.state || a.Misses != c.misses || a.Load != 0 || a.IdleSince != was.IdleSince {
				t.Errorf("the first agent: %+v", a)
			}
			s.excluded(p, "a18", o.Ended, c.keep)
			if a.Excluded.Sub(o.Ended) != c.out && (c.out > 0 || a.Excluded > o.Ended) {
				t.Errorf("kept from all calls until %v after, want %v", a.Excluded.Sub(o.Ended), c.out)
			}
			s.hangup(ctx, at)
			s.ends(ctx, p, acd.Answered, acd.LegTalking, "")
			if len(other.Calls()) > 0 {
				t.Error("the call followed the phone's forward")
			}
			for _, left := range first.Calls() {
				_ = left.Hangup(ctx) // who vanished never noticed
			}
		})
	}
	nothingLeft(ctx, t, s.h)
}

// TestMissesAddUp: an agent who lets several callers ring out is taken for gone, but not before the
// limit, and not the last one who could take the queue's calls (DESIGN §6, Misses; SCENARIOS A22).
func TestMissesAddUp(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick("misses_before_unreachable: 3"))
	c := s.in(t)
	first := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	next := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	c.sits(ctx, next, "a15", phones.AnswerAfter(0))
	talker := c.queued(ctx, "3100")
	at := nextCall(ctx, t, next) // a15 is busy, and would be there again
	meets(ctx, t, talker, at)
	c.sits(ctx, first, "a18", phones.NoAnswer())

	older := c.queued(ctx, "3100")
	middle := c.queued(ctx, "3100")
	newer := c.queued(ctx, "3100")
	for i, p := range []patient{older, middle, newer} {
		o := c.offers(ctx, p, 1)
		if len(o) != 1 || o[0].Agent != "a18" || o[0].Ending != acd.NoAnswer {
			t.Fatalf("caller %d: offers %+v", i, o)
		}
		want := acd.AgentReady
		if i == 2 {
			want = acd.AgentUnreachable
		}
		// The next offer may be on its way already: the entry says what the miss made of him.
		c.mu.Lock()
		e, _ := last(c.entries, p.contact, func(e acd.Entry, _ acd.Leg) bool { return e.Kind == acd.KindOfferEnded })
		c.mu.Unlock()
		if a := agentIn(t, e, "a18"); a.Misses != i+1 || a.State != want {
			t.Errorf("after miss %d: %+v", i+1, a)
		}
	}
	if a := c.agent("a18"); a.Reason != acd.UnreachableMissed {
		t.Errorf("the agent: %+v", a)
	}
	// He comes back: the older callers are not for him yet, and a fourth one is.
	first.SetPolicy(phones.AnswerAfter(0))
	c.state(ctx, "a18", acd.AgentReady)
	fresh := c.queued(ctx, "3100")
	meets(ctx, t, fresh, nextCall(ctx, t, first))
	for _, p := range []patient{older, middle, newer} {
		if l := c.leg(p); l.State != acd.LegQueued || l.Offers != 1 {
			t.Errorf("an older caller: %+v", l)
		}
	}
	// The order of age holds for the other agent.
	c.hangup(ctx, at)
	meets(ctx, t, older, nextCall(ctx, t, next))
	for _, p := range []patient{fresh, older, middle, newer} {
		neverSilent(t, p)
		c.hangup(ctx, p.Call)
		c.reaches(ctx, p, acd.LegEnded)
	}
	nothingLeft(ctx, t, s.h)
}

// TestLastAgentIsNeverUnreachable: the only agent misses as often as he likes. He is left alone for
// 60 s and rung again, for the same caller too.
func TestLastAgentIsNeverUnreachable(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick("misses_before_unreachable: 1"))
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, phone, "a18", phones.NoAnswer())
	p := c.queued(ctx, "3100")
	miss := c.offers(ctx, p, 1)[0]
	if a := c.agent("a18"); a.State != acd.AgentReady || a.Misses != 1 || a.Excluded.Sub(miss.Ended) != 60*time.Second {
		t.Errorf("after the miss: %+v", a)
	}
	phone.SetPolicy(phones.AnswerAfter(0))
	again := c.queued(ctx, "3100") // younger, but kept from nobody but by the agent's own rest
	_ = nextCall(ctx, t, phone)
	two := c.offers(ctx, p, 2)
	if gap := two[1].Made.Sub(miss.Ended); gap < 60*time.Second || gap > 63*time.Second {
		t.Errorf("rung again after %v", gap)
	}
	if two[1].Ending != acd.Accepted || c.leg(again).Offers != 0 {
		t.Errorf("the older caller comes first: %+v", two)
	}
	neverSilent(t, p)
	c.hangup(ctx, p.Call)
	meets(ctx, t, again, nextCall(ctx, t, phone))
	c.hangup(ctx, again.Call)
	nothingLeft(ctx, t, s.h)
}

// TestRefusalLastsTenSeconds: the only agent refuses, and is asked again ten seconds later.
func TestRefusalLastsTenSeconds(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, phone, "a18", phones.Decline())
	p := c.queued(ctx, "3100")
	no := c.offers(ctx, p, 1)[0]
	phone.SetPolicy(phones.AnswerAfter(0))
	meets(ctx, t, p, nextCall(ctx, t, phone))
	two := c.offers(ctx, p, 2)
	if gap := two[1].Made.Sub(no.Ended); gap < 10*time.Second || gap > 11*time.Second {
		t.Errorf("asked again after %v", gap)
	}
	neverSilent(t, p)
	c.hangup(ctx, p.Call)
	nothingLeft(ctx, t, s.h)
}

// TestAgentIsLostInConversation: the agent's audio dies while the two talk. The caller is told, goes
// back to the head of the queue with his age, and the next agent takes him.
func TestAgentIsLostInConversation(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(*phones.Call){
		"his audio stops":     (*phones.Call).StopRTP,
		"he vanishes, no BYE": (*phones.Call).Vanish,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, s := tell(t, quick())
			c := s.in(t)
			first := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
			next := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
			c.sits(ctx, first, "a18", phones.AnswerAfter(0))
			p := c.queued(ctx, "3100")
			before := c.leg(p)
			at := nextCall(ctx, t, first)
			meets(ctx, t, p, at)
			p.Ear().Reset()
			fails(at)
			l := c.reaches(ctx, p, acd.LegQueued)
			keeps(t, before, l)
			if a := c.agent("a18"); a.State != acd.AgentUnreachable || a.Reason != acd.UnreachableMedia {
				t.Errorf("the agent: %+v", a)
			}
			younger := c.queued(ctx, "3100")
			c.sits(ctx, next, "a15", phones.AnswerAfter(0))
			again := nextCall(ctx, t, next)
			meets(ctx, t, p, again)
			if c.leg(younger).State != acd.LegQueued {
				t.Error("a younger caller was taken first")
			}
			c.hangup(ctx, younger.Call)
			c.hangup(ctx, again)
			end := image(c.ends(ctx, p, acd.Answered, acd.LegTalking, ""), p.contact)
			if end.Agent != "a15" {
				t.Errorf("answered by %s", end.Agent)
			}
			_ = at.Hangup(ctx)
			nothingLeft(ctx, t, s.h)
		})
	}
}

// TestRegistrationIsLost: an agent whose phone lost its registration is not rung, and is back with it.
func TestRegistrationIsLost(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
	if err := phone.Unregister(ctx); err != nil {
		t.Fatal(err)
	}
	if a := c.waitAgent(ctx, "a18", acd.AgentUnreachable); a.Reason != acd.UnreachablePhone {
		t.Errorf("the agent: %+v", a)
	}
	p := c.queued(ctx, "3100")
	if err := phone.Register(ctx, time.Minute); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, p, nextCall(ctx, t, phone))
	if l := c.leg(p); l.Offers != 1 {
		t.Errorf("%d offers: the lost phone was rung", l.Offers)
	}
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Answered, acd.LegTalking, "")

	// While it rings: the ring ends as any other, and the agent is not rung again before he is back.
	phone.SetPolicy(func(ctx context.Context, call *phones.Call) { _ = call.Ring(); <-ctx.Done() })
	q := c.queued(ctx, "3100")
	nextCall(ctx, t, phone)
	if err := phone.Unregister(ctx); err != nil {
		t.Fatal(err)
	}
	c.offers(ctx, q, 1)
	c.waitAgent(ctx, "a18", acd.AgentUnreachable)
	c.hangup(ctx, q.Call)
	c.ends(ctx, q, acd.Abandoned, acd.LegQueued, "")
	nothingLeft(ctx, t, s.h)
}
