package newsite

import "fmt"

// Lang is the language of who answers: fr or en. What callers hear follows Answers.Languages instead.
type Lang string

// The languages in which questions are asked and mistakes told.
const (
	French  Lang = "fr"
	English Lang = "en"
)

// Says is a sentence in both languages. As an error it reads in English; In gives the reader's own.
type Says struct{ French, English string }

// In returns the sentence in the language asked for.
func (s Says) In(l Lang) string {
	if l == French {
		return s.French
	}
	return s.English
}

// Error is the sentence in English.
func (s Says) Error() string { return s.English }

// say makes a sentence whose two forms take the same arguments, in the same order.
func say(french, english string, args ...any) Says {
	return Says{fmt.Sprintf(french, args...), fmt.Sprintf(english, args...)}
}
