package knowledge

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// typedFact finds a fact that somebody typed into a text instead of naming it.
type typedFact struct {
	name string
	// What is looked for: the digits of a number, or words in small letters.
	digits, shown string
}

// leastTyped keeps short facts, such as "4" or a town, from being seen where they are not meant.
const leastTyped = 12 // characters

// typedFacts lists what must not be typed, in the order of names.
func typedFacts(facts map[string]Fact) (out []typedFact) {
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		f := facts[name]
		if digits := onlyDigits(f.Number.Shown); len(digits) >= leastDigits {
			out = append(out, typedFact{name: name, digits: digits})
		}
		for _, text := range f.Text {
			if shown := folded(text); len(shown) >= leastTyped {
				out = append(out, typedFact{name: name, shown: shown})
			}
		}
	}
	return out
}

// Digits that make a telephone number rather than an emergency number, a year or a time.
const leastDigits = 8

var (
	numberLike = regexp.MustCompile(`\+?[0-9]([0-9 .\x{a0}/-]*[0-9])`)
	// "18h30" and "8:00", or "de 8 h à"; not "6 heures avant l'examen", which is no opening hour.
	hourLike = regexp.MustCompile(`(?i)\b([01]?[0-9]|2[0-4]) ?[h:] ?[0-5][0-9]\b|\b(de|from) ([01]?[0-9]|2[0-4]) ?(h|heures?|[ap]\.?m\.?)? (à|to) `)
)

// retyped tells of facts that are typed into a text. What equals a fact is an error; a number or an
// hour that is like one, a warning.
func (c *checker) retyped(at string, src source) {
	for _, paragraph := range src {
		for _, p := range paragraph {
			c.retypedWords(at, p.words)
		}
	}
}

func (c *checker) retypedWords(at, words string) {
	plain := folded(words)
	for _, f := range c.typed {
		if f.shown != "" && strings.Contains(plain, f.shown) {
			c.fail(at, "write {{"+f.name+"}}", "the fact %q is typed here: it would not change with the site file", f.name)
			return
		}
	}
	for _, like := range numberLike.FindAllString(words, -1) {
		digits := onlyDigits(like)
		if len(digits) < leastDigits {
			continue
		}
		i := slices.IndexFunc(c.typed, func(f typedFact) bool { return f.digits == digits })
		if i >= 0 {
			c.fail(at, "write {{"+c.typed[i].name+"}}", "the fact %q is typed here: it would not change with the site file", c.typed[i].name)
			return
		}
		if like[0] != '0' && like[0] != '+' {
			continue // years, an account
		}
		c.warn(at, "make it a fact of the site file and name it here", "%q looks like a telephone number", like)
	}
	if like := hourLike.FindString(words); like != "" {
		c.warn(at, "make a fact of the timetable and name it here", "%q looks like an opening hour", strings.TrimSpace(like))
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// folded is a text in small letters with single spaces.
func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
