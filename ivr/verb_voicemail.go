package ivr

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

const verbVoicemail verb = "voicemail"

var _ = register(kind{name: verbVoicemail, part: func() part { return new(fileVoicemail) }})

// Bounds of a message.
const (
	usualMessage  = 2 * time.Minute
	leastMessage  = 10 * time.Second
	longestRecord = 5 * time.Minute
	usualSpeech   = 2 * time.Second
	mostSpeech    = 10 * time.Second
	usualHush     = 5 * time.Second
	leastHush     = 2 * time.Second
	longestHush   = 30 * time.Second
)

// fileVoicemail takes a message.
type fileVoicemail struct {
	Prompt  *fileText      `yaml:"prompt"`
	Version string         `yaml:"version"`
	Reason  acd.ReasonID   `yaml:"reason"`
	Max     *time.Duration `yaml:"max"`
	Min     *time.Duration `yaml:"min"`
	Silence *time.Duration `yaml:"silence"`
	Next    *fileLink      `yaml:"next"`
}

func (f *fileVoicemail) compile(c *compiler, n *node, at string, _ *fileNode) {
	a := &messaging{next: c.link(f.Next, diag.Join(at, "next"), false)}
	n.verb, n.act = verbVoicemail, a
	a.record = acd.AskRecord{Reason: f.Reason,
		Max:     c.span(diag.Join(at, "max"), f.Max, usualMessage, leastMessage, longestRecord),
		Min:     c.span(diag.Join(at, "min"), f.Min, usualSpeech, 0, mostSpeech),
		Silence: c.span(diag.Join(at, "silence"), f.Silence, usualHush, leastHush, longestHush)}
	if f.Reason != "" {
		c.reason(diag.Join(at, "reason"), f.Reason)
	}
	a.version = c.wording(at, f.Version, f.Prompt)
	if f.Prompt == nil {
		c.fail(at, wording.Say(`write prompt: {fr: "…", en: "…"} and say there that the message is recorded, why, and who will hear it`), "nothing tells the caller that he is recorded")
		return
	}
	a.prompt = c.text(diag.Join(at, "prompt"), n.local, f.Prompt)
}

// span reads a length of time; usual when it is not given.
func (c *compiler) span(at string, given *time.Duration, usual, least, most time.Duration) time.Duration {
	if given == nil {
		return usual
	}
	if *given < least || *given > most {
		c.fail(at, nil, "from %s to %s are possible", least, most)
		return usual
	}
	return *given
}

// wording is the version of a text by which callers are told or asked something: as given, else the
// beginning of its sum, since another wording is another version.
func (c *compiler) wording(at, given string, text *fileText) string {
	if given != "" && !nodeName.MatchString("v"+given) {
		c.fail(diag.Join(at, "version"), wording.Say("use letters, digits, - and _"), "%q cannot be a version", given)
	}
	if given != "" || text == nil {
		return given
	}
	var all strings.Builder
	for _, lang := range c.site.Languages {
		all.WriteString(text.Texts[lang] + "\n")
	}
	sum := sha256.Sum256([]byte(all.String() + text.File))
	return hex.EncodeToString(sum[:4])
}

// Stages of a message.
const (
	speaking int8 = iota // the words before it, and the recording
	keeping              // it is there: keep it, or say it again
)

// mostAgain is how often a caller may say his message again.
const mostAgain = 3

// messaging tells the caller that he is recorded, records what he says after the beep, and asks whether
// it may stay so. Who hangs up has left what he has said. Key 0 leads to a human instead, 9 reads the
// emergency instruction, * begins anew, # ends the message.
type messaging struct {
	prompt, version string
	record          acd.AskRecord
	next            link
}

func (a *messaging) ways() (all, idle []link) {
	if a.next.none() {
		return nil, nil
	}
	return []link{a.next}, []link{a.next}
}

func (a *messaging) picture() (string, []string) {
	all, _ := a.ways()
	return a.prompt, make([]string, len(all))
}

// noticed is the step of the path that says which words told a caller that he is recorded.
func noticed(what, version string) string { return what + "=announced@" + version }

func (a *messaging) enter(w *walk, _ *node, _ time.Time) ([]acd.Ask, link) {
	w.typed = nil // nobody is recorded who has not heard that he is
	w.pass(noticed("voicemail", a.version))
	return a.listen(w, a.prompt), link{}
}

// listen says the words, then records.
func (a *messaging) listen(w *walk, words string) []acd.Ask {
	w.turn.stage = speaking
	record := a.record
	record.Silence = w.patience(record.Silence)
	return []acd.Ask{say(false, words, "sys.beep"), record}
}

func (a *messaging) hear(w *walk, _ *node, in acd.Heard, now time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardKey:
		return a.key(w, in.Key, now)
	case acd.HeardRecorded:
		switch {
		case w.turn.stage != speaking:
		case in.Fault:
			return w.human("sys.voicemail_fault")
		case in.Kept:
			w.turn.stage = keeping
			return w.question(prompts("sys.voicemail_kept", "sys.voicemail_again")...)
		default:
			if w.turn.silences++; w.turn.silences < maxSilences {
				return a.listen(w, "sys.voicemail_unheard")
			}
			w.turn.stage = keeping
			return w.leave(w.without(), "sys.voicemail_none")
		}
	case acd.HeardSilence:
		if w.turn.stage == keeping {
			return a.done(w, now)
		}
	}
	return nil
}

func (a *messaging) key(w *walk, key byte, now time.Time) []acd.Ask {
	switch {
	case w.turn.stage == speaking && key == '*':
		return a.listen(w, a.prompt)
	case w.turn.stage == speaking: // # ends the recording by itself
	case key == '2':
		w.pass("2")
		if w.turn.tries++; w.turn.tries < mostAgain {
			return a.listen(w, "sys.voicemail_speak")
		}
		return a.done(w, now)
	case key == '*':
		return w.question(prompts("sys.voicemail_kept", "sys.voicemail_again")...)
	default:
		return a.done(w, now)
	}
	return nil
}

func (a *messaging) done(w *walk, now time.Time) []acd.Ask {
	if a.next.none() {
		return w.leave(acd.AskHangup{Outcome: acd.Voicemail}, "sys.voicemail_thanks")
	}
	return w.enter(a.next, now)
}

func (a *messaging) awaits(w *walk) acd.Heard {
	if w.turn.stage == speaking {
		return acd.HeardRecorded{}
	}
	return acd.HeardSilence{}
}

// gone: who hangs up has left what he has said, which the call knows better. Without a word the call
// counts as it would have without the offer to leave one.
func (a *messaging) gone(w *walk) []acd.Ask {
	if w.turn.stage == keeping {
		return []acd.Ask{acd.AskHangup{Outcome: acd.Voicemail}}
	}
	return []acd.Ask{w.without()}
}

// without is how the call counts of a caller who has left no message.
func (w *walk) without() acd.AskHangup {
	if w.instead.Outcome != "" {
		return w.instead
	}
	return acd.AskHangup{Outcome: acd.Abandoned, Reason: "no_message"}
}

// resumeMessage takes up, after a restart, a message that the caller was leaving: the recording went on
// by itself, and its end is heard next.
func (w *walk) resumeMessage() {
	w.mode, w.queue = fresh, acd.AskQueue{}
	for i := len(w.path) - 1; i >= 0; i-- {
		if n := w.scenario.nodes[w.path[i]]; n != nil && n.verb == verbVoicemail {
			w.node, w.mode, w.turn = n.id, acting, turn{}
			return
		}
	}
}
