package ivr

import (
	"maps"
	"slices"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "set", beside: "next", part: func() part { return new(fileSet) }})

// fileSet says something of the call: for the queues that follow, and for conditions.
type fileSet struct {
	Reason    acd.ReasonID      `yaml:"reason"`
	Points    *int              `yaml:"points"`
	Language  acd.Lang          `yaml:"language"`
	Skills    string            `yaml:"skills"`
	Speech    string            `yaml:"speech"` // slow
	Variables map[string]string `yaml:"variables"`
}

func (f *fileSet) compile(c *compiler, n *node, at string, file *fileNode) {
	s := &setting{next: c.next(n, file, true), given: given{reason: f.Reason, points: -1, asks: f.Skills}, slow: f.Speech == slowSpeech, vars: f.Variables}
	n.verb, n.act = "set", s
	if f.Points != nil {
		s.given.points = *f.Points
		if *f.Points < 0 || *f.Points > acd.MaxPoints {
			c.fail(diag.Join(at, "points"), nil, "points go from 0 to %d", acd.MaxPoints)
		}
	}
	if s.next.lang = c.language(diag.Join(at, "language"), f.Language); file.Next != nil && file.Next.Language != "" {
		s.next.lang = file.Next.Language
	}
	if f.Reason != "" {
		c.reason(diag.Join(at, "reason"), f.Reason)
		if !slices.Contains(c.scenario.given, f.Reason) {
			c.scenario.given = append(c.scenario.given, f.Reason)
		}
	}
	if f.Skills != "" {
		switch {
		case c.site.Requirement == nil:
			c.fail(diag.Join(at, "skills"), nil, "the skills of this site are not known")
		default:
			if err := c.site.Requirement(f.Skills); err != nil {
				c.fail(diag.Join(at, "skills"), wording.Say(`write for example "imagerie >= 3"`), "the condition on skills cannot be read: %v", err)
			}
		}
	}
	c.program.slow = c.program.slow || s.slow
	if f.Speech != "" && !s.slow {
		c.fail(diag.Join(at, "speech"), wording.Say("write speech: slow, or nothing"), "%q is no way to speak", f.Speech)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Variables)) {
		under := diag.Join(at, "variables", name)
		if f.Variables[name] == "" {
			c.fail(under, nil, "the variable %q is given no value", name)
		}
		c.declare(under, name, f.Variables[name])
	}
	if f.Reason == "" && f.Points == nil && f.Language == "" && f.Skills == "" && f.Speech == "" && len(f.Variables) == 0 {
		c.fail(at, wording.Say("write reason, points, language, skills, speech or variables"), "nothing is set")
	}
}

// slowSpeech is for who needs time to follow.
const slowSpeech = "slow"

// setting keeps what was said for later.
type setting struct {
	next  link
	given given // points -1: not said
	slow  bool
	vars  map[string]string
}

func (s *setting) ways() (all, idle []link) { return []link{s.next}, []link{s.next} }
func (s *setting) leads(*walk, *node) link  { return s.next }
func (s *setting) passed(w *walk) {
	w.slow = w.slow || s.slow
	if s.given.reason != "" {
		w.given.reason = s.given.reason
	}
	if s.given.points >= 0 {
		w.given.points = s.given.points
	}
	if s.given.asks != "" {
		w.given.asks = s.given.asks
	}
	for _, name := range slices.Sorted(maps.Keys(s.vars)) {
		w.remember(name, s.vars[name])
	}
}

// wanted is what a queue node asks for: its own words, else what was set.
func (w *walk) wanted(n *node) acd.AskQueue {
	q := n.queue
	if q.Reason == "" {
		q.Reason = w.given.reason
		for i, reason := range w.scenario.given {
			if w.fates != nil && w.fates.pick(n.id, len(w.scenario.given)) == i {
				q.Reason = reason
			}
		}
		if q.Reason == "" {
			q.Reason = w.program.site.human()
		}
	}
	q.Points = acd.ClampPoints(q.Points + w.given.points)
	q.Asks = w.given.asks
	return q
}
