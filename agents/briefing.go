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
	// Limit ends the briefing, said or not.
	Limit time.Duration
}

// Length tells how long the prompts take to say in a language; what cannot be said takes no time.
type Length func(acd.Lang, []acd.Prompt) time.Duration

// notableWait is from when on a wait is worth a word; a shorter one is what everybody expects.
const notableWait = 30 * time.Second

// How long a briefing may take (DESIGN §4.6), and what of it is kept for the name: an ordinary one,
// spoken at the usual rate, takes 1 s to 1.5 s.
const (
	fullLimit  = 5 * time.Second
	shortLimit = 3 * time.Second
	nameTime   = 1500 * time.Millisecond
)

// Brief words a briefing: what is unusual (a transfer, its return), why, another language, and how
// long; a full one says first who. What no longer fits into its time is left out, phrase by phrase;
// the first phrase is always said. It depends on nothing but its arguments.
func Brief(mode BriefingMode, lang acd.Lang, l acd.Leg, now acd.Instant, length Length) Briefing {
	b := brief{Briefing: Briefing{Lang: lang, Limit: shortLimit}, length: length}
	if mode == BriefingBeep {
		b.add("sys.beep")
		if l.CallsBack() { // even who has the card must not speak to nobody
			b.left = shortLimit
			b.add("sys.brief_callback")
		}
		return b.Briefing
	}
	b.left = shortLimit
	if mode == BriefingFull {
		b.Name, b.Limit, b.left = true, fullLimit, fullLimit-nameTime
	}
	switch {
	case l.CallsBack(): // he hears first that nobody is on the line yet
		b.add("sys.brief_callback")
		l.Previous = ""
	case l.Callback != nil:
		l.Previous = "" // nobody has transferred him
	}
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
	if l.Identity == acd.LookupFound { // of unknown nothing is said: whoever must not be confirmed is that too
		b.add("sys.brief_identified")
	}
	if l.Lang != "" && l.Lang != lang {
		b.add("sys.language_" + string(l.Lang))
	}
	if d, ok := notable(l, now); ok {
		b.say(acd.Prompt{ID: "sys.brief_waiting"}, acd.Prompt{Duration: &d})
	}
	if len(b.Prompts) == 0 {
		b.add("sys.beep")
	}
	return b.Briefing
}

// brief is a briefing in the making.
type brief struct {
	Briefing
	length Length
	left   time.Duration
}

func (b *brief) add(id string) { b.say(acd.Prompt{ID: id}) }

// say adds a phrase that fits; the first one always does.
func (b *brief) say(phrase ...acd.Prompt) {
	d := b.length(b.Lang, phrase)
	if len(b.Prompts) > 0 && d > b.left {
		return
	}
	b.left -= d
	b.Prompts = append(b.Prompts, phrase...)
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
