package knowledge

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Typed finds facts that somebody has typed into a text instead of naming them.
type Typed struct {
	facts []typedFact
	hours []typedHours
}

// typedFact is what must not be typed.
type typedFact struct {
	name string
	// What is looked for: the digits of a number, or words in small letters, without signs when they are spoken.
	digits, shown, spoken string
}

// What is too short is not looked for: "4", a town, or an emergency number stands where it is not meant.
const (
	leastTyped  = 12 // characters
	leastDigits = 8  // of a telephone number, rather than a year or a time
	leastShort  = 4  // of an extension, which is only like one
)

// NewTyped looks for these facts, as they are shown and spoken in the languages.
func NewTyped(facts map[string]Fact, languages []acd.Lang) *Typed {
	t := &Typed{}
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		f := facts[name]
		if digits := onlyDigits(f.Number.Shown); len(digits) >= leastShort {
			t.facts = append(t.facts, typedFact{name: name, digits: digits})
			for _, lang := range languages {
				if len(digits) >= leastDigits {
					t.facts = append(t.facts, typedFact{name: name, spoken: spelled(spokenNumber(f.Number.Shown, lang))})
				}
			}
		}
		for _, texts := range []map[acd.Lang]string{f.Text, f.Spoken} {
			for _, lang := range slices.Sorted(maps.Keys(texts)) {
				if shown := folded(texts[lang]); len(shown) >= leastTyped {
					t.facts = append(t.facts, typedFact{name: name, shown: shown})
				}
			}
		}
		if f.Hours != nil {
			t.hours = append(t.hours, hoursTyped(name, f.Hours))
		}
	}
	return t
}

// TypedFact is what was found.
type TypedFact struct {
	// Severity: what equals a fact is an error, what is like one a warning.
	Severity            diag.Severity
	Message, Suggestion *wording.Text
}

var numberLike = regexp.MustCompile(`\+?[0-9]([0-9 .\x{a0}\x{202f}/-]*[0-9])`)

// Find finds what is typed into words: at most one fact, all that is like one.
func (t *Typed) Find(words string) (out []TypedFact) {
	is := func(name string) []TypedFact {
		return []TypedFact{{diag.Error, wording.Say("the fact %q is typed here: it would not change with the site file", name), wording.Say("write {{%s}}", name)}}
	}
	like := func(suggestion *wording.Text, format wording.Sentence, args ...any) {
		out = append(out, TypedFact{diag.Warning, wording.Say(format, args...), suggestion})
	}
	plain, said := folded(words), spelled(words)
	for _, f := range t.facts {
		if f.shown != "" && strings.Contains(plain, f.shown) || f.spoken != "" && strings.Contains(said, f.spoken) {
			return is(f.name)
		}
	}
	for _, number := range numberLike.FindAllString(words, -1) {
		digits := onlyDigits(number)
		i := slices.IndexFunc(t.facts, func(f typedFact) bool { return f.digits == digits })
		switch {
		case i >= 0 && len(digits) >= leastDigits:
			return is(t.facts[i].name)
		case i >= 0:
			like(wording.Say("write {{%s}}, if that is what it is", t.facts[i].name), "%q is the number of the fact %q too", number, t.facts[i].name)
		case len(digits) >= leastDigits && (number[0] == '0' || number[0] == '+'): // not years, an account
			like(wording.Say("make it a fact of the site file and name it here"), "%q looks like a telephone number", number)
		}
	}
	if hour, fact := t.hour(words); fact != "" {
		like(wording.Say("write {{%s}}", fact), "%q are hours of the fact %q", hour, fact)
	} else if hour != "" {
		like(wording.Say("make a fact of the timetable and name it here"), "%q looks like an opening hour", hour)
	}
	return out
}

// retyped tells of facts that are typed into a text.
func (c *checker) retyped(at string, src source) {
	for _, paragraph := range src {
		for _, p := range paragraph {
			for _, f := range c.typed.Find(p.words) {
				if f.Severity == diag.Error && !c.base.site.Lenient {
					c.fail(at, f.Suggestion, "%s", f.Message)
				} else {
					c.warn(at, f.Suggestion, "%s", f.Message)
				}
			}
		}
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

// spelled is a text in small letters, its words with single spaces between and no signs: as it is heard.
func spelled(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}
