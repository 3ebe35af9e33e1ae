package wording

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// Forms are sentences in another language. A form may say its arguments in another order, with
// explicit indexes (%[2]q); it writes "%s" in straight quotes for a %q that is to be typed as it stands.
type Forms map[Sentence]string

// Language is how sentences are told. A nil Language is English.
type Language struct {
	forms map[Sentence]string
	also  string // between the last two of a list
}

// French tells sentences in French, with the forms of all tables: quotes are guillemets, and no line
// breaks before high punctuation. A sentence that no table has stays English.
func French(tables ...Forms) *Language {
	l := &Language{forms: map[Sentence]string{}, also: " et "}
	for _, table := range tables {
		for s, form := range table {
			l.forms[s] = unbreakable(form)
		}
	}
	return l
}

// noBreak is the space before high punctuation and inside guillemets.
const noBreak = "\u00a0"

var spaced = strings.NewReplacer(" :", noBreak+":", " ;", noBreak+";", " !", noBreak+"!", " ?", noBreak+"?", "« ", "«"+noBreak, " »", noBreak+"»")

// unbreakable puts unbreakable spaces where French typography asks for them. The != of conditions is
// none of its punctuation.
func unbreakable(form string) string {
	return strings.ReplaceAll(spaced.Replace(form), noBreak+"!=", " !=")
}

// Has reports whether the language has a form of the sentence.
func (l *Language) Has(s Sentence) bool { return l == nil || l.forms[s] != "" }

func (l *Language) form(s Sentence) string {
	if l != nil {
		if form, ok := l.forms[s]; ok {
			return form
		}
	}
	return string(s)
}

func (l *Language) and() string {
	if l == nil {
		return " and "
	}
	return l.also
}

// argument prepares one for its verb.
func (l *Language) argument(a any) any {
	switch a := a.(type) {
	case Sentence:
		return l.form(a)
	case *Text:
		return a.In(l)
	case Teller:
		return a.In(l)
	case error:
		return Tell(a, l)
	case time.Duration:
		return span(a)
	}
	if l != nil {
		return guillemets{a}
	}
	return a
}

// zeroes are the parts of a printed duration that say nothing.
var zeroes = regexp.MustCompile(`([hm])(?:0m)?0s$`)

// span is a length of time as files write it: 2m, not 2m0s.
func span(d time.Duration) string { return zeroes.ReplaceAllString(d.String(), "$1") }

// guillemets is a value that %q puts between them.
type guillemets struct{ value any }

// Format prints the value as fmt does, but for its quotes.
func (g guillemets) Format(s fmt.State, verb rune) {
	text := fmt.Sprintf(fmt.FormatString(s, verb), g.value)
	if verb == 'q' && !s.Flag('#') && len(text) > 1 {
		text = "«" + noBreak + strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`) + noBreak + "»"
	}
	_, _ = io.WriteString(s, text)
}
