package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// The reasons of these tests, each said by a tone of its own.
const (
	saysTrial = 50
	saysLong  = 52
	tooLong   = 8 * time.Second // for any briefing
)

// A person of the demonstration's directory.
const (
	knownNumber = "0639980101"
	knownName   = "Rousseau"
)

// briefed is what an agent's ear heard between his answer and his caller.
type briefed struct {
	at      *phones.Call
	trial   *phones.ToneWatch // the reason
	long    *phones.ToneWatch // the reason that is too long
	patient *phones.ToneWatch
}

// listening answers at once, with its ears open before the first sound.
func listening(patientTone func() float64, told chan<- briefed) phones.Policy {
	return func(_ context.Context, c *phones.Call) {
		b := briefed{at: c, trial: c.Ear().Watch(phones.ToneFor(saysTrial)), long: c.Ear().Watch(phones.ToneFor(saysLong)), patient: c.Ear().WatchVoice(patientTone())}
		_ = c.Ring()
		_ = c.Answer()
		told <- b
	}
}

// took is how long the agent was told something, from his answer to his caller.
func (b briefed) took() time.Duration {
	return b.patient.Began().Sub(b.at.Moments().Answered)
}

// TestBriefings measures at the agent's ear what DESIGN §4.6 promises of each mode: what is said, for
// how long, that a key ends it, and that the caller hears his music until the two meet.
func TestBriefings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record(t, dir, "reason.essai", saysTrial, spoken)
	record(t, dir, "reason.longue", saysLong, tooLong)
	o := also(quick(), "longue", "3102", "ring: 5s", "wrapup: 0s", "when_unstaffed: wait", `steps: [{require: "rdv >= 5"}, {after: 1s}]`)
	o = with(o, nil, append(recordings(dir),
		"a18: {name: \"Yann Le Goff\", phone: \"118\",", "a18: {name: \"Yann Le Goff\", phone: \"118\", briefing: full,",
		"a14: {name: \"Omar Haddad\", phone: \"114\",", "a14: {name: \"Omar Haddad\", phone: \"114\", briefing: beep,")...)
	ctx, s := tell(t, o)
	told := make(chan briefed, 1)
	var voice float64
	ears := listening(func() float64 { return voice }, told)
	desks := map[acd.AgentID]*phones.Phone{}
	for i, id := range []acd.AgentID{"a18", "a15", "a14"} {
		desks[id] = must[*phones.Phone](t)(s.h.Phone(ctx, acd.PhoneID("1"+string(id[1:])), i+1))
	}
	// meet brings a caller to the agent; key is pressed in the briefing when it is not empty.
	meet := func(t *testing.T, c *chapter, agent acd.AgentID, entry, number, key string) (patient, briefed) {
		t.Helper()
		p := c.caller(ctx, entry, phones.CallOptions{User: number})
		c.reaches(ctx, p, acd.LegQueued)
		voice = p.Tone()
		agentVoice, reasons := p.Ear().Watch(desks[agent].Tone()), []*phones.ToneWatch{p.Ear().Watch(phones.ToneFor(saysTrial)), p.Ear().Watch(phones.ToneFor(saysLong))}
		c.sits(ctx, desks[agent], agent, ears)
		b := <-told
		p.Ear().Reset()
		if key != "" {
			if err := b.at.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal("nothing is said to the agent:", err)
			}
			press(ctx, t, b.at, key)
		}
		meets(ctx, t, p, b.at)
		if n := p.Ear().Hearing().LongestNothing; n > 400*time.Millisecond {
			t.Errorf("the caller heard nothing for %v: his music goes on until the two meet", n)
		}
		if early := b.patient.Began().Sub(agentVoice.Began()); early > 200*time.Millisecond {
			t.Errorf("the caller heard the agent %v before the agent heard him", early)
		}
		for _, w := range reasons {
			if !w.Began().IsZero() {
				t.Error("the caller heard the briefing")
			}
		}
		return p, b
	}
	over := func(c *chapter, p patient, b briefed) {
		c.t.Helper()
		c.hangup(ctx, b.at)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	}
	// once checks that the reason was said, whole and once.
	once := func(t *testing.T, b briefed) (first time.Time) {
		t.Helper()
		total, _, _ := b.trial.Heard()
		if total < spoken-200*time.Millisecond || total > spoken+200*time.Millisecond {
			t.Errorf("the reason was heard for %v, it takes %v", total, spoken)
		}
		return b.trial.Began()
	}
	// Between the last word and the caller the agent's own audio is looked for, and Asterisk joins them.
	const joining = 400 * time.Millisecond

	t.Run("full: who, then why", func(t *testing.T) {
		c := s.in(t)
		p, b := meet(t, c, "a18", "3100", knownNumber, "")
		if who := once(t, b).Sub(b.at.Ear().Hearing().FirstEnergy); who < 500*time.Millisecond {
			t.Errorf("the reason came %v after the first sound: the name was not said", who)
		}
		if b.took() > 5*time.Second+joining {
			t.Errorf("the briefing took %v", b.took())
		}
		over(c, p, b)
	})
	t.Run("full: nobody that the directory knows", func(t *testing.T) {
		c := s.in(t)
		p, b := meet(t, c, "a18", "3100", "0639980199", "")
		if who := once(t, b).Sub(b.at.Ear().Hearing().FirstEnergy); who > 200*time.Millisecond {
			t.Errorf("something was said for %v before the reason", who)
		}
		over(c, p, b)
	})
	t.Run("short, the default: why", func(t *testing.T) {
		c := s.in(t)
		p, b := meet(t, c, "a15", "3100", knownNumber, "")
		if who := once(t, b).Sub(b.at.Ear().Hearing().FirstEnergy); who > 200*time.Millisecond {
			t.Errorf("something was said for %v before the reason", who)
		}
		if b.took() > 3*time.Second+joining {
			t.Errorf("the briefing took %v", b.took())
		}
		over(c, p, b)
	})
	t.Run("beep: nothing that the card shows", func(t *testing.T) {
		c := s.in(t)
		p, b := meet(t, c, "a14", "3100", knownNumber, "")
		if !b.trial.Began().IsZero() {
			t.Error("the reason was said")
		}
		if beep := b.at.Ear().Hearing().FirstEnergy; b.patient.Began().Sub(beep) < 100*time.Millisecond {
			t.Error("no beep before the caller")
		}
		if b.took() > time.Second {
			t.Errorf("the beep took %v", b.took())
		}
		over(c, p, b)
	})
	for agent, limit := range map[acd.AgentID]time.Duration{"a18": 5 * time.Second, "a15": 3 * time.Second} {
		t.Run(fmt.Sprintf("nothing takes longer than %s", limit), func(t *testing.T) {
			c := s.in(t)
			p, b := meet(t, c, agent, "3102", knownNumber, "")
			if b.took() > limit+joining || b.took() < limit-joining {
				t.Errorf("the briefing took %v, it may take %v", b.took(), limit)
			}
			if total, _, _ := b.long.Heard(); total < time.Second {
				t.Errorf("only %v of the reason were heard", total)
			}
			over(c, p, b)
		})
	}
	for _, key := range []string{"1", "0", "*", "#"} {
		t.Run("key "+key+" ends it", func(t *testing.T) {
			c := s.in(t)
			p, b := meet(t, c, "a18", "3102", knownNumber, key)
			if b.took() > 1500*time.Millisecond {
				t.Errorf("the two met %v after the answer", b.took())
			}
			over(c, p, b)
		})
	}
	nothingLeft(ctx, t, s.h)
}
