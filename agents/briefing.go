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

// Brief words a briefing: why, how long, and what is unusual (a returned transfer, another language).
// A full one adds who. It depends on nothing but its arguments.
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
	if wait := now.Sub(l.WaitsFrom()); !l.WaitsFrom().Never() && wait >= notableWait {
		b.add("sys.brief_waiting")
		d := wait.Truncate(time.Second)
		if d > time.Minute {
			d = d.Truncate(time.Minute)
		}
		b.Prompts = append(b.Prompts, acd.Prompt{Duration: &d})
	}
	if mode == BriefingFull && l.Lang != "" && l.Lang != lang {
		b.add("sys.language_" + string(l.Lang))
	}
	if len(b.Prompts) == 0 {
		b.add("sys.beep")
	}
	return b
}

func (b *Briefing) add(id string) { b.Prompts = append(b.Prompts, acd.Prompt{ID: id}) }
