package ivr

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
)

// FactSaid is a place where a scenario, or an announcement of the site file, says a fact.
type FactSaid struct {
	Fact string
	Text string // the id under which it is spoken, or recorded
	Lang acd.Lang
	// File, Line and Column are where the text stands; of an announcement only its id is known.
	File         string
	Line, Column int
	Announcement acd.AnnouncementID
	// Words are how the fact is spoken.
	Words string
}

// factMark is where a fact stands in a text.
var factMark = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// facts puts the facts of the site into a text that stands where at says, and notes them. What is left as it
// is has been told by fail.
func (l *loader) facts(text string, at FactSaid, fail func(suggestion, format string, args ...any)) string {
	return factMark.ReplaceAllStringFunc(text, func(mark string) string {
		name := strings.TrimSpace(mark[2 : len(mark)-2])
		words, ok := l.site.Facts[name][at.Lang]
		if !ok {
			fail(diag.DidYouMean(name, slices.Sorted(maps.Keys(l.site.Facts))), "the site file has no fact %q", name)
			return name
		}
		at.Fact, at.Words = name, words
		l.program.said = append(l.program.said, at)
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

// FactsSaid lists where scenarios and announcements say facts, by fact and place.
func (p *Program) FactsSaid() []FactSaid {
	out := slices.SortedFunc(slices.Values(p.said), func(a, b FactSaid) int {
		return cmp.Or(cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Announcement, b.Announcement), cmp.Compare(a.Lang, b.Lang))
	})
	return slices.Compact(out) // a scenario that two call says the same twice
}
