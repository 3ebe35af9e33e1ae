package ivr

import (
	"maps"
	"slices"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

const verbLanguage verb = "language" // a branch on it

var _ = register(kind{name: "branch", waits: true, part: func() part { return new(fileBranch) }})

// fileBranch follows the caller's language, a timetable, or conditions: the first that holds.
type fileBranch struct {
	Language  map[acd.Lang]fileLink `yaml:"language"`
	If        string                `yaml:"if"`
	Then      *fileLink             `yaml:"then"`
	When      []fileCase            `yaml:"when"`
	Else      *fileLink             `yaml:"else"`
	fileHours `yaml:",inline"`
}

// fileCase is one condition and where it leads.
type fileCase struct {
	If   string    `yaml:"if"`
	Then *fileLink `yaml:"then"`
}

func (f *fileBranch) compile(c *compiler, n *node, at string, _ *fileNode) {
	byHours := f.Open != nil || f.Closed != nil || f.Holiday != nil || f.Timetable.path != ""
	byCase := f.If != "" || f.Then != nil || f.When != nil
	if byCase && (f.Language != nil || byHours) || f.When != nil && (f.If != "" || f.Then != nil) {
		c.fail(at, wording.Say("make two nodes"), "a branch follows one thing: language, hours, if or when")
		return
	}
	if byCase {
		f.cases(c, n, at)
		return
	}
	switch {
	case f.Language != nil && byHours:
		c.fail(at, wording.Say("make two nodes"), "a branch follows the language or the hours, not both")
	case byHours:
		f.fileHours.compile(c, n, at, nil)
		if f.Else != nil {
			c.fail(diag.Join(at, "else"), wording.Say("write closed"), "else means nothing beside hours")
		}
	case f.Language == nil:
		c.fail(at, wording.Say(`write if: 'queue("…").waiting > 5' with then and else, or language: {fr: node, en: node}`), "the branch follows nothing")
	default:
		n.verb, n.byLang = verbLanguage, map[acd.Lang]link{}
		complete := true
		for _, lang := range c.site.Languages {
			to, ok := f.Language[lang]
			complete = complete && ok
			if ok {
				n.byLang[lang] = c.link(&to, diag.Join(at, "language", string(lang)), true)
			}
		}
		for _, lang := range slices.Sorted(maps.Keys(f.Language)) {
			if !slices.Contains(c.site.Languages, lang) {
				c.fail(diag.Join(at, "language", string(lang)), diag.DidYouMean(string(lang), words(c.site.Languages)), "the site does not speak %q", lang)
			}
		}
		n.next = c.link(f.Else, diag.Join(at, "else"), !complete)
	}
}

// cases compiles if and when. What a condition may name is known when every file has been read.
func (f *fileBranch) cases(c *compiler, n *node, at string) {
	b := &branching{otherwise: c.link(f.Else, diag.Join(at, "else"), true)}
	n.verb, n.act = "if", b
	list, under := f.When, func(i int) string { return diag.Join(at, "when", i) }
	if f.When == nil {
		list, under = []fileCase{{f.If, f.Then}}, func(int) string { return at }
	}
	if len(list) == 0 {
		c.fail(diag.Join(at, "when"), wording.Say(`write - {if: 'lang == "en"', then: node}`), "the branch has no condition")
	}
	for i, one := range list {
		b.cases = append(b.cases, branchCase{written: one.If, to: c.link(one.Then, diag.Join(under(i), "then"), true)})
		c.later = append(c.later, func(g *grammar) {
			g.own = false
			b.cases[i].when = c.condition(diag.Join(under(i), "if"), one.If, g)
			b.own = b.own || g.own
		})
	}
}

// branching leads to the first case that holds.
type branching struct {
	cases     []branchCase
	otherwise link
	own       bool // some case asks how the call itself waits
}

type branchCase struct {
	written string
	when    condition
	to      link
}

func (b *branching) ways() (all, idle []link) {
	for _, c := range b.cases {
		all = append(all, c.to)
	}
	all = append(all, b.otherwise)
	return all, all
}

func (b *branching) picture() (string, []string) {
	var out []string
	for _, c := range b.cases {
		out = append(out, c.written)
	}
	return "", append(out, "else")
}

// different lists the ways that differ: for a proof, cases that lead to one place are one.
func (b *branching) different() []link {
	var out []link
	for _, c := range b.cases {
		if !slices.Contains(out, c.to) && c.to != b.otherwise {
			out = append(out, c.to)
		}
	}
	return append(out, b.otherwise)
}

func (b *branching) leads(w *walk, n *node) link {
	if w.fates != nil {
		different := b.different()
		return different[w.fates.pick(n.fate, len(different))]
	}
	f := facts{w.scene, w.lang, w.vars}
	for _, c := range b.cases {
		if c.when(f) == yes {
			return c.to
		}
	}
	return b.otherwise
}

func (b *branching) passed(*walk) {}
