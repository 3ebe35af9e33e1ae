package wording

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Sentence is an English sentence as a format of package fmt, without a full stop: the key of its forms
// in other languages. It is a constant wherever it is written, so that a test finds every one.
type Sentence string

// Teller tells itself in a language. An error that is one is told so as an argument.
type Teller interface{ In(l *Language) string }

// Text is a sentence with its arguments. A nil Text says nothing. As an error it is in English.
type Text struct {
	sentence Sentence
	args     []any
}

// Say returns the text of a sentence with its arguments; nil for the empty sentence.
func Say(s Sentence, args ...any) *Text {
	if s == "" {
		return nil
	}
	return &Text{s, args}
}

// Verbatim returns a text that is the same in every language: an example, a name, code. Empty for
// nothing.
func Verbatim(text string) *Text {
	if text == "" {
		return nil
	}
	return &Text{verbatim, []any{text}}
}

const verbatim Sentence = "%s"

// In tells the text.
func (t *Text) In(l *Language) string {
	if t == nil {
		return ""
	}
	form, args := l.form(t.sentence), make([]any, len(t.args))
	for i, a := range t.args {
		args[i] = l.argument(a)
	}
	return fmt.Sprintf(form, args...)
}

// String tells the text in English.
func (t *Text) String() string { return t.In(nil) }

// Error makes a text an error.
func (t *Text) Error() string { return t.In(nil) }

// Unwrap gives the errors among the arguments to errors.Is and errors.As.
func (t *Text) Unwrap() (errs []error) {
	if t == nil {
		return nil
	}
	for _, a := range t.args {
		if err, ok := a.(error); ok {
			errs = append(errs, err)
		}
	}
	return errs
}

// Key is the sentence without its arguments, the same in every language: what a program goes by. Of a
// text that only passes on another one it is that of the other.
func (t *Text) Key() string {
	if t == nil {
		return ""
	}
	if t.sentence != verbatim {
		return string(t.sentence)
	}
	switch a := t.args[0].(type) {
	case *Text:
		return a.Key()
	case Sentence:
		return string(a)
	}
	return string(verbatim)
}

// List is words told as one: "a, b and c". As in file, they are not translated.
type List []string

// In tells the list.
func (s List) In(l *Language) string {
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	last := len(s) - 1
	return strings.Join(s[:last], ", ") + l.and() + s[last]
}

// Way is texts told one after the other, separated by commas.
type Way []*Text

// In tells the way.
func (w Way) In(l *Language) string {
	told := make([]string, len(w))
	for i, t := range w {
		told[i] = t.In(l)
	}
	return strings.Join(told, ", ")
}

// Tell tells an error in a language: of one that can tell itself, or that wraps such errors and adds
// nothing but a code, the reader's own; else as it is.
func Tell(err error, l *Language) string {
	if t := teller(err); t != nil {
		return t.In(l)
	}
	return err.Error()
}

// teller is the error in the chain that can tell itself. Errors joined by errors.Join are told together.
func teller(err error) Teller {
	if t, ok := err.(Teller); ok {
		return t
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		if each := all.Unwrap(); slices.ContainsFunc(each, func(e error) bool { return teller(e) != nil }) {
			return joined(each)
		}
		return nil
	}
	if under := errors.Unwrap(err); under != nil && under.Error() == err.Error() {
		return teller(under)
	}
	if t := reason(err); t != nil {
		return t
	}
	return nil
}

// joined is several errors, one a line.
type joined []error

func (j joined) In(l *Language) string {
	told := make([]string, len(j))
	for i, err := range j {
		told[i] = Tell(err, l)
	}
	return strings.Join(told, "\n")
}
