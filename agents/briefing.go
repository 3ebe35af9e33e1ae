package agents

import (
	"time"

	"accueil/acd"
)

// Briefing is what an agent hears before a caller.
type Briefing struct {
	Lang    acd.Lang
	Prompts []acd.Prompt
	// Name asks for the caller's name first, where the directory knows it.
	Name bool
}

// notableWait is from when on a wait is worth a word; a shorter one is what everybody expects.
const notableWait = 30 * time.Second

// shortPhrases bounds a short briefing: three phrases fit into its three seconds.
const shortPhrases = 3

// Brief words a briefing: what is unusual (a transfer, its return, another language), why, and how
// long. A full one says first who; a short one leaves the wait out where the rest fills it. It
// depends on nothing but its arguments.
func Brief(mode BriefingMode, lang acd.Lang, l acd.Leg, now acd.Instant) Briefing {
	b := Briefing{Lang: lang}
	if mode == BriefingBeep {
		b.Prompts = []acd.Prompt{{ID: "sys.beep"}}
		return b
	}
	b.Name = mode == BriefingFull
	switch l.Return {
	case "":
		if l.Previous != "" {
			b.add("sys.brief_transferred")
		}
	case acd.Busy:
		b.add("sys.return_busy")
	case acd.Refused:
		b.add("sys.return_refused")
	case acd.NoAnswer:
		b.add("sys.return_no_answer")
	default:
		b.add("sys.return_failed")
	}
	if l.Reason != "" {
		b.add("reason." + string(l.Reason))
	}
	if l.Lang != "" && l.Lang != lang {
		b.add("sys.language_" + string(l.Lang))
	}
	if d, ok := notable(l, now); ok && (mode == BriefingFull || len(b.Prompts) < shortPhrases) {
		b.add("sys.brief_waiting")
		b.Prompts = append(b.Prompts, acd.Prompt{Duration: &d})
	}
	if len(b.Prompts) == 0 {
		b.add("sys.beep")
	}
	return b
}

// notable returns how long the caller has waited, in whole minutes or, below one, in seconds.
func notable(l acd.Leg, now acd.Instant) (time.Duration, bool) {
	if l.WaitsFrom().Never() {
		return 0, false
	}
	d := now.Sub(l.WaitsFrom()).Truncate(time.Second)
	if d >= time.Minute {
		d = d.Truncate(time.Minute)
	}
	return d, d >= notableWait
}

func (b *Briefing) add(id string) { b.Prompts = append(b.Prompts, acd.Prompt{ID: id}) }
