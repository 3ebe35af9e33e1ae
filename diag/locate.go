package diag

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"accueil/wording"
)

// At returns the position of what the path names (see Join) and the line it stands on. Where a part
// of the path does not exist, the nearest thing around it is meant. A group or list is placed at its
// key, a single value at itself.
func (d *Doc) At(path string) (line, column int, excerpt string) {
	line, column = d.position(path)
	excerpt, _ = d.excerpt(line, column)
	return line, column, excerpt
}

// KeyAt is At for the key itself instead of its value.
func (d *Doc) KeyAt(path string) (line, column int) {
	_, line, column = d.walk(path)
	return line, column
}

// Error returns a finding at the path that forbids the use of the file.
func (d *Doc) Error(path string, suggestion *wording.Text, format wording.Sentence, args ...any) Finding {
	return d.Finding(path, Error, suggestion, wording.Say(format, args...))
}

// Warning returns a finding at the path that does not.
func (d *Doc) Warning(path string, suggestion *wording.Text, format wording.Sentence, args ...any) Finding {
	return d.Finding(path, Warning, suggestion, wording.Say(format, args...))
}

// Finding returns a finding at what the path names.
func (d *Doc) Finding(path string, s Severity, suggestion, message *wording.Text) Finding {
	line, column := d.position(path)
	return d.at(line, column, path, s, message, suggestion)
}

// KeyFinding is Finding placed at the key instead of its value.
func (d *Doc) KeyFinding(path string, s Severity, suggestion, message *wording.Text) Finding {
	line, column := d.KeyAt(path)
	return d.at(line, column, path, s, message, suggestion)
}

// Lookup returns the value that the path names, nil when there is none.
func (d *Doc) Lookup(path string) *Node {
	n := d.root
	for _, part := range split(path) {
		switch part := part.(type) {
		case string:
			n = n.Field(part)
		case int:
			if n == nil || part < 0 || part >= len(n.Items) {
				return nil
			}
			n = n.Items[part]
		}
		if n == nil {
			return nil
		}
	}
	return n
}

func (d *Doc) position(path string) (line, column int) {
	n, line, column := d.walk(path)
	if n.Kind == Scalar {
		return n.Line, n.Column
	}
	return line, column
}

func (d *Doc) walk(path string) (n *Node, line, column int) {
	n = d.root
	line, column = n.Line, n.Column
	for _, part := range split(path) {
		switch part := part.(type) {
		case string:
			found := false
			for _, f := range n.Fields {
				if f.Key == part {
					n, line, column, found = f.Value, f.Line, f.Column, true
					break
				}
			}
			if !found {
				return &Node{Kind: Null}, line, column
			}
		case int:
			if part < 0 || part >= len(n.Items) {
				return &Node{Kind: Null}, line, column
			}
			n = n.Items[part]
			line, column = n.Line, n.Column
		}
	}
	return n, line, column
}

func (d *Doc) at(line, column int, path string, s Severity, message, suggestion *wording.Text) Finding {
	excerpt, mark := d.excerpt(line, column)
	return Finding{
		File: d.file, Line: line, Column: column, Path: path, Severity: s,
		Message: message, Suggestion: suggestion, Excerpt: excerpt, Mark: mark,
	}
}

// secret matches a value that must not be shown even to the person who wrote it: findings travel to
// logs and screens. Names of files are shown.
var secret = regexp.MustCompile(`(?i)((?:password|passwd|secret|token|pin|key)"?\s*:\s*)([^\s,}#][^,}#]*)`)

// excerpt returns the line, shortened around the column, and the column of the caret in it.
func (d *Doc) excerpt(line, column int) (string, int) {
	if line < 1 || line > len(d.lines) {
		return "", 0
	}
	text := strings.ReplaceAll(d.lines[line-1], "\t", " ")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, text)
	text = secret.ReplaceAllStringFunc(text, func(m string) string {
		at := secret.FindStringSubmatchIndex(m)
		return m[:at[3]] + strings.Repeat("*", utf8.RuneCountInString(m[at[3]:]))
	})
	runes := []rune(text)
	mark := min(max(column, 1), len(runes)+1)
	if len(runes) > maxExcerpt {
		from := max(0, min(mark-1-maxExcerpt/2, len(runes)-maxExcerpt))
		runes, mark = runes[from:from+maxExcerpt], mark-from
	}
	return strings.TrimRight(string(runes), " "), mark
}
