package knowledge

import (
	"slices"
	"strings"

	"accueil/wording"
)

// Text is one text with its facts put in: paragraphs, each of parts. A channel without lines has one
// paragraph.
type Text [][]Part

// Part is a run of words, or a fact.
type Part struct {
	Text string
	// Fact names the fact that the part is; "" for words of the article.
	Fact string
	// Dial is the number that the part is, for a device.
	Dial string
	// Lines are what the part is made of where it has a line for itself: a list to show as one.
	Lines []string
}

// String is the text without any form but lines: a list has a line for each of its items.
func (t Text) String() string {
	paragraphs := make([]string, len(t))
	for i, parts := range t {
		var b strings.Builder
		for _, p := range parts {
			if p.Lines == nil {
				b.WriteString(p.Text)
				continue
			}
			for _, line := range p.Lines {
				b.WriteString("\n- " + line)
			}
			b.WriteString("\n")
		}
		paragraphs[i] = strings.TrimSpace(b.String())
	}
	return strings.Join(paragraphs, "\n\n")
}

// piece is a run of words of a text as written, or the name of a fact.
type piece struct {
	words string
	fact  string
	alone bool // the fact has a line for itself
}

// source is a text as written, in paragraphs.
type source [][]piece

// parse reads a text with facts in double braces. What is wrong with it comes back as a sentence.
func parse(text string, flows bool) (source, *wording.Text) {
	if flows {
		pieces, wrong := parseLine(strings.Join(strings.Fields(text), " "))
		return source{pieces}, wrong
	}
	var out source
	var paragraph []piece
	end := func() {
		if len(paragraph) > 0 {
			out, paragraph = append(out, paragraph), nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" {
			end()
			continue
		}
		pieces, wrong := parseLine(line)
		if wrong != nil {
			return nil, wrong
		}
		alone := len(pieces) == 1 && pieces[0].fact != ""
		if alone {
			pieces[0].alone = true
		} else if last := len(paragraph) - 1; last >= 0 && !paragraph[last].alone {
			paragraph = append(paragraph, piece{words: " "}) // a line goes on
		}
		paragraph = append(paragraph, pieces...)
	}
	end()
	return out, nil
}

func parseLine(line string) (pieces []piece, wrong *wording.Text) {
	for line != "" {
		words, rest, found := strings.Cut(line, "{{")
		if strings.Contains(words, "}}") {
			return nil, wording.Say("}} stands without {{ before it")
		}
		if words != "" {
			pieces = append(pieces, piece{words: words})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}}")
		name = strings.TrimSpace(name)
		switch {
		case !closed:
			return nil, wording.Say("{{ is not closed with }}")
		case !factName.MatchString(name):
			return nil, wording.Say("{{%s}} is no name of a fact", name)
		}
		pieces = append(pieces, piece{fact: name})
		line = after
	}
	return pieces, nil
}

// facts lists the names in a text, each once, in the order of their first appearance.
func (s source) facts() (names []string) {
	for _, paragraph := range s {
		for _, p := range paragraph {
			if p.fact != "" && !slices.Contains(names, p.fact) {
				names = append(names, p.fact)
			}
		}
	}
	return names
}
