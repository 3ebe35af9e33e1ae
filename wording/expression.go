package wording

import (
	"regexp"
	"strings"
)

// Expression says what the parser of expressions (github.com/expr-lang/expr v1.17) says of a condition,
// without the words of its making.
func Expression(message string) *Text {
	if m := tokenKind.FindStringSubmatch(message); m != nil {
		return Say("unexpected %s", m[1])
	}
	for _, known := range []struct {
		has string
		say Sentence
	}{
		{"unexpected token EOF", "unexpected end"},
		{"unexpected end", "unexpected end"},
		{"too large", "the number is too large"},
		{"invalid integer literal", "the number is too large"},
		{"bad number", "this is not a number"},
		{"invalid", "this is not a number"},
		{"literal not terminated", "a quote opens here and nothing closes it"},
		{"unescape", "a quote opens here and nothing closes it"},
		{"unrecognized character", "this character has no meaning here"},
		{"cannot be mixed", "put parentheses around one of the two"},
	} {
		if strings.Contains(message, known.has) {
			return Say(known.say)
		}
	}
	return Say("this cannot be read: %s", message)
}

// tokenKind is how the parser names a word that it did not expect: with its kind.
var tokenKind = regexp.MustCompile(`unexpected token [A-Za-z]+\((.*)\)`)

// Of is an error as a text: itself where it is one.
func Of(err error) *Text {
	if t, ok := err.(*Text); ok { //nolint:errorlint // what wraps it says more
		return t
	}
	return Say(verbatim, err)
}
