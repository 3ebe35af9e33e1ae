package site

import (
	"errors"
	"strings"
	"unicode"

	"accueil/diag"
	"accueil/routing"
	"accueil/wording"
)

// requirement compiles a step's condition and reports whether everybody satisfies it. The finding
// points into the expression.
func (c *checker) requirement(path, source string) (unconditional bool) {
	r, err := routing.ParseRequirement(source, c.site.Skills)
	if err == nil {
		return r.Always()
	}
	var wrong *routing.RequirementError
	if !errors.As(err, &wrong) {
		c.fail(path, nil, "the requirement cannot be read: %v", err)
		return false
	}
	c.add(into(c.doc.Error(path, c.meant(wrong), "%s", wrong.Message), c.doc.Lookup(path), wrong))
	return false
}

// condition compiles what a step considers and reports whether that always holds.
func (c *checker) condition(path, source string) (always bool) {
	cond, err := routing.ParseCondition(source)
	if err == nil {
		return cond.Always()
	}
	var wrong *routing.RequirementError
	if !errors.As(err, &wrong) {
		c.fail(path, nil, "the condition cannot be read: %v", err)
		return false
	}
	var suggestion *wording.Text
	if wrong.Suggestion != "" {
		suggestion = wording.Say("did you mean %q?", wrong.Suggestion)
	}
	c.add(into(c.doc.Error(path, suggestion, "%s", wrong.Message), c.doc.Lookup(path), wrong))
	return false
}

// meant suggests a declared skill for the word that the error points at, unless it is one of the language.
func (c *checker) meant(wrong *routing.RequirementError) *wording.Text {
	if wrong.Offset < 0 || wrong.Offset >= len(wrong.Source) {
		return nil
	}
	word := wrong.Source[wrong.Offset:]
	if end := strings.IndexFunc(word, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
		word = word[:end]
	}
	if word == "" || !unicode.IsLetter([]rune(word)[0]) || contains(texts(c.site.Skills), word) || contains([]string{"and", "or", "not", "in"}, word) {
		return nil
	}
	return diag.DidYouMean(word, texts(c.site.Skills))
}

// into moves a finding from the beginning of an expression to the fault in it, where the text stands
// in the file as it was compiled: on one line, without escapes.
func into(f diag.Finding, n *diag.Node, wrong *routing.RequirementError) diag.Finding {
	shift := wrong.Column - 1
	if n != nil && n.Quoted {
		shift++
	}
	if n == nil || wrong.Line != 1 || f.Mark != f.Column || !strings.Contains(f.Excerpt, wrong.Source) || f.Mark+shift > len([]rune(f.Excerpt)) {
		return f
	}
	f.Column, f.Mark = f.Column+shift, f.Mark+shift
	return f
}
