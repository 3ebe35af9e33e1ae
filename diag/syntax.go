package diag

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"accueil/wording"
)

// syntaxText says what the parser of YAML says, for who does not know how it reads: its own words are
// about tokens. What no sentence is known for is told as it stands.
func syntaxText(message string) (text, suggestion *wording.Text) {
	for _, known := range syntaxSentences {
		for _, has := range known.has {
			if strings.Contains(message, has) {
				return wording.Say(known.message), wording.Say(known.suggestion)
			}
		}
	}
	return wording.Say("this line cannot be understood: %s", message), wording.Say("compare its spaces, colons and quotes with the lines around it")
}

// syntaxSentences are by what the messages of github.com/goccy/go-yaml v1.19.2 contain; the first counts.
var syntaxSentences = []struct {
	has                 []string
	message, suggestion wording.Sentence
}{
	{[]string{"end character of double-quoted", "end character of single-quoted"},
		"a quote opens here and nothing closes it", "close the quote at the end of the text"},
	{[]string{"tab character", `found character '	'`},
		"a tab stands where only spaces are allowed", "indent with spaces"},
	{[]string{"unknown escape character", "escaped UTF", "surrogate"},
		"after \\ this character means nothing in a text between double quotes", "write \\\\ for the character \\ itself, or use single quotes"},
	{[]string{"']' must be", "sequence end token ']'", "corresponding to ']'", "sequence element"},
		"the square brackets do not close, or a comma lacks", "write [a, b, c]"},
	{[]string{"'}' must be", "flow map", "corresponding to '}'"},
		"the braces do not close, or a comma lacks", "write {key: value, key: value}"},
	{[]string{"map key-value delimiter", "non-map value", "implicit line break", "unexpected key name", "could not find map", "invalid key"},
		"a key and a colon are expected here", "write key: value, with a space after the colon; put a text with a colon between quotes"},
	{[]string{"not allowed in this context", "pre-defined", "sequence entries"},
		"this does not belong here: the spaces before it, or a colon in a text, make it part of something else",
		"align it with the lines of its group; put a text with a colon between quotes"},
	{[]string{"unexpected scalar", "unexpected map key", "unexpected end content", "number of indent"},
		"the line is not aligned with the others of its group", "give all lines of a group the same number of spaces before them"},
	{[]string{"reserved character", "cannot start any token"},
		"a text cannot begin with this character", "put the text between quotes"},
	{[]string{"value for mapping key", "map value", "multi-line content"},
		"nothing follows the colon", "write the value after it"},
	{[]string{"document separator", "directive", "YAML version"},
		"this form of YAML is not used in this file", "remove the line"},
	{[]string{"anchor", "alias", "tag", "merge key", "header option"},
		"&, *, ! and | have a meaning of their own here, and this one is not complete", "put the text between quotes"},
}

// slip finds the two slips that parsers notice too late, or call by other names, at the line of their complaint and
// the one before: a quote that nothing closes, and a colon in a text without quotes.
func (d *Doc) slip(line int) (Finding, bool) {
	for n := line - 1; n <= line; n++ {
		if n < 1 || n > len(d.lines) {
			continue
		}
		text := d.lines[n-1]
		if quote := strings.Index(text, ": \""); quote >= 0 && strings.Count(escaped.ReplaceAllString(text, ""), "\"")%2 == 1 {
			return d.at(n, utf8.RuneCountInString(text[:quote])+3, "", Error,
				wording.Say("a quote opens here and nothing closes it"), wording.Say("close the quote at the end of the text")), true
		}
	}
	if line > len(d.lines) || line < 1 {
		return Finding{}, false
	}
	if m := bareColon.FindStringSubmatchIndex(d.lines[line-1]); m != nil {
		return d.at(line, utf8.RuneCountInString(d.lines[line-1][:m[2]])+1, "", Error,
			wording.Say("a colon stands in a text without quotes"), wording.Say("put the text between quotes")), true
	}
	return Finding{}, false
}

var (
	escaped = regexp.MustCompile(`\\.`)
	// bareColon is a colon and a space in what follows a key, where that is no quoted text, list or group.
	bareColon = regexp.MustCompile(`^[ -]*[\w.-]+: +([^ "'\[{|>&*!#][^"'\[{#]*?: )`)
)
