package ivr

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
)

var _ = register(kind{name: "lookup", part: func() part { return new(fileLookup) }})

// fileLookup asks a lookup of the site who calls.
type fileLookup struct {
	Use      acd.LookupID `yaml:"use"`
	With     []string     `yaml:"with"` // variables of collect nodes
	As       string       `yaml:"as"`   // variable of the outcome
	Identity bool         `yaml:"identity"`
	Found    *fileLink    `yaml:"found"`
	Unknown  *fileLink    `yaml:"unknown"`
	Failed   *fileLink    `yaml:"failed"`
}

// outcomes are the values of the variable as.
var outcomes = []string{string(acd.LookupFound), string(acd.LookupUnknown), string(acd.LookupError)}

func (f *fileLookup) compile(c *compiler, n *node, at string, _ *fileNode) {
	a := &looking{as: f.As, with: f.With, ask: acd.AskLookup{Lookup: f.Use, Identity: f.Identity},
		found: c.link(f.Found, diag.Join(at, "found"), true), unknown: c.link(f.Unknown, diag.Join(at, "unknown"), true), failed: c.link(f.Failed, diag.Join(at, "failed"), true)}
	n.verb, n.act = "lookup", a
	def, ok := c.site.Lookups[f.Use]
	if !ok {
		c.fail(diag.Join(at, "use"), diag.DidYouMean(string(f.Use), words(slices.Sorted(maps.Keys(c.site.Lookups)))), "there is no lookup %q", f.Use)
	}
	a.ask.For, a.answers = def.Timeout, def.Answers
	if f.As != "" {
		c.declare(diag.Join(at, "as"), f.As, outcomes...)
		c.private[f.As] = c.private[f.As] || !f.Identity // the status of an identification is in the log too
	}
	for _, name := range slices.Sorted(maps.Keys(def.Answers)) {
		c.declare(diag.Join(at, "use"), name, def.Answers[name]...)
		c.private[name] = true
	}
	if len(f.With) > 0 && ok && !def.TakesKeys {
		c.fail(diag.Join(at, "with"), nil, "the lookup %q goes by the caller's number and takes no digits", f.Use)
	}
	c.later = append(c.later, func(*grammar) {
		for i, name := range f.With {
			if known := slices.Sorted(maps.Keys(c.collected)); !slices.Contains(known, name) {
				c.fail(diag.Join(at, "with", i), diag.DidYouMean(name, known), "no collect node asks for %q", name)
			}
		}
	})
}

// looking waits for the answer of a lookup, which always takes the same time.
type looking struct {
	ask                    acd.AskLookup
	with                   []string
	as                     string
	answers                map[string][]string
	found, unknown, failed link
}

func (a *looking) ways() (all, idle []link) {
	all = []link{a.found, a.unknown, a.failed}
	return all, all
}

func (a *looking) picture() (string, []string) { return "", []string{"found", "unknown", "failed"} }

func (a *looking) enter(w *walk, _ *node, _ time.Time) ([]acd.Ask, link) {
	if n := w.asksAgain(a.with); n != nil {
		return nil, link{node: n.id}
	}
	ask := a.ask
	for _, name := range a.with {
		if keyed, ok := w.keyed[name]; ok {
			if ask.Keyed == nil {
				ask.Keyed = map[string]acd.Keyed{}
			}
			ask.Keyed[name] = keyed
		}
	}
	return []acd.Ask{ask}, link{}
}

func (a *looking) hear(w *walk, _ *node, in acd.Heard, now time.Time) []acd.Ask {
	answer, ok := in.(acd.HeardLookup)
	if !ok {
		if key, ok := in.(acd.HeardKey); ok && key.Key != '*' && key.Key != '#' {
			w.keep(key.Key) // the time is short: it is for the menu that follows
		}
		return nil
	}
	to := a.failed
	switch answer.Outcome {
	case acd.LookupFound:
		to = a.found
	case acd.LookupUnknown:
		to = a.unknown
	default:
		answer.Outcome = acd.LookupError
	}
	if a.as != "" {
		w.remember(a.as, string(answer.Outcome))
	}
	for _, name := range slices.Sorted(maps.Keys(a.answers)) {
		if v := answer.Values[name]; slices.Contains(a.answers[name], v) {
			w.remember(name, v)
		} else {
			w.remember(name, "") // of an earlier lookup it would say nothing about this one
		}
	}
	return w.enter(to, now)
}

func (a *looking) awaits(*walk) acd.Heard { return acd.HeardLookup{Outcome: acd.LookupError} }
