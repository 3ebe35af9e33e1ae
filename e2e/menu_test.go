package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// The prompts of the main menu, each a tone of its own.
const (
	saysEmergency = 30
	saysWelcome   = 32
	saysMenu      = 34
	saysDates     = 36
	saysNo        = 38
	saysInstruct  = 40
	saysOperator  = 42
	saysPatience  = 44
	saysVisits    = 46
	saysVisitKeys = 48
)

func menuOptions(t *testing.T) Options {
	return with(quick(), nil, append(recorded(t, map[string]int{
		"sys.emergency": saysEmergency, "principal.bienvenue": saysWelcome, "principal.menu": saysMenu, "principal.rendez-vous": saysDates,
		"sys.not_understood": saysNo, "sys.emergency_instruction": saysInstruct, "sys.operator": saysOperator, "attente.patience": saysPatience,
		"article.horaires-visites.1": saysVisits, "sys.info_keys": saysVisitKeys,
	}), "    max_waiting: 30\n    max_wait: 15m\n    fallback: {goto: accueil}", "    max_waiting: 30\n    max_wait: 15m\n    when_unstaffed: wait\n    fallback: {goto: accueil}")...)
}

// TestMenu walks the demonstration's menu over real RTP with keys as RFC 4733 events.
func TestMenu(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, menuOptions(t))
	leave := func(c *chapter, p patient, outcome acd.Outcome, phase acd.LegState, reason string) {
		c.t.Helper()
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, outcome, phase, reason)
		neverSilent(c.t, p)
	}
	queuedAs := func(c *chapter, p patient, reason acd.ReasonID, lang acd.Lang, path string) {
		c.t.Helper()
		l := c.reaches(ctx, p, acd.LegQueued)
		if l.Reason != reason || l.Lang != lang || !strings.HasSuffix(strings.Join(l.Path, " "), path) {
			c.t.Errorf("queued as %s in %s by %v", l.Reason, l.Lang, l.Path)
		}
	}
	for name, walk := range map[string]func(c *chapter){
		"emergency message, welcome, menu, in this order": func(c *chapter) {
			p := c.patient(ctx, "3000")
			var watches []*phones.ToneWatch
			for _, n := range []int{saysEmergency, saysWelcome, saysMenu} {
				watches = append(watches, p.Ear().Watch(phones.ToneFor(n)))
			}
			heard(ctx, c.t, p, saysMenu)
			unheard(ctx, c.t, p, saysMenu)
			var end time.Time
			for i, w := range watches {
				total, first, last := w.Heard()
				if total < spoken-300*time.Millisecond || first.Before(end) {
					c.t.Errorf("prompt %d was heard for %v from %v, the one before until %v", i, total, first, end)
				}
				end = last
			}
			leave(c, p, acd.Abandoned, acd.LegMenu, "")
		},
		"a key stops the prompt": func(c *chapter) {
			p := c.patient(ctx, "3000")
			watch := p.Ear().Watch(phones.ToneFor(saysMenu))
			heard(ctx, c.t, p, saysMenu)
			press(ctx, c.t, p.Call, "1")
			heard(ctx, c.t, p, saysDates)
			if total, _, _ := watch.Heard(); total > spoken-400*time.Millisecond {
				c.t.Errorf("the prompt went on for %v", total)
			}
			press(ctx, c.t, p.Call, "2")
			queuedAs(c, p, "rdv.imagerie", "fr", "menu 1 rendez-vous 2 rdv-imagerie")
			leave(c, p, acd.Abandoned, acd.LegQueued, "")
		},
		"a key stops the prompt within 200 ms": func(c *chapter) {
			p := c.patient(ctx, "3000")
			var cuts []time.Duration
			for i := range 5 { // 8 is the same menu in the other language
				n := saysMenu + i%2
				watch := p.Ear().Watch(phones.ToneFor(n))
				heard(ctx, c.t, p, n)
				released := time.Now().Add(100 * time.Millisecond) // a key counts when it ends
				press(ctx, c.t, p.Call, "8")
				heard(ctx, c.t, p, saysMenu+(i+1)%2)
				_, _, last := watch.Heard()
				cuts = append(cuts, last.Sub(released))
			}
			slices.Sort(cuts)
			c.t.Logf("the prompts went on after the key's release for %v", cuts)
			if cuts[len(cuts)/2] > 200*time.Millisecond {
				c.t.Error("half of the keys took longer than 200 ms")
			}
			leave(c, p, acd.Abandoned, acd.LegMenu, "")
		},
		"keys faster than speech": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysEmergency)
			emergency, menu := p.Ear().Watch(phones.ToneFor(saysEmergency)), p.Ear().Watch(phones.ToneFor(saysMenu))
			press(ctx, c.t, p.Call, "11")
			queuedAs(c, p, "rdv.consultation", "fr", "menu 1 rendez-vous 1 rdv-consultation")
			heard(ctx, c.t, p, saysPatience)
			if total, _, _ := emergency.Heard(); total < spoken/2 {
				c.t.Error("the emergency message was cut short")
			}
			if total, _, _ := menu.Heard(); total > 0 {
				c.t.Error("the menu was read although it was answered")
			}
			leave(c, p, acd.Abandoned, acd.LegQueued, "")
		},
		"an invalid key": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysMenu)
			press(ctx, c.t, p.Call, "7")
			heard(ctx, c.t, p, saysNo)
			heard(ctx, c.t, p, saysMenu)
			press(ctx, c.t, p.Call, "77")
			heard(ctx, c.t, p, saysOperator) // the third time a human
			queuedAs(c, p, "accueil", "fr", "menu")
			leave(c, p, acd.Abandoned, acd.LegQueued, "")
		},
		"keys of 40 ms count once": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysMenu)
			if err := p.SendDTMF(ctx, "1", phones.Keying{Hold: 40 * time.Millisecond, Gap: 40 * time.Millisecond}); err != nil {
				c.t.Fatal(err)
			}
			heard(ctx, c.t, p, saysDates) // a second 1 would have left this menu
			unheard(ctx, c.t, p, saysDates)
			if l := c.leg(p); l.State != acd.LegMenu {
				c.t.Errorf("one key led to %s %s", l.State, l.Reason)
			}
			if err := p.SendDTMF(ctx, "2", phones.Keying{Hold: 40 * time.Millisecond, Gap: 40 * time.Millisecond}); err != nil {
				c.t.Fatal(err)
			}
			queuedAs(c, p, "rdv.imagerie", "fr", "menu 1 rendez-vous 2 rdv-imagerie")
			leave(c, p, acd.Abandoned, acd.LegQueued, "")
		},
		"8 speaks English": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysMenu)
			press(ctx, c.t, p.Call, "8")
			heard(ctx, c.t, p, saysMenu+1)
			press(ctx, c.t, p.Call, "2")
			queuedAs(c, p, "resultats", "en", "menu 2 resultats")
			heard(ctx, c.t, p, saysPatience+1)
			leave(c, p, acd.Abandoned, acd.LegQueued, "")
		},
		"3001 is in English": func(c *chapter) {
			p := c.patient(ctx, "3001")
			heard(ctx, c.t, p, saysEmergency+1)
			heard(ctx, c.t, p, saysMenu+1)
			press(ctx, c.t, p.Call, "8")
			heard(ctx, c.t, p, saysMenu)
			leave(c, p, acd.Abandoned, acd.LegMenu, "")
		},
		"* repeats": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysMenu)
			unheard(ctx, c.t, p, saysMenu)
			press(ctx, c.t, p.Call, "*")
			heard(ctx, c.t, p, saysMenu)
			leave(c, p, acd.Abandoned, acd.LegMenu, "")
		},
		"0 reaches a human": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysMenu)
			press(ctx, c.t, p.Call, "0")
			queuedAs(c, p, "accueil", "fr", "menu 0")
			leave(c, p, acd.Abandoned, acd.LegQueued, "")
		},
		"an article, once more, and the end": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysMenu)
			press(ctx, c.t, p.Call, "41")
			heard(ctx, c.t, p, saysVisits)
			heard(ctx, c.t, p, saysVisitKeys)
			press(ctx, c.t, p.Call, "*")
			heard(ctx, c.t, p, saysVisits)
			heard(ctx, c.t, p, saysVisitKeys)
			press(ctx, c.t, p.Call, "2")
			c.ends(ctx, p, acd.SelfServed, acd.LegMenu, "info")
		},
		"9 instructs within a second, * returns": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysEmergency)
			instructed(ctx, c.t, p) // over the message that no other key stops
			press(ctx, c.t, p.Call, "*")
			heard(ctx, c.t, p, saysMenu)
			instructed(ctx, c.t, p)
			press(ctx, c.t, p.Call, "*")
			heard(ctx, c.t, p, saysMenu)
			if !c.leg(p).Flagged {
				c.t.Error("the leg has no emergency flag")
			}
			leave(c, p, acd.Abandoned, acd.LegMenu, "") // not an emergency: he came back
		},
		"9 and the end of the call": func(c *chapter) {
			p := c.patient(ctx, "3000")
			heard(ctx, c.t, p, saysMenu)
			instructed(ctx, c.t, p)
			leave(c, p, acd.Emergency, acd.LegMenu, "key_9")
		},
	} {
		t.Run(name, func(t *testing.T) { walk(s.in(t)) })
	}
	nothingLeft(ctx, t, s.h)
}

// slowMenu says one text that no recording replaces.
const slowMenu = `version: 1
start: choix
emergency_message: false
nodes:
  choix:
    menu:
      prompt: {fr: "Pour prendre un rendez-vous de consultation ou d'imagerie dans notre hôpital, tapez le chiffre un.", en: "For an appointment, press one."}
      options: {"1": file}
  file: {queue: essai}
`

// lasting is how long a text was heard, from its first sound to its last.
func lasting(ctx context.Context, p patient) (time.Duration, error) {
	const pause = 900 * time.Millisecond // longer than any within the text
	if err := p.Ear().WaitLoud(ctx, loudSound); err != nil {
		return 0, err
	}
	begun := time.Now()
	err := p.Ear().WaitSofter(ctx, loudSound, pause)
	return time.Since(begun) - pause, err
}

// TestSilentCaller takes its time: the menu is repeated 10 s after its first end, the operator is
// asked for 20 s after its second. Who calls through a relay meanwhile hears his menu slowly, again when he
// asks for it, and then nothing for as long: nobody urges him, and his key is taken.
func TestSilentCaller(t *testing.T) {
	t.Parallel()
	plainEntry, plainTo := entry("3104", "choix")
	ctx, s := tell(t, with(menuOptions(t), map[string]string{"choix.yaml": slowMenu}, plainEntry, plainTo,
		"\nentries:\n", "\nentries:\n  \"3105\": {trunk: operateur, scenario: choix, callers: relay}\n", "prompts: {", "prompts: {rate: 150, slow_rate: 100, "))
	c := s.in(t)
	relay, plain := c.patient(ctx, "3105"), c.patient(ctx, "3104")
	alone, urged := context.WithCancel(ctx)
	defer urged()
	slowly := make(chan error, 1)
	go func() { slowly <- slow(ctx, alone, t, relay, plain) }()

	p := c.patient(ctx, "3000")
	var over []time.Time
	var began []time.Time
	for range 2 {
		heard(ctx, t, p, saysMenu)
		began = append(began, time.Now())
		unheard(ctx, t, p, saysMenu)
		over = append(over, time.Now())
	}
	heard(ctx, t, p, saysOperator)
	began = append(began, time.Now())
	for i, want := range []time.Duration{10 * time.Second, 20 * time.Second} {
		// The measurement itself needs 200 ms to know an end and 160 ms to know a tone.
		if waited := began[i+1].Sub(over[i]); waited < want-time.Second || waited > want+2*time.Second {
			t.Errorf("after the %s prompt we waited %v", []string{"first", "second"}[i], waited)
		}
	}
	urged()
	if err := <-slowly; err != nil {
		t.Error(err)
	}
	c.hangup(ctx, plain.Call)
	press(ctx, t, relay.Call, "1")
	c.reaches(ctx, relay, acd.LegQueued)
	neverSilent(t, relay)
	c.hangup(ctx, relay.Call)
	c.ends(ctx, relay, acd.Abandoned, acd.LegQueued, "")
	l := c.reaches(ctx, p, acd.LegQueued)
	if l.Reason != "accueil" || slices.Contains(l.Path, "0") {
		t.Errorf("queued as %s by %v", l.Reason, l.Path)
	}
	neverSilent(t, p)
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
	nothingLeft(context.WithoutCancel(ctx), t, s.h)
}

// slow compares what two callers hear of the same menu: one at 100 words a minute, who asks for it once
// more and then is left alone until the second context ends, and one at 150.
func slow(ctx, alone context.Context, t *testing.T, relay, plain patient) error {
	usual := make(chan time.Duration, 1)
	go func() { d, _ := lasting(ctx, plain); usual <- d }()
	first, err := lasting(ctx, relay)
	if err != nil {
		return fmt.Errorf("the slow menu: %w", err)
	}
	if err := relay.Press(ctx, "*"); err != nil {
		return err
	}
	again, err := lasting(ctx, relay)
	if err != nil {
		return fmt.Errorf("the slow menu, repeated: %w", err)
	}
	quick := <-usual
	t.Logf("the menu lasts %v, slowly %v and %v", quick.Round(time.Millisecond), first.Round(time.Millisecond), again.Round(time.Millisecond))
	if ratio := first.Seconds() / quick.Seconds(); ratio < 1.3 || ratio > 1.7 || (again-first).Abs() > 500*time.Millisecond {
		return fmt.Errorf("the menu lasts %v, slowly %v and %v: that is not two thirds of the speed", quick, first, again)
	}
	over := time.Now()
	err = relay.Ear().WaitLoud(alone, loudSound)
	t.Logf("left alone for %v", time.Since(over).Round(time.Millisecond))
	if err == nil || time.Since(over) < 15*time.Second {
		return fmt.Errorf("a caller of a relay was urged after %v: %w", time.Since(over), err)
	}
	return nil
}
