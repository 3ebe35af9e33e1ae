package ivr

import (
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "consent", beside: "next", part: func() part { return new(fileConsent) }})

// consents are what a caller may be asked to agree to.
var consents = []string{"recording", "sms", "survey"}

// fileConsent asks the caller whether he agrees to something.
type fileConsent struct {
	To      string    `yaml:"to"`
	Prompt  *fileText `yaml:"prompt"`
	Version string    `yaml:"version"`
	Yes     *fileLink `yaml:"yes"`
	No      *fileLink `yaml:"no"`
}

func (f *fileConsent) compile(c *compiler, n *node, at string, file *fileNode) {
	a := &consenting{to: f.To}
	n.verb, n.act = "consent", a
	both := file.Next == nil
	next := c.next(n, file, false)
	if a.yes = c.link(f.Yes, diag.Join(at, "yes"), both); a.yes.none() {
		a.yes = next
	}
	if a.no = c.link(f.No, diag.Join(at, "no"), both); a.no.none() {
		a.no = next
	}
	if !slices.Contains(consents, f.To) {
		c.fail(diag.Join(at, "to"), diag.DidYouMean(f.To, consents), "a caller cannot be asked to agree to %q", f.To)
	} else {
		c.declare(diag.Join(at, "to"), "consent_"+f.To, "yes", "no")
	}
	if f.Prompt == nil {
		c.fail(at, wording.Say(`write prompt: {fr: "…", en: "…"}`), "nothing is asked")
		return
	}
	a.prompt = c.text(diag.Join(at, "prompt"), n.local, f.Prompt)
	a.version = c.wording(at, f.Version, f.Prompt)
}

// consenting asks for 1 or 2. Only 1 is a yes: silence, keys that mean nothing and faults are a no.
type consenting struct {
	to, version, prompt string
	yes, no             link
}

func (a *consenting) ways() (all, idle []link) { return []link{a.yes, a.no}, []link{a.no} }

func (a *consenting) picture() (string, []string) { return a.prompt, []string{"yes", "no"} }

func (a *consenting) enter(w *walk, _ *node, _ time.Time) ([]acd.Ask, link) {
	w.typed = nil // nobody agrees to what he has not heard
	w.remember("consent_"+a.to, "no")
	return w.question(prompts(a.prompt, "sys.consent_keys")...), link{}
}

func (a *consenting) hear(w *walk, _ *node, in acd.Heard, now time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardKey:
		switch in.Key {
		case '1':
			w.remember("consent_"+a.to, "yes")
			return a.done(w, "yes", a.yes, now)
		case '2':
			return a.done(w, "no", a.no, now)
		case '*', '#':
			return w.question(prompts(a.prompt, "sys.consent_keys")...)
		}
		if w.turn.tries++; w.turn.tries >= maxMistakes {
			return a.done(w, "no", a.no, now)
		}
		return w.question(prompts("sys.not_understood", a.prompt, "sys.consent_keys")...)
	case acd.HeardSilence:
		if w.turn.silences++; w.turn.silences >= maxSilences {
			return a.done(w, "no", a.no, now)
		}
		return w.question(prompts(a.prompt, "sys.consent_keys")...)
	}
	return nil
}

// done notes the answer with the version of the wording, for the record of the call.
func (a *consenting) done(w *walk, answer string, to link, now time.Time) []acd.Ask {
	w.pass("consent_" + a.to + "=" + answer + "@" + a.version)
	return w.enter(to, now)
}

func (a *consenting) awaits(*walk) acd.Heard { return acd.HeardSilence{} }
