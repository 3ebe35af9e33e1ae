package ivr

import (
	"maps"
	"slices"

	"accueil/acd"
	"accueil/diag"
)

const verbLanguage verb = "language" // a branch on it

var _ = register(kind{name: "branch", waits: true, part: func() part { return new(fileBranch) }})

// fileBranch follows the caller's language or a timetable.
type fileBranch struct {
	Language  map[acd.Lang]fileLink `yaml:"language"`
	Else      *fileLink             `yaml:"else"`
	fileHours `yaml:",inline"`
}

func (f *fileBranch) compile(c *compiler, n *node, at string, _ *fileNode) {
	byHours := f.Open != nil || f.Closed != nil || f.Timetable.path != ""
	switch {
	case f.Language != nil && byHours:
		c.fail(at, "make two nodes", "a branch follows the language or the hours, not both")
	case byHours:
		f.fileHours.compile(c, n, at, nil)
		if f.Else != nil {
			c.fail(diag.Join(at, "else"), "write closed", "else means nothing beside hours")
		}
	case f.Language == nil:
		c.fail(at, "write language: {fr: node, en: node} or timetable, open and closed", "the branch follows nothing")
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
