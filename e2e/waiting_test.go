package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestPausedAgentsAreNotRung is SCENARIOS A10.
func TestPausedAgentsAreNotRung(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, also(quick(), "bref", "3102", "ring: 5s", "wrapup: 0s", "max_wait: 3s", "when_unstaffed: wait", `steps: [{require: "rdv >= 5"}, {after: 1s}]`))
	c := s.in(t)
	first := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	next := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	c.sits(ctx, first, "a18", phones.AnswerAfter(0))
	c.sits(ctx, next, "a15", phones.AnswerAfter(0))
	for _, a := range []acd.AgentID{"a18", "a15"} {
		c.state(ctx, a, acd.AgentPaused)
		c.waitAgent(ctx, a, acd.AgentPaused)
	}
	p := c.queued(ctx, "3102")
	since := c.leg(p).Enqueued
	c.ends(ctx, p, acd.Dissuaded, acd.LegMenu, string(acd.RefusedMaxWait))
	if c.leg(p).Offers != 0 {
		t.Errorf("a paused agent was rung: %+v", c.leg(p))
	}
	if waited := c.leg(p).End.At.Sub(since); waited < 3*time.Second || waited > 15*time.Second {
		t.Errorf("ended after %v", waited)
	}
	neverSilent(t, p)

	c.state(ctx, "a15", acd.AgentReady)
	q := c.queued(ctx, "3100")
	meets(ctx, t, q, nextCall(ctx, t, next))
	if o := c.offers(ctx, q, 1); len(o) != 1 || o[0].Agent != "a15" || len(first.Calls()) > 0 {
		t.Errorf("offers %+v, calls at the paused agent %d", o, len(first.Calls()))
	}
	c.hangup(ctx, q.Call)
	nothingLeft(ctx, t, s.h)
}

// TestWhoCannotBeTaken is SCENARIOS A14: full, unstaffed, closed, exceptionally closed.
func TestWhoCannotBeTaken(t *testing.T) {
	t.Parallel()
	o := also(quick(), "petite", "3102", "max_waiting: 1", "when_unstaffed: wait", `steps: [{require: "rdv >= 5"}, {after: 1s}]`)
	o = also(o, "personne", "3103", "when_unstaffed: dissuade", `steps: [{require: "rdv >= 5"}, {after: 1s}]`)
	add, to := entry("3104", "nuit")
	o = with(o, map[string]string{"nuit.yaml": closedScenario()}, add, to)
	ctx, s := tell(t, o)
	leaves := func(t *testing.T, number string, n int, outcome acd.Outcome, reason string) {
		s := s.in(t)
		var all []patient
		for range n {
			all = append(all, s.patient(ctx, number))
		}
		for _, p := range all {
			s.ends(ctx, p, outcome, acd.LegMenu, reason)
			if l := s.leg(p); !l.Enqueued.Never() || l.Offers > 0 {
				t.Errorf("was queued: %+v", l)
			}
			neverSilent(t, p)
			if end, err := p.WaitEnded(ctx); err != nil || end.By != phones.Theirs {
				t.Errorf("the call ended %+v, %v", end, err)
			}
		}
	}
	t.Run("full", func(t *testing.T) {
		c := s.in(t)
		one := c.queued(ctx, "3102")
		leaves(t, "3102", 3, acd.Dissuaded, string(acd.RefusedFull))
		if c.leg(one).State != acd.LegQueued {
			t.Error("the first one lost his place")
		}
		c.hangup(ctx, one.Call)
		c.ends(ctx, one, acd.Abandoned, acd.LegQueued, "")
	})
	t.Run("unstaffed", func(t *testing.T) { leaves(t, "3103", 3, acd.Dissuaded, string(acd.RefusedUnstaffed)) })
	t.Run("closed", func(t *testing.T) { leaves(t, "3104", 2, acd.Closed, "") })
	t.Run("closed exceptionally in open hours", func(t *testing.T) {
		c := s.in(t)
		put(ctx, t, s.h, "/v1/entries/3100/closed", map[string]bool{"closed": true})
		c.until(ctx, "the entry is closed", func(v *acd.View, _ []acd.Entry) bool { x, _ := v.Closure("3100"); return x.Closed })
		leaves(t, "3100", 1, acd.Closed, "entry_closed")
		put(ctx, t, s.h, "/v1/entries/3100/closed", map[string]bool{"closed": false})
		c.until(ctx, "the entry is open", func(v *acd.View, _ []acd.Entry) bool { x, _ := v.Closure("3100"); return !x.Closed })
		p := c.queued(ctx, "3100")
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
	})
	var report struct {
		Total struct {
			Counts struct {
				Received int `json:"received"`
				H        int `json:"h"`
				Q, B, D  int
				Closed   int `json:"closed"`
			} `json:"counts"`
		} `json:"total"`
	}
	within(ctx, t, "all are in the figures", func() (string, bool) { // which fold the log by themselves
		get(ctx, t, s.h, "/v1/kpis", &report)
		return fmt.Sprint(report.Total.Counts.Received), report.Total.Counts.Received >= 11
	})
	if n := report.Total.Counts; n.Received != 11 || n.D != 6 || n.Closed != 3 || n.Q != 2 || n.B != 2 || n.H != 8 {
		t.Errorf("figures %+v", n)
	}
	nothingLeft(ctx, t, s.h)
}

// closedScenario is open in one minute of the week, three days away.
func closedScenario() string {
	never := strings.ToLower(time.Now().AddDate(0, 0, 3).Format("Mon"))
	return `version: 1
start: heures
emergency_message: false
timetables:
  jamais: {` + never + `: "00:00-00:01"}
nodes:
  heures:
    hours: {timetable: jamais, open: file, closed: ferme}
  file: {queue: essai}
  ferme:
    say: {fr: "Fermé.", en: "Closed."}
    next: fin
  fin:
    hangup: closed
`
}

// TestMaximumWait: who has waited long enough goes where the queue says, once.
func TestMaximumWait(t *testing.T) {
	t.Parallel()
	queue := func(fallback string) []string {
		return []string{"ring: 5s", "wrapup: 0s", "max_wait: 2s", "when_unstaffed: wait", "waiting: attente", "fallback: {goto: " + fallback + "}", `steps: [{require: "imagerie >= 9"}]`}
	}
	o := also(quick(), "vers-file", "3102", queue("essai")...)
	o = also(o, "vers-poste", "3103", queue(`"4000"`)...)
	o = also(o, "vers-message", "3104", queue("message")...)
	ctx, s := tell(t, o)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	s.in(t).sits(ctx, phone, "a18", phones.AnswerAfter(0))

	t.Run("to another queue", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3102")
		before := c.leg(p)
		meets(ctx, t, p, nextCall(ctx, t, phone))
		l := c.reaches(ctx, p, acd.LegTalking)
		keeps(t, before, l)
		if l.Queue != "essai" || l.FirstQueue != "vers-file" {
			t.Errorf("answered in %s, first %s", l.Queue, l.FirstQueue)
		}
		neverSilent(t, p)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	})
	t.Run("to a number of the PBX", func(t *testing.T) {
		c := s.in(t)
		s.h.Services.Set("4000", phones.Run(0, phones.Script{phones.WaitEnergy(), phones.Press("1"), phones.Stay()}))
		p := c.queued(ctx, "3103")
		if err := p.Ear().WaitTone(ctx, s.h.Services.Phone().Tone()); err != nil {
			t.Fatal("the caller does not hear the extension:", err)
		}
		neverSilent(t, p)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.TransferredOut, acd.LegTalking, "")
	})
	t.Run("to a message", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3104")
		c.ends(ctx, p, acd.SelfServed, acd.LegMenu, "message")
		neverSilent(t, p)
	})
	nothingLeft(ctx, t, s.h)
}

// TestKeysWhileWaiting: 0, 9 and * of a caller who waits.
func TestKeysWhileWaiting(t *testing.T) {
	t.Parallel()
	dir := recorded(t, map[string]int{"sys.emergency_instruction": 40, "attente.patience": 43, "sys.star_return": 46})
	ctx, s := tell(t, with(quick(), nil, dir...))
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))

	t.Run("* repeats and changes nothing", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3100")
		before := c.leg(p)
		heard(ctx, t, p, 43)
		unheard(ctx, t, p, 43)
		press(ctx, t, p.Call, "*")
		heard(ctx, t, p, 43)
		l := c.leg(p)
		keeps(t, before, l)
		if l.State != acd.LegQueued {
			t.Errorf("the caller: %+v", l)
		}
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
		neverSilent(t, p)
	})
	t.Run("0 leads to the switchboard at the same age", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3100")
		before := c.leg(p)
		press(ctx, t, p.Call, "0")
		c.until(ctx, "the caller waits for the switchboard", func(*acd.View, []acd.Entry) bool { return legOf(s, p).Queue == "accueil" })
		l := c.leg(p)
		keeps(t, before, l)
		if l.FirstQueue != "essai" {
			t.Errorf("first queue %s", l.FirstQueue)
		}
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
		neverSilent(t, p)
	})
	t.Run("9 instructs, withdraws the ring, and * leads back", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, phone, "a18", phones.NoAnswer())
		was := c.agent("a18")
		p := c.queued(ctx, "3100")
		before := c.leg(p)
		ring := nextCall(ctx, t, phone)
		instructed(ctx, t, p)
		if end, err := ring.WaitEnded(ctx); err != nil || end.By != phones.Theirs {
			t.Errorf("the ring ended %+v, %v", end, err)
		}
		l := c.reaches(ctx, p, acd.LegMenu)
		if !l.Flagged {
			t.Error("the leg has no emergency flag")
		}
		o := c.offers(ctx, p, 1)
		if o[0].Ending != acd.CallerGone {
			t.Errorf("offers %+v", o)
		}
		phone.SetPolicy(phones.AnswerAfter(0))
		press(ctx, t, p.Call, "*")
		meets(ctx, t, p, nextCall(ctx, t, phone))
		l = c.leg(p)
		keeps(t, before, l)
		if a := c.agent("a18"); a.Misses != was.Misses || a.IdleSince != was.IdleSince {
			t.Errorf("the agent: %+v", a)
		}
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		neverSilent(t, p)
	})
	t.Run("9 and the end of the call", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3100")
		instructed(ctx, t, p)
		c.reaches(ctx, p, acd.LegMenu)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Emergency, acd.LegMenu, "key_9")
		neverSilent(t, p)
	})
	nothingLeft(ctx, t, s.h)
}

func legOf(s *story, p patient) acd.Leg {
	legs := s.view.ContactLegs(p.contact)
	return legs[len(legs)-1]
}

// TestNeverSilent is a whole call with a menu, a wait, a miss and a re-offer, of which the caller hears
// something all along (DESIGN §7.2). The time from INVITE to the first sound is told for the record;
// the benchmark has its bar.
func TestNeverSilent(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, with(quick(), nil, append(recorded(t, map[string]int{"attente.patience": 43}), "ring: 15s", "ring: 5s")...))
	c := s.in(t)
	first := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	next := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	c.sits(ctx, first, "a18", phones.NoAnswer())
	c.sits(ctx, next, "a15", phones.AnswerAfter(500*time.Millisecond))
	for _, a := range []acd.AgentID{"a18", "a15"} {
		c.state(ctx, a, acd.AgentPaused)
	}
	p := c.patient(ctx, "3000")
	if err := p.Ear().WaitEnergy(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("INVITE to first sound: %v", p.Ear().Hearing().FirstEnergy.Sub(p.Moments().Invited).Round(time.Millisecond))
	press(ctx, t, p.Call, "11")
	heard(ctx, t, p, 43)
	unheard(ctx, t, p, 43) // music now
	c.state(ctx, "a18", acd.AgentReady)
	ring := nextCall(ctx, t, first)
	c.state(ctx, "a15", acd.AgentReady)
	if _, err := ring.WaitEnded(ctx); err != nil {
		t.Fatal(err)
	}
	at := nextCall(ctx, t, next)
	meets(ctx, t, p, at)
	neverSilent(t, p)
	h := p.Ear().Hearing()
	t.Logf("longest time without sound: %v, without a packet: %v", h.LongestNothing, h.LongestGap)
	if o := c.offers(ctx, p, 2); o[0].Ending != acd.NoAnswer || o[1].Ending != acd.Accepted {
		t.Errorf("offers %+v", o)
	}
	c.hangup(ctx, at)
	c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
}

// TestEmergencyKeyAsTheAgentAnswers presses 9 around the instant of the answer: the instruction is
// heard or the two talk, never neither.
func TestEmergencyKeyAsTheAgentAnswers(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, with(quick(), nil, recorded(t, map[string]int{"sys.emergency_instruction": 40})...))
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, phone, "a18", nil)
	for i := range 6 {
		c.waitAgent(ctx, "a18", acd.AgentReady)
		p := c.queued(ctx, "3100")
		at := nextCall(ctx, t, phone)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			after(ctx, time.Duration(i)*25*time.Millisecond)
			_ = at.Answer()
		}()
		press(ctx, t, p.Call, "9")
		heard(ctx, t, p, 40)
		<-answered
		if _, err := at.WaitEnded(ctx); err != nil {
			t.Fatal(err)
		}
		if l := c.reaches(ctx, p, acd.LegMenu); !l.Flagged || l.Agent != "" {
			t.Errorf("the leg: %+v", l)
		}
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Emergency, acd.LegMenu, "key_9")
	}
	nothingLeft(ctx, t, s.h)
}
