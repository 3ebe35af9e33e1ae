package ivr

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Place is where a text stands that callers hear.
type Place struct {
	Text string // the id under which it is spoken, or recorded
	Lang acd.Lang
	// File, Line and Column of a scenario. Of a text of the site file only its path is known.
	File         string
	Line, Column int
	Site         string // "announcements.greve", "reasons.rdv.waiting_info"
}

// FactSaid is a place where a fact is said.
type FactSaid struct {
	Place
	Fact string
	// Words are how the fact is spoken.
	Words string
}

// Written is a text as somebody has written it, with the names of facts in it.
type Written struct {
	Place
	Words string
}

// factMark is where a fact stands in a text.
var factMark = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// facts puts the facts of the site into a text that stands where at says, and notes them. What is left as it
// is has been told by fail.
func (l *loader) facts(text string, at Place, fail func(suggestion *wording.Text, format wording.Sentence, args ...any)) string {
	l.program.wrote = append(l.program.wrote, Written{at, text})
	return factMark.ReplaceAllStringFunc(text, func(mark string) string {
		name := strings.TrimSpace(mark[2 : len(mark)-2])
		words, ok := l.site.Facts[name][at.Lang]
		if !ok {
			fail(diag.DidYouMean(name, slices.Sorted(maps.Keys(l.site.Facts))), "the site file has no fact %q", name)
			return name
		}
		l.program.said = append(l.program.said, FactSaid{at, name, words})
		return words + l.site.SpecialMark(name)
	})
}

// SpecialMark stands behind the hours of a fact where the special days that come are said; empty for a fact that
// never has any. Articles are given to Load with it.
func (s *Site) SpecialMark(fact string) string {
	if t := s.Hours[fact]; t == nil || !t.Varies() {
		return ""
	}
	return "{" + markSpecial + fact + "}"
}

// FactsSaid lists where scenarios and the site file's texts say facts, by fact and place.
func (p *Program) FactsSaid() []FactSaid {
	out := slices.SortedFunc(slices.Values(p.said), func(a, b FactSaid) int {
		return cmp.Or(cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Site, b.Site), cmp.Compare(a.Lang, b.Lang))
	})
	return slices.Compact(out) // a scenario that two call says the same twice
}

// Writings lists the texts that people have written for callers, each once, by place.
func (p *Program) Writings() []Written {
	out := slices.SortedFunc(slices.Values(p.wrote), func(a, b Written) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Lang, b.Lang))
	})
	return slices.CompactFunc(out, func(a, b Written) bool { a.Text = b.Text; return a == b })
}
