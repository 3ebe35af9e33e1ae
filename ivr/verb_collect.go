package ivr

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "collect", part: func() part { return new(fileCollect) }})

// Bounds of what is asked for by keys.
const (
	maxDigits  = 20
	usualPause = 5 * time.Second // between two digits: people read them from a letter
	leastPause = 2 * time.Second
	mostPause  = 20 * time.Second
	usualTries = 3
	mostTries  = 5
)

// Forms of what is asked for.
const (
	formDigits = "digits"
	formDate   = "date_of_birth" // jj mm aaaa, a real day, not in the future and not 130 years ago
	formFile   = "file_number"
)

var forms = []string{formDigits, formDate, formFile}

// statuses are the values of the variable as: nothing else ever tells what was keyed in.
var statuses = []string{"given", "none", "invalid"}

// fileCollect asks the caller for digits.
type fileCollect struct {
	Form    string         `yaml:"form"`
	Prompt  *fileText      `yaml:"prompt"`
	Length  *int           `yaml:"length"` // min and max at once
	Min     *int           `yaml:"min"`
	Max     *int           `yaml:"max"`
	Pattern string         `yaml:"pattern"`
	Pause   *time.Duration `yaml:"pause"`
	Tries   *int           `yaml:"tries"`
	Confirm *bool          `yaml:"confirm"` // true when absent
	As      string         `yaml:"as"`
	Given   *fileLink      `yaml:"given"`
	None    *fileLink      `yaml:"none"`
	Invalid *fileLink      `yaml:"invalid"` // none when absent
}

func (f *fileCollect) compile(c *compiler, n *node, at string, _ *fileNode) {
	a := &collecting{as: f.As, form: f.Form, least: 1, most: maxDigits, pause: usualPause, tries: usualTries, confirm: f.Confirm == nil || *f.Confirm,
		given: c.link(f.Given, diag.Join(at, "given"), true), none: c.link(f.None, diag.Join(at, "none"), true)}
	n.verb, n.act = "collect", a
	if a.invalid = c.link(f.Invalid, diag.Join(at, "invalid"), false); a.invalid.none() {
		a.invalid = a.none
	}
	if a.form == "" {
		a.form = formDigits
	}
	if !slices.Contains(forms, a.form) {
		c.fail(diag.Join(at, "form"), diag.DidYouMean(a.form, forms), "there is no form %q", a.form)
	}
	if f.Prompt == nil {
		c.fail(at, wording.Say(`write prompt: {fr: "…", en: "…"}`), "nothing is asked")
	} else {
		a.prompt = c.text(diag.Join(at, "prompt"), n.local, f.Prompt)
	}
	if f.As == "" {
		c.fail(at, wording.Say("write as: with a name"), "what is keyed in has no name")
	} else {
		c.declare(diag.Join(at, "as"), f.As, statuses...)
		c.collected[f.As] = true
	}
	f.bounds(c, a, at)
}

// bounds compiles what a valid answer is, and how long one may take.
func (f *fileCollect) bounds(c *compiler, a *collecting, at string) {
	if a.form == formDate {
		a.least, a.most = 8, 8
		if f.Length != nil || f.Min != nil || f.Max != nil || f.Pattern != "" {
			c.fail(at, wording.Say("leave them out"), "a date of birth has eight digits: length, min, max and pattern mean nothing beside it")
		}
	} else {
		if f.Length != nil {
			a.least, a.most = *f.Length, *f.Length
			if f.Min != nil || f.Max != nil {
				c.fail(diag.Join(at, "length"), wording.Say("keep length, or min and max"), "length is min and max at once")
			}
		}
		if f.Min != nil {
			a.least = *f.Min
		}
		if f.Max != nil {
			a.most = *f.Max
		}
		if a.least < 1 || a.most > maxDigits || a.least > a.most {
			c.fail(at, nil, "from %d to %d digits cannot be asked for: the bounds are 1 and %d", a.least, a.most, maxDigits)
		}
		if f.Length == nil && f.Max == nil {
			c.fail(at, wording.Say("write length, or min and max"), "how many digits are asked for is missing")
		}
	}
	if f.Pattern != "" {
		re, err := regexp.Compile("^(?:" + f.Pattern + ")$")
		if err != nil {
			c.fail(diag.Join(at, "pattern"), wording.Say(`write for example "2[0-9]{7}"`), "the pattern cannot be read")
		}
		a.pattern = re
	}
	if f.Pause != nil {
		if a.pause = *f.Pause; a.pause < leastPause || a.pause > mostPause {
			c.fail(diag.Join(at, "pause"), nil, "the pause between two digits is from %s to %s", leastPause, mostPause)
		}
	}
	if f.Tries != nil {
		if a.tries = int8(min(max(*f.Tries, 0), mostTries+1)); a.tries < 1 || a.tries > mostTries {
			c.fail(diag.Join(at, "tries"), nil, "a caller may try once to %d times", mostTries)
		}
	}
}

// Stages of collecting.
const (
	keying int8 = iota
	confirming
)

// collecting asks for digits, reads them back and asks whether they are right. What was keyed in is
// kept for lookups alone: neither path nor state nor any text has it.
//
// 0 and 9 are digits here, with two exceptions that keep a human and the emergency instruction in
// reach: 9 as the first key is the emergency instruction, as everywhere, and 0 alone, with nothing
// after it, leads to a human. * begins anew. A number that may begin with 9 is keyed after #.
type collecting struct {
	as, form, prompt     string
	least, most          int
	pattern              *regexp.Regexp
	pause                time.Duration
	tries                int8
	confirm              bool
	given, none, invalid link
}

func (a *collecting) ways() (all, idle []link) {
	return []link{a.given, a.none, a.invalid}, []link{a.none}
}

func (a *collecting) picture() (string, []string) {
	return a.prompt, []string{"given", "none", "invalid"}
}

// opened marks, before the digits, that # was pressed first.
const opened = "#"

func (a *collecting) takes(w *walk, key byte) bool {
	if w.turn.stage != keying {
		return false
	}
	return key == '0' || key == '9' && w.turn.digits != ""
}

func (a *collecting) enter(w *walk, _ *node, _ time.Time) ([]acd.Ask, link) {
	w.typed = nil // digits are not taken before they were asked for
	w.forget(a.as)
	w.remember(a.as, "none")
	return w.question(prompts(a.prompt)...), link{}
}

func (a *collecting) hear(w *walk, _ *node, in acd.Heard, now time.Time) []acd.Ask {
	if w.turn.stage == confirming {
		return a.hearConfirm(w, in, now)
	}
	switch in := in.(type) {
	case acd.HeardKey:
		return a.key(w, in.Key, now)
	case acd.HeardSilence:
		if w.turn.digits != "" {
			return a.judge(w, now)
		}
		if w.turn.silences++; w.turn.silences >= maxSilences {
			return a.done(w, "none", a.none, now)
		}
		return w.question(prompts(a.prompt)...)
	}
	return nil
}

func (a *collecting) key(w *walk, key byte, now time.Time) []acd.Ask {
	digits := strings.TrimPrefix(w.turn.digits, opened)
	switch {
	case key == '*':
		w.turn.digits = ""
		return w.question(prompts(a.prompt)...)
	case key == '#' && w.turn.digits == "":
		w.turn.digits = opened
	case key == '#':
		return a.judge(w, now)
	default:
		w.turn.digits += string(key)
		if len(digits)+1 >= a.most {
			return a.judge(w, now)
		}
	}
	return []acd.Ask{acd.AskListen{For: w.patience(a.pause)}}
}

// judge looks at what was keyed in.
func (a *collecting) judge(w *walk, now time.Time) []acd.Ask {
	if w.turn.digits == "0" && a.most > 1 {
		w.turn.digits = ""
		w.pass("0")
		return w.human()
	}
	digits := strings.TrimPrefix(w.turn.digits, opened)
	if !w.fated(w.node+" valid", 2, 0, func() bool { return a.valid(digits, now) }) {
		return a.again(w, "sys.collect_invalid", "invalid", a.invalid, now)
	}
	if !a.confirm {
		return a.accept(w, digits, now)
	}
	w.turn.stage, w.turn.silences = confirming, 0
	return a.readBack(w)
}

func (a *collecting) readBack(w *walk) []acd.Ask {
	keyed := acd.KeyedDigits(strings.TrimPrefix(w.turn.digits, opened))
	return w.question(acd.Prompt{ID: "sys.collect_read"}, acd.Prompt{Keyed: &keyed}, acd.Prompt{ID: "sys.collect_confirm"})
}

func (a *collecting) hearConfirm(w *walk, in acd.Heard, now time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardKey:
		switch in.Key {
		case '1':
			return a.accept(w, strings.TrimPrefix(w.turn.digits, opened), now)
		case '2':
			return a.again(w, "", "none", a.none, now)
		}
		return a.readBack(w)
	case acd.HeardSilence:
		if w.turn.silences++; w.turn.silences >= maxSilences {
			return a.done(w, "none", a.none, now) // what nobody has confirmed is not given
		}
		return a.readBack(w)
	}
	return nil
}

// again asks anew, as often as the caller may try; then the way says how the call goes on.
func (a *collecting) again(w *walk, words, status string, to link, now time.Time) []acd.Ask {
	w.turn.digits, w.turn.stage, w.turn.silences = "", keying, 0
	if w.turn.tries++; w.turn.tries >= a.tries {
		return a.done(w, status, to, now)
	}
	if words == "" {
		return w.question(prompts(a.prompt)...)
	}
	return w.question(prompts(words, a.prompt)...)
}

func (a *collecting) accept(w *walk, digits string, now time.Time) []acd.Ask {
	w.keepKeyed(a.as, digits)
	return a.done(w, "given", a.given, now)
}

func (a *collecting) done(w *walk, status string, to link, now time.Time) []acd.Ask {
	w.turn = turn{}
	w.remember(a.as, status)
	w.pass(a.as + "=" + status)
	return w.enter(to, now)
}

func (a *collecting) awaits(*walk) acd.Heard { return acd.HeardSilence{} }

// valid reports whether the digits are of the form asked for.
func (a *collecting) valid(digits string, now time.Time) bool {
	if len(digits) < a.least || len(digits) > a.most {
		return false
	}
	if a.form == formDate {
		return birthDate(digits, now)
	}
	return a.pattern == nil || a.pattern.MatchString(digits)
}

// oldest is the age, in years, above which a date of birth is a mistake.
const oldest = 130

// birthDate reports whether jjmmaaaa is a day that was, and within a life.
func birthDate(digits string, now time.Time) bool {
	born, err := time.ParseInLocation("02012006", digits, now.Location())
	return err == nil && !born.After(now) && born.After(now.AddDate(-oldest, 0, 0))
}
